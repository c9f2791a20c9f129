"""Errors that are reported to the user in one line, without a traceback."""

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
    such as ESC, become U+FFFD.
    """
    if len(message) > LONGEST_LINE:
        message = f"{message[: LONGEST_LINE // 2]} … {message[-LONGEST_LINE // 2 :]}"
    if message.isprintable():
        return message
    return "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in message)


class DivergedError(Exception):
    """Training diverged: the loss became NaN or infinite."""


EXPECTED = (InputError, DivergedError, OSError, MemoryError)
"""What may end a program without a bug in it."""


def described(error: BaseException) -> str:
    """An expected error as a message to the user."""
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, InputError):
        return "\nerror: ".join(error.args)
    return one_line(str(error))
