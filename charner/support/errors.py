"""Errors that are reported to the user in one line, without a traceback."""

import sys
from collections.abc import Callable


class InputError(Exception):
    """An input of the user is wrong; the message says where, what, and what is allowed."""


class DivergedError(Exception):
    """Training diverged: the loss became NaN or infinite."""


def run_stage(main: Callable[[], None]) -> None:
    """Runs a stage; an error that the user can fix ends it with one line and exit code 1."""
    try:
        main()
    except (InputError, DivergedError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted")
