"""Mistakes of the user, told in one line instead of a traceback."""

import sys
from collections.abc import Callable


class InputError(Exception):
    """Something the user gave is wrong; the message says where, what, and what is allowed."""


def run_stage(main: Callable[[], None]) -> None:
    """Runs a stage; turns an `InputError` or Ctrl-C into a line on stderr and a non-zero exit."""
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted: nothing was written")
