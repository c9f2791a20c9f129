"""Reads the documents to be tagged, from files and streams of any length."""

import string
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from typing import NamedTuple

from charner.corpus.formats.column_layout import (
    DOCUMENT_START,
    at_spaces_and_tabs,
    at_tabs,
    is_document_start,
    splitter,
)
from charner.corpus.formats.columns import OLD_LINE_BREAK
from charner.corpus.strict_json import json_object
from charner.corpus.tokens import BYTE_ORDER_MARK

LARGEST = 10_000_000  # bytes of a document; limits the memory
READ_AT_ONCE = 65_536  # bytes


@dataclass(frozen=True, slots=True)
class TextDocument:
    """A text; `record` is the JSON object that contains it in its `text_field`, or None.

    `size` is in bytes; `location` is the file and line, for messages.
    """

    text: str
    size: int
    location: str = ""
    title: str = ""
    record: dict | None = None
    text_field: str = "text"


@dataclass(frozen=True, slots=True)
class TokenDocument:
    """The sentences of a document in CoNLL columns as tokens, and its lines without line ends.

    `separator` is what separates its columns: a tab, or " " for spaces and tabs.
    """

    sentences: list[list[str]]
    lines: list[str]
    size: int
    location: str = ""
    separator: str = " "
    title: str = ""
    record: None = None


@dataclass(frozen=True, slots=True)
class BadDocument:
    """Input that could not be read; the message says where and why. `size` is in bytes."""

    message: str
    size: int


Document = TextDocument | TokenDocument | BadDocument

# Takes a file and its name for messages; yields None while no more input has arrived.
Reader = Callable[[BufferedIOBase, str], Iterator[Document | None]]


def batches(arrived: Iterator[Document | None], size: int = 0) -> Iterator[list[Document]]:
    """Groups documents in batches.

    Args:
        arrived: what a reader yields.
        size: the size of a batch, in bytes, or a little more; 0: a batch is what has arrived, and
            never waits for more.
    """
    batch: list[Document] = []
    total = 0
    for document in arrived:
        if document is not None:
            batch.append(document)
            total += document.size
        elif batch and total >= size:
            yield batch
            batch, total = [], 0
    if batch:
        yield batch


def read_lines(file: BufferedIOBase, name: str) -> Iterator[Document | None]:
    """Reads each line as a document; see `Reader`."""
    return _each_line(file, name, lambda line: TextDocument(line.text, line.size, line.location))


def read_text(file: BufferedIOBase, name: str) -> Iterator[Document | None]:
    """Reads the whole file as one document; see `Reader`."""
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        message = f"{name}: larger than {LARGEST:,} bytes; --from lines takes files of any size"
        yield BadDocument(message, len(content))
        return
    try:
        text = _decoded(content.removeprefix(BOM_UTF8), name, 1)
        yield TextDocument(text, len(content), name, title=name)
    except ValueError as error:
        yield BadDocument(str(error), len(content))


def read_jsonl(
    file: BufferedIOBase, name: str, text_field: str = "text"
) -> Iterator[Document | None]:
    """Reads a JSON object with a text from each line; see `Reader`."""

    def document(line: _Line) -> TextDocument | None:
        if not line.text.strip(string.whitespace):
            return None
        record = json_object(line.text, line.location)
        text = record.get(text_field)
        if not isinstance(text, str):
            problem = "is not a string" if text_field in record else "is missing"
            raise ValueError(f"{line.location}: the field {text_field!r} {problem}")
        return TextDocument(text, line.size, line.location, record=record, text_field=text_field)

    return _each_line(file, name, document)


def read_conll(file: BufferedIOBase, name: str) -> Iterator[Document | None]:
    """Reads CoNLL columns, tokens in the first; see `Reader`.

    Columns are separated as in the files of a corpus, see `splitter`. An empty line ends a
    sentence. A `-DOCSTART-` line starts a document; before the first one, each sentence is a
    document.
    """
    document, in_documents = _ColumnsDocument(), False
    columns_of: Callable[[str], list[str]] | None = None
    for line in _lines(file, name):
        if line is None:
            yield None
            continue
        text = line.text.lstrip(BYTE_ORDER_MARK).rstrip("\r")
        token, problem = "", line.problem
        if "\r" in text:
            problem = f"{line.location}: {OLD_LINE_BREAK}"
        elif is_document_start(text, (columns_of or at_spaces_and_tabs)(text)):
            token = DOCUMENT_START
        elif text.strip(" \t"):
            columns_of = columns_of or splitter([text])
            token = columns_of(text)[0]
            problem = "" if token else f"{line.location}: the token is empty"
        if token == DOCUMENT_START:
            in_documents = True
            if document.size:
                yield document.read()
                document = _ColumnsDocument()
        document.size += line.size
        if problem or document.size > LARGEST:
            document.refuse(problem or f"{line.location}: the document exceeds {LARGEST:,} bytes")
        else:
            document.add(line.location, text, token, "\t" if columns_of is at_tabs else " ")
        if not token and not problem and not in_documents:
            yield document.read()
            document = _ColumnsDocument()
    if document.size:
        yield document.read()


class _ColumnsDocument:
    """A document in CoNLL columns that is being read."""

    def __init__(self) -> None:
        self.size = 0
        self._location = ""
        self._separator = " "
        self._lines: list[str] = []
        self._sentences: list[list[str]] = [[]]
        self._problem = ""

    def add(self, location: str, line: str, token: str, separator: str) -> None:
        if self._problem:
            return
        self._location = self._location or location
        self._separator = separator
        self._lines.append(line)
        if token in ("", DOCUMENT_START):
            self._sentences.append([])
        else:
            self._sentences[-1].append(token)

    def refuse(self, problem: str) -> None:
        """Only the first problem is reported."""
        self._problem = self._problem or problem
        self._lines, self._sentences = [], []

    def read(self) -> Document:
        if self._problem:
            return BadDocument(self._problem, self.size)
        sentences = [sentence for sentence in self._sentences if sentence]
        return TokenDocument(sentences, self._lines, self.size, self._location, self._separator)


class _Line(NamedTuple):
    """A line without its end, or what is wrong with it."""

    location: str
    size: int
    text: str = ""
    problem: str = ""


def _each_line(
    file: BufferedIOBase, name: str, document: Callable[[_Line], Document | None]
) -> Iterator[Document | None]:
    """Yields the document of each line, if it has one, and None after all that have arrived."""
    for line in _lines(file, name):
        if line is None:
            yield None
            continue
        try:
            read = BadDocument(line.problem, line.size) if line.problem else document(line)
        except ValueError as error:
            read = BadDocument(str(error), line.size)
        if read is not None:
            yield read


def _lines(file: BufferedIOBase, name: str) -> Iterator[_Line | None]:
    """Yields the lines of a file, and None after all lines that have arrived so far."""
    number, rest = 1, b""
    dropped = 0  # bytes of a line that is too long, not kept
    while chunk := file.read1(READ_AT_ONCE):
        *complete, rest = (rest + chunk).split(b"\n")
        for content in complete:
            yield _line(name, number, content, dropped, 1)
            number, dropped = number + 1, 0
        if len(rest) > LARGEST:
            dropped, rest = dropped + len(rest), b""
        yield None
    if rest or dropped:
        yield _line(name, number, rest, dropped, 0)


def _line(name: str, number: int, content: bytes, dropped: int, end: int) -> _Line:
    location, length = f"{name}:{number}", dropped + len(content)
    if length > LARGEST:
        problem = f"{location}: longer than {LARGEST:,} bytes"
        return _Line(location, length + end, problem=problem)
    content = content.removesuffix(b"\r")
    if number == 1:
        content = content.removeprefix(BOM_UTF8)
    try:
        return _Line(location, length + end, _decoded(content, name, number))
    except ValueError as error:
        return _Line(location, length + end, problem=str(error))


def _decoded(content: bytes, name: str, line: int) -> str:
    """Decodes the UTF-8 of a file, from the start of this line.

    Raises:
        ValueError: it is not UTF-8; the message says where.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line += content.count(b"\n", 0, error.start)
        byte = content[error.start]
        raise ValueError(f"{name}:{line}: byte 0x{byte:02x} is not UTF-8") from None
