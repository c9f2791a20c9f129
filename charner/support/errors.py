"""Errors that are reported to the user in one line, without a traceback."""

import io
import sys
from collections.abc import Callable

from charner.support.interrupts import raise_on_ctrl_c
from charner.support.streams import give_up_output

LONGEST_LINE = 1000  # characters of a message; what it quotes may be of any length


class InputError(Exception):
    """An input of the user is wrong; each message says where, what, and what is allowed."""

    def __init__(self, *messages: str):
        """Makes a line of each message; see `one_line`."""
        super().__init__(*map(one_line, messages))

    def __str__(self) -> str:
        return "; ".join(self.args)


def one_line(message: str) -> str:
    """A message in one line, shortened in the middle if it is long.

    It may quote any content: line breaks become spaces, and other characters that do not print,
    such as those that send commands to a terminal, become U+FFFD.
    """
    if len(message) > LONGEST_LINE:
        message = f"{message[: LONGEST_LINE // 2]} … {message[-LONGEST_LINE // 2 :]}"
    if message.isprintable():
        return message
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in message)


class DivergedError(Exception):
    """Training diverged: the loss became NaN or infinite."""


class WorkerLostError(Exception):
    """Another worker of the same training does not answer any more."""


EXPECTED = (InputError, DivergedError, WorkerLostError, OSError, MemoryError)
"""What may end a program without a bug in it."""


def described(error: BaseException) -> str:
    """An expected error as a message to the user."""
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, InputError):
        return "\nerror: ".join(error.args)
    return one_line(str(error))


def write_any_character() -> None:
    """From now on, what the encoding of the terminal lacks is written as an escape."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def run_stage(main: Callable[[], None]) -> None:
    """Runs a stage; an error that the user can fix ends it with one line and exit code 1."""
    write_any_character()
    raise_on_ctrl_c()
    try:
        main()
        sys.stdout.flush()
    except EXPECTED as error:
        give_up_output()
        sys.exit(f"error: {described(error)}")
    except KeyboardInterrupt:
        sys.exit("interrupted")
