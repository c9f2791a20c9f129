"""The command line: `charner tag`, `charner report`."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from charner.support.errors import InputError


def run() -> int:
    """Runs the command line and returns the exit code."""
    arguments = _parse()
    try:
        return arguments.command(arguments)
    except BrokenPipeError:  # the reader, as `| head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141  # as if ended by the signal
    except (InputError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # as if ended by the signal


# What the commands need is imported late, so that --help and mistakes are answered at once.


def _tag(arguments: Namespace) -> int:
    from charner.tagging import command

    return command.tag_files(arguments)


def _report(arguments: Namespace) -> int:
    from charner.evaluation.report import summary_of_folder

    print(summary_of_folder(Path(arguments.metrics)))
    return 0


def _parse() -> Namespace:
    """The arguments of the command line; ends the program if they are wrong."""
    parser = ArgumentParser("charner")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    tag = commands.add_parser(
        "tag",
        help="find named entities in text",
        description="Finds named entities in files, or in standard input if none are named.",
        epilog="Exit codes: 0, or 3 if something was skipped; 1 for bad input, 2 for wrong usage.",
    )
    tag.add_argument("files", nargs="*", metavar="FILE", help="what to tag; -: standard input")
    tag.add_argument(
        "--from",
        dest="source",
        choices=["lines", "text", "conll", "jsonl"],
        default="lines",
        help="lines (the default): every line is a document; text: every file is; conll: a token"
        " a line, in the first column; jsonl: a JSON object a line",
    )
    tag.add_argument("--text-field", default="text", metavar="NAME", help="of jsonl's objects")
    tag.add_argument(
        "--to",
        choices=["jsonl", "conll", "ansi", "html"],
        help="ansi, colours, is the default on a terminal, elsewhere jsonl",
    )
    tag.add_argument(
        "--min-score",
        type=_share,
        default=0.0,
        metavar="SCORE",
        help="leave out entities that are less probable; from 0 to 1",
    )
    tag.add_argument(
        "--skip-bad", action="store_true", help="skip what cannot be read instead of stopping"
    )
    tag.add_argument("--model", default="models", metavar="FOLDER", help="default: models")
    tag.set_defaults(command=_tag)

    report = commands.add_parser(
        "report",
        help="print the scores of the last run in short",
        description="Prints the main scores of valid and test that the evaluate stage wrote.",
    )
    report.add_argument("--metrics", default="metrics", metavar="FOLDER", help="default: metrics")
    report.set_defaults(command=_report)
    return parser.parse_args()


def _share(text: str) -> float:
    """A number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"found {text!r}; should be a number from 0 to 1")
    return value


if __name__ == "__main__":
    sys.exit(run())
