"""Mistakes of the user, told in one line instead of a traceback."""

import sys
from collections.abc import Callable


class InputError(Exception):
    """Something given to the program is wrong; the message says where, what, and what is allowed."""


def run_stage(main: Callable[[], None]) -> None:
    """Runs a stage; an `InputError` or Ctrl-C becomes one line on stderr and a non-zero exit code."""
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted: nothing was written")
