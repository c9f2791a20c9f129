"""Reads the documents to be tagged, from files and streams of any length."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase

from charner.corpus.columns import (
    DOCUMENT_START,
    OLD_LINE_BREAK,
    at_spaces_and_tabs,
    at_tabs,
    is_document_start,
    splitter,
)
from charner.corpus.json_lines import json_object
from charner.corpus.tokens import BYTE_ORDER_MARK

LARGEST = 10_000_000  # bytes of a document; limits the memory
READ_AT_ONCE = 65_536  # bytes


@dataclass(frozen=True, slots=True)
class TextDocument:
    """A text; `record` is the JSON object that contains it in its `text_field`, or None.

    `size` is in bytes; `place` is the file and line, for messages.
    """

    text: str
    size: int
    place: str = ""
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
    place: str = ""
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


@dataclass(frozen=True, slots=True)
class _Line:
    """A line; `content`, without the line end, is None if the line is too long."""

    number: int
    content: bytes | None
    size: int

    def text(self, name: str) -> str:
        """The content as text.

        Raises:
            ValueError: it cannot be read; the message says where and why.
        """
        if self.content is None:
            raise ValueError(f"{name}:{self.number}: longer than {LARGEST:,} bytes")
        return _decoded(self.content, name, self.number)


def batches(arrived: Iterator[Document | None], size: int = 0) -> Iterator[list[Document]]:
    """Groups documents in batches.

    Args:
        arrived: what the functions below yield.
        size: that of a batch, in bytes, or a little more; 0: a batch is what has arrived, and never
            waits for more.
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


def of_lines(file: BufferedIOBase, name: str) -> Iterator[Document | None]:
    """Reads each line as a document; yields None while no more input has arrived."""
    for line in _lines(file):
        if line is None:
            yield None
            continue
        try:
            yield TextDocument(line.text(name), line.size, f"{name}:{line.number}")
        except ValueError as error:
            yield BadDocument(str(error), line.size)


def of_text(file: BufferedIOBase, name: str) -> Iterator[Document | None]:
    """Reads the whole file as one document."""
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


def of_jsonl(
    file: BufferedIOBase, name: str, text_field: str = "text"
) -> Iterator[Document | None]:
    """Reads a JSON object with a text from each line; yields None while no more has arrived."""
    for line in _lines(file):
        if line is None:
            yield None
            continue
        try:
            if line.content is not None and not line.content.strip():
                continue
            place = f"{name}:{line.number}"
            record = json_object(line.text(name), place)
            if not isinstance(record.get(text_field), str):
                found = "is not a string" if text_field in record else "is missing"
                raise ValueError(f"{place}: the field {text_field!r} {found}")
            yield TextDocument(
                record[text_field], line.size, place, record=record, text_field=text_field
            )
        except ValueError as error:
            yield BadDocument(str(error), line.size)


def of_conll(file: BufferedIOBase, name: str) -> Iterator[Document | None]:
    """Reads CoNLL columns, tokens in the first; yields None while no more input has arrived.

    Columns are separated as in the files of a corpus, see `splitter`. An empty line ends a
    sentence. A `-DOCSTART-` line starts a document; before the first one, each sentence is a
    document.
    """
    columns, in_documents = _Columns(), False
    columns_of: Callable[[str], list[str]] | None = None
    for line in _lines(file):
        if line is None:
            yield None
            continue
        try:
            text = line.text(name).lstrip(BYTE_ORDER_MARK).rstrip("\r")
            if "\r" in text:
                raise ValueError(f"{name}:{line.number}: {OLD_LINE_BREAK}")
            found = (columns_of or at_spaces_and_tabs)(text)
            is_start = is_document_start(text, found)
            if not is_start and found[0]:
                columns_of = columns_of or splitter(text)
                found = columns_of(text)
            token = DOCUMENT_START if is_start else found[0]
            if not token and text.strip(" \t"):
                raise ValueError(f"{name}:{line.number}: the token is empty")
        except ValueError as error:
            columns.refuse(str(error), line.size)
            continue
        if token == DOCUMENT_START:
            in_documents = True
            if columns.size:
                yield columns.document()
                columns = _Columns()
        if columns_of is at_tabs:
            columns.separator = "\t"
        columns.place = columns.place or f"{name}:{line.number}"
        columns.add(text, token, line.size)
        if columns.size > LARGEST:
            columns.refuse(f"{name}:{line.number}: the document exceeds {LARGEST:,} bytes", 0)
        if not token and not in_documents:
            yield columns.document()
            columns = _Columns()
    if columns.size:
        yield columns.document()


class _Columns:
    """A document in CoNLL columns that is being read."""

    def __init__(self) -> None:
        self.size = 0
        self.place = ""
        self.separator = " "
        self._lines: list[str] = []
        self._sentences: list[list[str]] = [[]]
        self._problem: str | None = None

    def add(self, line: str, token: str, size: int) -> None:
        self.size += size
        if self._problem is not None:
            return
        self._lines.append(line)
        if token in ("", DOCUMENT_START):
            self._sentences.append([])
        else:
            self._sentences[-1].append(token)

    def refuse(self, problem: str, size: int) -> None:
        """Marks the document as bad; only the first problem is reported."""
        self.size += size
        self._problem = self._problem or problem
        self._lines, self._sentences = [], []

    def document(self) -> Document:
        if self._problem is not None:
            return BadDocument(self._problem, self.size)
        sentences = [sentence for sentence in self._sentences if sentence]
        return TokenDocument(sentences, self._lines, self.size, self.place, self.separator)


def _lines(file: BufferedIOBase) -> Iterator[_Line | None]:
    """Yields the lines of a file, and None after all lines that have arrived so far."""
    number, rest = 0, b""
    dropped = 0  # bytes of a line that is too long, not kept
    while chunk := file.read1(READ_AT_ONCE):
        *complete, rest = (rest + chunk).split(b"\n")
        for content in complete:
            number += 1
            yield _line(number, content, dropped, 1)
            dropped = 0
        if len(rest) > LARGEST:
            dropped, rest = dropped + len(rest), b""
        yield None
    if rest or dropped:
        yield _line(number + 1, rest, dropped, 0)


def _line(number: int, content: bytes, dropped: int, end: int) -> _Line:
    size = dropped + len(content) + end
    if dropped or len(content) > LARGEST:
        return _Line(number, None, size)
    content = content.removesuffix(b"\r")
    return _Line(number, content.removeprefix(BOM_UTF8) if number == 1 else content, size)


def _decoded(content: bytes, name: str, line: int) -> str:
    """Decodes UTF-8.

    Args:
        content: some bytes of a file.
        name: the name of the file, for messages.
        line: the line number at which the content starts.

    Raises:
        ValueError: it is not UTF-8; the message says where.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line += content.count(b"\n", 0, error.start)
        byte = content[error.start]
        raise ValueError(f"{name}:{line}: byte 0x{byte:02x} is not UTF-8") from None
