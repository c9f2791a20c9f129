"""The command line: `charner tag`, `tag-all`, `evaluate`, `report` and `offline-plots`."""

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from importlib.util import find_spec

from charner.support.errors import EXPECTED, InputError, described, one_line
from charner.support.process import (
    end_at_once_on_ctrl_c,
    give_up_output,
    open_closed_streams,
    raise_on_ctrl_c,
    write_any_character,
)

Command = Callable[[Namespace], int]


def run() -> int:
    """Runs the command line and returns the exit code."""
    end_at_once_on_ctrl_c()
    is_closed = sys.stdout is None
    open_closed_streams()
    if is_closed:
        print("error: standard output is closed", file=sys.stderr)
        return 1
    write_any_character()
    arguments = _parse()
    try:
        command: Command = arguments.load()
        raise_on_ctrl_c()
        code = command(arguments)
        sys.stdout.flush()  # what goes wrong in it is told here
        return code
    except BrokenPipeError:  # the reader, such as `| head`, has closed the pipe
        give_up_output()
        return 141  # as if ended by SIGPIPE
    except EXPECTED as error:
        give_up_output()
        print(f"error: {described(error)}", file=sys.stderr)
        return 1
    except ImportError as error:  # of a library, where memory or files are limited
        print(f"error: {one_line(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # as if ended by SIGINT


# The commands are imported late, so that --help and wrong usage are answered fast.


def _tag() -> Command:
    # For the same bytes on any number of cores. `tag` starts a process for each core instead.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from charner.commands.tag import tag_files

    return tag_files


def _tag_all() -> Command:
    if missing := [name for name in ("distributed", "fsspec", "pyarrow") if not find_spec(name)]:
        raise InputError(
            f"tag-all needs {', '.join(missing)}; "
            "to install, in the project's folder: pip install -e '.[bulk]'"
        )
    from charner.commands.tag_all import tag_all

    return tag_all


def _evaluate() -> Command:
    from charner.commands.evaluate import evaluate_files

    return evaluate_files


def _report() -> Command:
    from charner.commands.report import report

    return report


def _offline_plots() -> Command:
    from charner.commands.offline_plots import make_plots_page

    return make_plots_page


def _parse() -> Namespace:
    """Parses the command line; ends the program if it is wrong."""
    parser = ArgumentParser("charner")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    tag = commands.add_parser(
        "tag",
        help="find named entities in text",
        description="Finds named entities in files, or in standard input if no file is given.",
        epilog="Exit codes: 0: all input was tagged; 1: bad input, or no model; 2: wrong usage;"
        " 3: some input was skipped (--skip-bad).",
    )
    tag.add_argument("files", nargs="*", metavar="FILE", help="files to tag; -: standard input")
    tag.add_argument(
        "--from",
        dest="source",
        choices=["lines", "text", "conll", "jsonl"],
        default="lines",
        help="input format; lines (the default): each line is a document; text: each file is a"
        " document; conll: one token on each line, in the first column; jsonl: one JSON object on"
        " each line",
    )
    tag.add_argument(
        "--text-field",
        default="text",
        metavar="NAME",
        help="with --from jsonl: the field that holds the text; default: text",
    )
    tag.add_argument(
        "--to",
        choices=["jsonl", "doccano", "prodigy", "conll", "ansi", "html"],
        help="output format; doccano and prodigy: JSON lines for these annotation tools; default:"
        " ansi (colours) on a terminal, otherwise jsonl",
    )
    tag.add_argument(
        "--skip-bad", action="store_true", help="skip unreadable input instead of stopping"
    )
    _add_tagger(tag)
    tag.set_defaults(load=_tag)

    tag_all = commands.add_parser(
        "tag-all",
        help="tag large files in parts, on all cores or on a Dask cluster",
        description="Finds named entities in the rows of JSON lines or Parquet, and writes them"
        " with their rows, a part of the output for each part of the input. The same command again"
        " resumes where it was stopped.",
        epilog="Exit codes: 0: all rows were tagged; 1: bad input, no model, or no cluster; 2:"
        " wrong usage; 3: some rows were skipped (--skip-bad).",
    )
    tag_all.add_argument(
        "inputs",
        nargs="+",
        metavar="INPUT",
        help="files (.jsonl, .jsonl.gz, .parquet), globs or folders, on disk or as a URL"
        " (s3://bucket/folder)",
    )
    tag_all.add_argument(
        "--output", required=True, metavar="FOLDER", help="a new folder, on disk or as a URL"
    )
    tag_all.add_argument(
        "--text-field",
        default="text",
        metavar="NAME",
        help="the field or column that holds the text; default: text",
    )
    tag_all.add_argument(
        "--skip-bad",
        action="store_true",
        help="skip rows that cannot be read, and list them in _rejects, instead of stopping",
    )
    where = tag_all.add_mutually_exclusive_group()
    where.add_argument(
        "--workers", type=_count, metavar="NUMBER", help="processes; default: one for each core"
    )
    where.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="a Dask scheduler, such as tcp://host:8786; default: this machine",
    )
    tag_all.add_argument(
        "--part-size",
        type=_size,
        default=8.0,
        metavar="MEGABYTES",
        help="large files are cut in parts of about this size; default: 8",
    )
    _add_tagger(tag_all)
    tag_all.set_defaults(load=_tag_all)

    evaluate = commands.add_parser(
        "evaluate",
        help="score the model on annotated files",
        description="Prints precision, recall and F1 of each entity type, and what is confused with"
        " what. The files may be in any format that the pipeline reads.",
    )
    evaluate.add_argument("files", nargs="+", metavar="FILE", help="annotated files")
    evaluate.add_argument(
        "--token-column",
        type=int,
        default=0,
        metavar="NUMBER",
        help="for CoNLL columns, counted from 0, or from the right if negative; default: 0",
    )
    evaluate.add_argument(
        "--tag-column", type=int, default=-1, metavar="NUMBER", help="likewise; default: -1"
    )
    evaluate.add_argument(
        "--comment-prefix", metavar="TEXT", help="for CoNLL columns: lines with it are skipped"
    )
    evaluate.add_argument(
        "--page",
        metavar="FILE",
        help="also write a page in HTML with the sentences behind each confusion",
    )
    evaluate.add_argument("--model", default="models", metavar="FOLDER", help="default: models")
    evaluate.set_defaults(load=_evaluate)

    report = commands.add_parser(
        "report",
        help="print the main scores of the last run",
        description="Prints the main scores of valid and test that the evaluate stage wrote, and"
        " beside them those of a revision.",
    )
    report.add_argument(
        "revision",
        nargs="?",
        metavar="REVISION",
        help="a commit, branch or tag of git, or the name of an experiment of DVC",
    )
    report.add_argument("--metrics", default="metrics", metavar="FOLDER", help="default: metrics")
    report.set_defaults(load=_report)

    offline_plots = commands.add_parser(
        "offline-plots",
        help="make the pages of `dvc plots` work without network access",
        description="Makes `dvc plots show` and `dvc plots diff` write pages with all that they"
        " need in them. Run it once in each clone; `make` does it when it installs the"
        " requirements.",
    )
    offline_plots.set_defaults(load=_offline_plots)
    return parser.parse_args()


def _add_tagger(command: ArgumentParser) -> None:
    """Adds the options that decide which entities are found."""
    command.add_argument(
        "--min-score",
        type=_fraction,
        default=0.0,
        metavar="SCORE",
        help="leave out entities with a lower score, from 0 to 1; default: 0",
    )
    command.add_argument("--model", default="models", metavar="FOLDER", help="default: models")


def _fraction(text: str) -> float:
    """Parses a number from 0 to 1."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise ArgumentTypeError(f"found {text!r}; should be a number from 0 to 1")
    return value


def _count(text: str) -> int:
    """Parses a whole number above 0."""
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"found {text!r}; should be a whole number above 0")
    return int(text)


def _size(text: str) -> float:
    """Parses a number of megabytes, at least a byte."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1e-6 <= value < float("inf"):
        raise ArgumentTypeError(f"found {text!r}; should be a number above 0")
    return value


if __name__ == "__main__":
    sys.exit(run())
