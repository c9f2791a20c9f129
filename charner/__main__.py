"""The command line: `charner tag`, `tag-all`, `evaluate`, `report` and `offline-plots`."""

import sys
from argparse import ArgumentParser

from charner.commands import evaluate, offline_plots, report, tag, tag_all
from charner.support.errors import EXPECTED, described, one_line
from charner.support.process import (
    end_at_once_on_ctrl_c,
    give_up_output,
    open_closed_streams,
    write_any_character,
)


def run() -> int:
    """Runs the command line and returns the exit code."""
    end_at_once_on_ctrl_c()
    is_closed = sys.stdout is None
    open_closed_streams()
    if is_closed:
        print("error: standard output is closed", file=sys.stderr)
        return 1
    write_any_character()
    parser = ArgumentParser("charner")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (tag, tag_all, evaluate, report, offline_plots):
        module.add_parser(commands)
    arguments = parser.parse_args()
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()  # raises here if something cannot be written
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


if __name__ == "__main__":
    sys.exit(run())
