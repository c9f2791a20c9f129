"""Encoded sentences as rows of Parquet."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pyarrow
import pyarrow.parquet

from charner.encoding.encoded_file import encoded_file_errors
from charner.encoding.examples import Example
from charner.encoding.vocabulary import Vocabulary

ROWS_WRITTEN_AT_ONCE = 4096  # limits the memory

SCHEMA = pyarrow.schema(
    {
        "document": pyarrow.int32(),
        "tokens": pyarrow.list_(pyarrow.string()),
        "tags": pyarrow.list_(pyarrow.string()),
        "character_ids": pyarrow.list_(pyarrow.int32()),
        "label_ids": pyarrow.list_(pyarrow.int32()),
    }
)


def write_parquet(path: Path, examples: Iterable[Example], vocabulary: Vocabulary) -> None:
    """Streams sentences to a Parquet file, one row each (see SCHEMA)."""
    rows = (
        {
            "document": example.document,
            "tokens": example.tokens,
            "tags": example.tags,
            "character_ids": vocabulary.encode_characters(example.tokens),
            "label_ids": vocabulary.encode_labels(example.tokens, example.tags),
        }
        for example in examples
    )
    with pyarrow.parquet.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        while batch := [*islice(rows, ROWS_WRITTEN_AT_ONCE)]:
            writer.write_table(pyarrow.Table.from_pylist(batch, SCHEMA))


def load_examples(path: Path) -> list[Example]:
    """Reads the sentences that `write_parquet` wrote.

    The ids are not read: training changes the tokens, so it encodes each batch anew.

    Raises:
        InputError: the file is missing or damaged, or holds something else.
    """
    with encoded_file_errors(path):
        file = pyarrow.parquet.ParquetFile(path)
        if not file.schema_arrow.equals(SCHEMA):
            raise ValueError
        table = file.read(columns=["document", "tokens", "tags"])
        examples = [*map(Example, *(column.to_pylist() for column in table.columns))]
        if not examples or not all(map(_is_whole, examples)):
            raise ValueError
    return examples


def _is_whole(example: Example) -> bool:
    """Whether no value is missing, and each token has a tag."""
    return (
        example.document is not None
        and len(example.tokens) == len(example.tags) > 0
        and all(example.tokens)
        and all(example.tags)
    )
