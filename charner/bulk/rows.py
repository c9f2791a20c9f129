"""Reads the rows of a part, and writes them with their entities."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow
import pyarrow.parquet

from charner.bulk.inputs import Part, format_of
from charner.bulk.secrets import without_secrets
from charner.bulk.storage import is_compressed, reading
from charner.tagging import readers, writers
from charner.tagging.readers import LARGEST, BadDocument, Document, TextDocument
from charner.tagging.tagger import TaggedText

ROWS = 64  # of Parquet, in a batch
ROW_GROUP = 32_000_000  # bytes of a row group that is written, about
ENTITIES = pyarrow.field(
    "entities",
    pyarrow.list_(
        pyarrow.struct(
            {
                "type": pyarrow.string(),
                "start": pyarrow.int64(),
                "end": pyarrow.int64(),
                "text": pyarrow.string(),
                "score": pyarrow.float64(),
            }
        )
    ),
)

Tag = Callable[[list[Document]], list[TaggedText | BadDocument]]


def tag_rows(part: Part, text_field: str, output: Any, tag: Tag) -> None:
    """Reads the rows of a part batch by batch, and writes those that were tagged, in their order.

    `text_field` is their field or column with the text; `output` is a file, open for writing.
    """
    if format_of(part.path) == "parquet":
        _tag_parquet(part, text_field, output, tag)
    else:
        _tag_json_lines(part, text_field, output, tag)


# The rows are read by generators, so that an error of the output, which is raised between two of
# their batches, is not taken for damage of the input.


def _tag_json_lines(part: Part, text_field: str, output: Any, tag: Tag) -> None:
    layout = writers.jsonl()
    for documents in _json_batches(part, text_field):
        for document, tagged in zip(documents, tag(documents), strict=True):
            if isinstance(document, TextDocument) and isinstance(tagged, TaggedText):
                output.write(writers.encoded(layout.document(document, tagged)))


def _json_batches(part: Part, text_field: str) -> Iterator[list[Document]]:
    with reading(part.path) as file:
        start, limit = part.start, None
        if not is_compressed(part.path):
            start = _line_start(file, start)
            limit = max(0, _line_start(file, part.stop) - start)
            file.seek(start)
        name = without_secrets(part.path)
        name = f"{name} from byte {start}" if start else name
        yield from readers.batches(readers.read_jsonl(_Limited(file, limit), name, text_field))


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


def _tag_parquet(part: Part, text_field: str, output: Any, tag: Tag) -> None:
    """All columns are kept; the column `entities` is added or replaced."""
    batches = (
        _with_entities(batch, tag(documents))
        for batch, documents in _parquet_batches(part, text_field)
    )
    group, size = [], 0
    with pyarrow.parquet.ParquetWriter(output, next(batches).schema) as writer:
        for batch in batches:
            group.append(batch)
            size += batch.nbytes
            if size >= ROW_GROUP:
                writer.write_table(pyarrow.Table.from_batches(group))
                group, size = [], 0
        if group:
            writer.write_table(pyarrow.Table.from_batches(group))


def _parquet_batches(
    part: Part, text_field: str
) -> Iterator[tuple[pyarrow.RecordBatch, list[Document]]]:
    """The rows with their documents; the first batch, which has the schema, is empty."""
    name = without_secrets(part.path)
    with reading(part.path) as file:
        # A row group may be larger than the memory, so it is read in pieces.
        source = pyarrow.parquet.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20)
        yield pyarrow.RecordBatch.from_pylist([], source.schema_arrow), []
        row = sum(source.metadata.row_group(n).num_rows for n in range(part.start))
        for batch in source.iter_batches(ROWS, range(part.start, part.stop)):
            column = batch.column(text_field)
            if isinstance(column, pyarrow.DictionaryArray):
                column = column.dictionary_decode()
            contents = column.cast(pyarrow.large_binary()).to_pylist()  # may not be UTF-8
            yield (
                batch,
                [
                    _document(content, f"{name}, row {number}")
                    for number, content in enumerate(contents, start=row + 1)
                ],
            )
            row += len(batch)


def _document(content: bytes | None, location: str) -> Document:
    if content is None:
        return BadDocument(f"{location}: no text", 0)
    if len(content) > LARGEST:
        return BadDocument(f"{location}: longer than {LARGEST:,} bytes", len(content))
    try:
        return TextDocument(content.decode(), len(content), location)
    except UnicodeDecodeError as error:
        byte = content[error.start]
        return BadDocument(f"{location}: byte 0x{byte:02x} is not UTF-8", len(content))


def _with_entities(
    batch: pyarrow.RecordBatch, tagged: list[TaggedText | BadDocument]
) -> pyarrow.RecordBatch:
    """The rows that were tagged, with their entities."""
    good = [text for text in tagged if isinstance(text, TaggedText)]
    is_good = pyarrow.array([isinstance(text, TaggedText) for text in tagged], pyarrow.bool_())
    rows = batch.filter(is_good)
    if ENTITIES.name in rows.schema.names:
        rows = rows.drop_columns([ENTITIES.name])
    entities = pyarrow.array([*map(writers.entity_records, good)], ENTITIES.type)
    return rows.append_column(ENTITIES, entities)
