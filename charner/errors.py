"""Mistakes of the user, told in one line instead of a traceback."""

import sys
from collections.abc import Callable


class InputError(Exception):
    """Something the user gave is wrong; the message says where, what, and what is allowed."""


def run_stage(main: Callable[[], None]) -> None:
    """Runs a stage; turns wrong input, missing files and Ctrl-C into a line and a non-zero exit."""
    try:
        main()
    except (InputError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted")
