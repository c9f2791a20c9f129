"""The lines of a file of text."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from charner.support.errors import InputError


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yields the lines with their numbers, without byte-order marks and line ends.

    In a file without LF, lines end with CR, as on old Macs.

    Raises:
        InputError: the file cannot be read or is not UTF-8.
    """
    try:
        with open(path, "rb") as file:
            first = file.readline()
            beginning = [first] if first.endswith(b"\n") else first.rstrip(b"\r").split(b"\r")
            for number, line in enumerate(chain(beginning, file), start=1):
                try:
                    # Joined files have a byte-order mark where the second begins.
                    yield number, line.rstrip(b"\r\n").decode("utf-8").lstrip("\ufeff")
                except UnicodeDecodeError as error:
                    raise not_utf8(f"{path}:{number}", error) from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def not_utf8(location: str, error: UnicodeDecodeError, advice: str = "") -> InputError:
    """The error for the user: which byte of what `location` names is not UTF-8."""
    return InputError(f"{location}: byte 0x{error.object[error.start]:02x} is not UTF-8{advice}")
