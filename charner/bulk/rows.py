"""Reads the rows of a part, and writes them with their entities."""

import io
from collections.abc import Iterator
from typing import Any, Protocol

import pyarrow
import pyarrow.parquet

from charner.bulk.inputs import Part, kind_of
from charner.bulk.secrets import without_secrets
from charner.bulk.storage import is_compressed, reading
from charner.tagging import readers, writers
from charner.tagging.readers import LARGEST, BadDocument, Document, TextDocument
from charner.tagging.tagger import TaggedText

ROWS = 64  # of Parquet, in a batch
ROW_GROUP = 32_000_000  # bytes of a row group that is written, about
ENTITIES = pyarrow.list_(
    pyarrow.struct(
        [
            ("type", pyarrow.string()),
            ("start", pyarrow.int64()),
            ("end", pyarrow.int64()),
            ("text", pyarrow.string()),
            ("score", pyarrow.float64()),
        ]
    )
)
"""The type of the column `entities`."""


class Rows(Protocol):
    """The rows of a part; they are read once, and written in the same order."""

    def batches(self) -> Iterator[list[Document]]:
        """Reads the rows."""

    def write(self, documents: list[Document], tagged: list[TaggedText | BadDocument]) -> None:
        """Writes the rows of the last batch that were tagged."""

    def close(self) -> None:
        """Ends the output."""


def rows_of(part: Part, text_field: str, output: Any) -> Rows:
    """The rows of a part.

    Args:
        part: where they are.
        text_field: the field or column with the text.
        output: a file, open for writing.
    """
    if kind_of(part.path) == "jsonl":
        return JsonLines(part, text_field, output)
    return ParquetRows(part, text_field, output)


class JsonLines:
    """JSON lines: each row is an object."""

    def __init__(self, part: Part, text_field: str, output: Any):
        self._part = part
        self._text_field = text_field
        self._output = output
        self._format = writers.jsonl()

    def batches(self) -> Iterator[list[Document]]:
        path, start = self._part.path, self._part.start
        with reading(path) as file:
            limit = None
            if not is_compressed(path):
                start = _line_start(file, start)
                limit = max(0, _line_start(file, self._part.stop) - start)
                file.seek(start)
            name = without_secrets(path)
            name = f"{name} from byte {start}" if start else name
            limited = _Limited(file, limit)
            yield from readers.batches(readers.read_jsonl(limited, name, self._text_field))

    def write(self, documents: list[Document], tagged: list[TaggedText | BadDocument]) -> None:
        for document, found in zip(documents, tagged, strict=True):
            if isinstance(document, BadDocument) or isinstance(found, BadDocument):
                continue
            self._output.write(writers.encoded(self._format.document(document, found)))

    def close(self) -> None:
        """Nothing is left to write."""


def _line_start(file: Any, position: int) -> int:
    """Where the first line begins that begins at this byte or after it."""
    if position == 0:
        return 0
    file.seek(position - 1)
    while content := file.read(readers.READ_AT_ONCE):
        end = content.find(b"\n")
        if end >= 0:
            return file.tell() - len(content) + end + 1
    return file.tell()


class _Limited(io.BufferedIOBase):
    """The next bytes of a file. Chunks have always the same sizes, and so have batches."""

    def __init__(self, file: Any, limit: int | None):
        self._file = file
        self._left = limit

    def read1(self, size: int = -1) -> bytes:
        content = self._file.read(size if self._left is None else min(size, self._left))
        if self._left is not None:
            self._left -= len(content)
        return content


class ParquetRows:
    """Parquet: all columns are kept, the column `entities` is added or replaced."""

    def __init__(self, part: Part, text_field: str, output: Any):
        self._part = part
        self._text_field = text_field
        self._output = output
        self._schema: pyarrow.Schema | None = None
        self._writer: pyarrow.parquet.ParquetWriter | None = None
        self._batch: pyarrow.RecordBatch | None = None
        self._waiting: list[pyarrow.RecordBatch] = []
        self._waiting_bytes = 0

    def batches(self) -> Iterator[list[Document]]:
        name = without_secrets(self._part.path)
        with reading(self._part.path) as file:
            # A row group may be larger than the memory, so it is read in pieces.
            source = pyarrow.parquet.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20)
            schema = _without_entities(source.schema_arrow)
            self._schema = schema.append(pyarrow.field("entities", ENTITIES))
            groups = range(self._part.start, self._part.stop)
            row = sum(source.metadata.row_group(n).num_rows for n in range(self._part.start))
            for batch in source.iter_batches(ROWS, groups):
                contents = _contents(batch.column(self._text_field))
                self._batch = batch
                yield [
                    _document(content, f"{name}, row {row + number}")
                    for number, content in enumerate(contents, start=1)
                ]
                row += len(batch)

    def write(self, documents: list[Document], tagged: list[TaggedText | BadDocument]) -> None:
        assert self._batch is not None
        good = [found for found in tagged if isinstance(found, TaggedText)]
        entities = pyarrow.array([*map(writers.entity_records, good)], ENTITIES)
        is_good = [isinstance(found, TaggedText) for found in tagged]
        rows = self._batch.filter(pyarrow.array(is_good, pyarrow.bool_()))
        schema = _without_entities(rows.schema)
        columns = [rows.column(name) for name in schema.names]
        schema = schema.append(pyarrow.field("entities", ENTITIES))
        batch = pyarrow.RecordBatch.from_arrays([*columns, entities], schema=schema)
        self._waiting.append(batch)
        self._waiting_bytes += batch.nbytes
        if self._waiting_bytes >= ROW_GROUP:
            self._write_group()

    def close(self) -> None:
        if self._schema:  # otherwise the file could not be read
            self._write_group()
        if self._writer:
            self._writer.close()

    def _write_group(self) -> None:
        # Not before: an error of the output is no damage of the input, which is being read then.
        self._writer = self._writer or pyarrow.parquet.ParquetWriter(self._output, self._schema)
        if self._waiting:
            self._writer.write_table(pyarrow.Table.from_batches(self._waiting))
        self._waiting, self._waiting_bytes = [], 0


def _without_entities(schema: pyarrow.Schema) -> pyarrow.Schema:
    index = schema.get_field_index("entities")
    return schema if index < 0 else schema.remove(index)


def _contents(column: pyarrow.Array) -> list[bytes | None]:
    """The bytes of texts: they may not be UTF-8."""
    if isinstance(column, pyarrow.DictionaryArray):
        column = column.dictionary_decode()
    return column.cast(pyarrow.large_binary()).to_pylist()


def _document(content: bytes | None, place: str) -> Document:
    if content is None:
        return BadDocument(f"{place}: no text", 0)
    if len(content) > LARGEST:
        return BadDocument(f"{place}: longer than {LARGEST:,} bytes", len(content))
    try:
        return TextDocument(content.decode(), len(content), place)
    except UnicodeDecodeError as error:
        byte = content[error.start]
        return BadDocument(f"{place}: byte 0x{byte:02x} is not UTF-8", len(content))
