"""Reads text files of word vectors: those of GloVe, of word2vec, and of fastText (`.vec`)."""

import gzip
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from charner.encoding.word_vectors import WordVectors
from charner.support import counted
from charner.support.errors import InputError, one_line

FIRST_WORDS = 100_000  # the files are sorted by frequency
LONGEST_LINE = 1_000_000  # bytes; a longer one is not text
LONGEST_COUNT = 10  # digits; more words or values than that are none
_GZIP = b"\x1f\x8b"
_NOT_TEXT = {
    b"PK\x03\x04": "a zip file: unpack it",
    b"BZh": "compressed by bzip2: unpack it",
    b"\xfd7zXZ": "compressed by xz: unpack it",
    b"\xba\x16\x4f\x2f": "a model of fastText: take the file .vec of the same vectors",
}

Line = tuple[int, bytes]  # its number, from 1, and its content


def read_vectors(
    path: Path, is_wanted: Callable[[str], bool], normalise: Callable[[str], str]
) -> WordVectors:
    """Reads the first FIRST_WORDS words of a file, and all others that are wanted.

    A line holds a word and its values, with spaces between them. The first line may hold the
    numbers of words and values instead. The file is read line by line, so it may be of any size.
    Repeated words are reported; the first of each counts.

    Args:
        path: text in UTF-8, also compressed by gzip.
        is_wanted: whether to keep a word, wherever in the file it is.
        normalise: returns the form of a word in which it is looked up.

    Raises:
        InputError: the file is missing, not whole, or no text of word vectors.
    """
    lines = _lines(path)
    first = next(lines, (1, b""))
    fields = first[1].split(b" ")
    has_header = len(fields) == 2 and all(f.isdigit() and len(f) < LONGEST_COUNT for f in fields)
    dimensions = int(fields[1]) if has_header else len(fields) - 1
    if dimensions < 1:
        raise InputError(f"{path}:1: found {first[1]!r}; should be a word and its values")
    words: dict[str, np.ndarray] = {}
    repeated = count = 0
    for number, line in lines if has_header else chain([first], lines):
        count += 1
        word, values = _split(f"{path}:{number}", line, dimensions)
        word = normalise(word)
        if word in words:
            repeated += 1
        elif word and (count <= FIRST_WORDS or is_wanted(word)):
            words[word] = _numbers(f"{path}:{number}", values)
    if has_header and count != int(fields[0]):
        raise InputError(
            f"{path}: found {counted(count, 'word')}; its first line says {int(fields[0]):,}"
        )
    if not words:
        raise InputError(f"{path}: has no words")
    if repeated:
        print(one_line(f"{path}: {counted(repeated, 'word')} repeated; the first of each counts"))
    return WordVectors.packed(
        one_line(path.name), "that of the file", [*words], np.array([*words.values()])
    )


def _lines(path: Path) -> Iterator[Line]:
    """Yields the lines, without spaces and line ends after them; empty last lines are left out.

    Raises:
        InputError: the file cannot be read, or is not text.
    """
    try:
        with path.open("rb") as plain:
            beginning = plain.read(8)
            plain.seek(0)
            for bytes_, kind in _NOT_TEXT.items():
                if beginning.startswith(bytes_):
                    raise InputError(f"{path}: is {kind}")
            file = gzip.GzipFile(fileobj=plain) if beginning.startswith(_GZIP) else plain
            empty = 0
            for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), b""), start=1):
                if len(line) == LONGEST_LINE or b"\0" in line:
                    raise InputError(f"{path}:{number}: is not text")
                line = line.removeprefix(BOM_UTF8 if number == 1 else b"").rstrip(b" \r\n")
                if not line:
                    empty = empty or number
                elif empty:
                    raise InputError(f"{path}:{empty}: is empty; should be a word and its values")
                else:
                    yield number, line
    except EOFError:
        raise InputError(f"{path}: is cut short") from None
    except (OSError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise InputError(f"{path}: {reason or 'is damaged'}") from None


def _split(location: str, line: bytes, dimensions: int) -> tuple[str, list[bytes]]:
    """The word and the values of a line.

    Raises:
        InputError: the word is not UTF-8, or there are too few or too many values.
    """
    # From the right: a few words of GloVe's largest file hold spaces.
    first, *values = line.rsplit(b" ", dimensions)
    _, space, last = first.rpartition(b" ")
    if len(values) < dimensions or (space and _is_number(last)):
        found = line.count(b" ")
        raise InputError(f"{location}: found {counted(found, 'value')}; should be {dimensions}")
    try:
        return first.decode(), values
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise InputError(f"{location}: byte 0x{byte:02x} is not UTF-8") from None


def _is_number(text: bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _numbers(location: str, values: list[bytes]) -> np.ndarray:
    """The values as numbers, 32-bit floats.

    Raises:
        InputError: one is no number, or not finite.
    """
    try:
        with np.errstate(over="ignore"):
            numbers = np.array([*map(float, values)], np.float32)
    except ValueError as error:
        raise InputError(f"{location}: {error}") from None
    if not np.isfinite(numbers).all():
        raise InputError(f"{location}: found a value that is not finite; should be numbers")
    return numbers
