"""Errors that are reported to the user in one line, without a traceback."""

import sys
from collections.abc import Callable

from charner.support.interrupts import raise_on_ctrl_c

LONGEST_LINE = 1000  # characters of a message; what it quotes may be of any length


class InputError(Exception):
    """An input of the user is wrong; the message says where, what, and what is allowed."""

    def __init__(self, message: str):
        """Shortens long lines of the message in the middle."""
        super().__init__("\n".join(map(_shortened, message.split("\n"))))


def _shortened(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line
    return f"{line[: LONGEST_LINE // 2]} … {line[-LONGEST_LINE // 2 :]}"


class DivergedError(Exception):
    """Training diverged: the loss became NaN or infinite."""


class WorkerLostError(Exception):
    """Another worker of the same training does not answer any more."""


def run_stage(main: Callable[[], None]) -> None:
    """Runs a stage; an error that the user can fix ends it with one line and exit code 1."""
    raise_on_ctrl_c()
    try:
        main()
    except (InputError, DivergedError, WorkerLostError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted")
