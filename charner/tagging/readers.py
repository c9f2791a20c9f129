"""Documents to be tagged, from files and streams of any length."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase

from charner.corpus.columns import DOCUMENT_START

LARGEST = 10_000_000  # bytes of a document: what bounds the memory
READ_AT_ONCE = 65_536  # bytes
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_COLUMN = re.compile(r"[^ \t]+")


def first_column(line: str) -> str:
    """The token of a line of CoNLL columns; "" if it has none."""
    column = _COLUMN.search(line)
    return column[0] if column else ""


@dataclass(frozen=True, slots=True)
class TextDocument:
    """A text; `record` is the JSON object that holds it, or None."""

    text: str
    size: int
    title: str = ""
    record: dict | None = None


@dataclass(frozen=True, slots=True)
class TokenDocument:
    """The tokens of sentences in CoNLL columns, and all lines as they stand, without their ends."""

    sentences: list[list[str]]
    lines: list[str]
    size: int
    title: str = ""
    record: None = None


@dataclass(frozen=True, slots=True)
class BadDocument:
    """What could not be read: where, and why. `size` counts bytes, as in the others."""

    message: str
    size: int


Document = TextDocument | TokenDocument | BadDocument

# Takes a file and its name for messages; gives None when nothing more is there yet.
Reader = Callable[[BufferedIOBase, str], Iterator[Document | None]]


@dataclass(frozen=True, slots=True)
class _Line:
    """`content`, without the line's end, is None if it was too long."""

    number: int
    content: bytes | None
    size: int

    def text(self, name: str) -> str:
        """The content as text.

        Raises:
            ValueError: it cannot be read; says where and why.
        """
        if self.content is None:
            raise ValueError(f"{name}:{self.number}: longer than {LARGEST:,} bytes")
        return _decoded(self.content, name, self.number)


def batches(documents: Reader, file: BufferedIOBase, name: str) -> Iterator[list[Document]]:
    """What can be tagged together: all that is there, up to some READ_AT_ONCE bytes.

    So much of a stream is never waited for.

    Args:
        documents: one of the functions below.
        name: the file's, for messages.
    """
    batch: list[Document] = []
    for document in documents(file, name):
        if document is not None:
            batch.append(document)
        elif batch:
            yield batch
            batch = []
    if batch:
        yield batch


def of_lines(file: BufferedIOBase, name: str) -> Iterator[Document | None]:
    """Every line is a document. None: nothing more is there yet."""
    for line in _lines(file):
        if line is None:
            yield None
            continue
        try:
            yield TextDocument(line.text(name), line.size)
        except ValueError as error:
            yield BadDocument(str(error), line.size)


def of_text(file: BufferedIOBase, name: str) -> Iterator[Document | None]:
    """The whole file is a document."""
    content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        message = f"{name}: larger than {LARGEST:,} bytes; --from lines takes files of any size"
        yield BadDocument(message, len(content))
        return
    try:
        text = _decoded(content.removeprefix(_BYTE_ORDER_MARK), name, 1)
        yield TextDocument(text, len(content), title=name)
    except ValueError as error:
        yield BadDocument(str(error), len(content))


def of_jsonl(
    file: BufferedIOBase, name: str, text_field: str = "text"
) -> Iterator[Document | None]:
    """Every line is a JSON object, one of its fields the text. None: nothing more is there yet."""
    for line in _lines(file):
        if line is None:
            yield None
            continue
        try:
            if line.content is not None and not line.content.strip():
                continue
            place = f"{name}:{line.number}"
            record = _json_object(line.text(name), place)
            if not isinstance(record.get(text_field), str):
                found = "is no string" if text_field in record else "is missing"
                raise ValueError(f"{place}: the field {text_field!r} {found}")
            yield TextDocument(record[text_field], line.size, record=record)
        except ValueError as error:
            yield BadDocument(str(error), line.size)


def of_conll(file: BufferedIOBase, name: str) -> Iterator[Document | None]:
    """Tokens in the first column, an empty line after each sentence. None: nothing more yet.

    A `-DOCSTART-` line starts a document; before the first one, every sentence is a document.
    """
    columns, in_documents = _Columns(), False
    for line in _lines(file):
        if line is None:
            yield None
            continue
        try:
            text = line.text(name)
        except ValueError as error:
            columns.refuse(str(error), line.size)
            continue
        token = first_column(text)
        if token == DOCUMENT_START:
            in_documents = True
            if columns.size:
                yield columns.document()
                columns = _Columns()
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
        """The document is useless; of several reasons the first is told."""
        self.size += size
        self._problem = self._problem or problem
        self._lines, self._sentences = [], []

    def document(self) -> Document:
        if self._problem is not None:
            return BadDocument(self._problem, self.size)
        sentences = [sentence for sentence in self._sentences if sentence]
        return TokenDocument(sentences, self._lines, self.size)


def _lines(file: BufferedIOBase) -> Iterator[_Line | None]:
    """The lines of a file; None whenever all that was there at once has been given."""
    number, rest = 0, b""
    dropped = 0  # bytes of a line that is too long
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
    return _Line(number, content.removeprefix(_BYTE_ORDER_MARK) if number == 1 else content, size)


def _decoded(content: bytes, name: str, line: int) -> str:
    """The content as text.

    Args:
        content: some bytes of a file.
        name: the file's, for messages.
        line: the number of the content's first line.

    Raises:
        ValueError: it is not UTF-8; says where.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line += content.count(b"\n", 0, error.start)
        byte = content[error.start]
        raise ValueError(f"{name}:{line}: byte 0x{byte:02x} is not UTF-8") from None


def _json_object(text: str, place: str) -> dict:
    """The JSON object that a line holds.

    Raises:
        ValueError: it holds none; says where and why.
    """
    try:
        record = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"{place}: no JSON: {error.msg} at character {error.pos + 1}") from None
    except (RecursionError, ValueError) as error:  # too deep, or a number of too many digits
        raise ValueError(f"{place}: no JSON that can be read: {error}") from None
    if not isinstance(record, dict):
        raise ValueError(f"{place}: no JSON object")
    return record


def _refuse_constant(name: str) -> None:
    """Python would read NaN and Infinity, and write them again."""
    raise ValueError(f"{name} is no JSON")
