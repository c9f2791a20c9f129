"""Mistakes of the user, told in one line instead of a traceback."""

import sys
from collections.abc import Callable


class InputError(Exception):
    """Something the user gave is wrong; the message says where, what, and what is allowed."""


class DivergedError(Exception):
    """Training diverged: the loss became NaN or infinite."""


def run_stage(main: Callable[[], None]) -> None:
    """Runs a stage; what its user can mend ends it with one line and a non-zero exit code."""
    try:
        main()
    except (InputError, DivergedError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted")
