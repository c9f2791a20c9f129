"""The lines of a file of text."""

from collections.abc import Iterator
from pathlib import Path

from charner.support.errors import InputError


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yields the lines with their numbers, without byte-order marks and line ends.

    Raises:
        InputError: the file cannot be read or is not UTF-8.
    """
    try:
        with open(path, "rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    # Joined files have a byte-order mark where the second begins.
                    yield number, line.rstrip(b"\r\n").decode("utf-8-sig")
                except UnicodeDecodeError as error:
                    byte = error.object[error.start]
                    raise InputError(f"{path}:{number}: byte 0x{byte:02x} is not UTF-8") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
