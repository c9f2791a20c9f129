"""Encoded sentences as rows of Parquet."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow
import pyarrow.parquet

from charner.encoding.encoded_file import encoded_file_errors
from charner.encoding.examples import Example
from charner.encoding.vocabulary import Vocabulary

if TYPE_CHECKING:  # training reads the rows, but does not need the corpus
    from charner.corpus.sentence import Sentence

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


def write_parquet(path: Path, sentences: Iterable["Sentence"], vocabulary: Vocabulary) -> None:
    """Streams sentences, tagged in IOB2, to a Parquet file, one row each (see SCHEMA)."""
    sentences = iter(sentences)
    with pyarrow.parquet.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        while rows := list(islice(_rows(sentences, vocabulary), ROWS_WRITTEN_AT_ONCE)):
            writer.write_table(pyarrow.Table.from_pylist(rows, SCHEMA))


def _rows(sentences: Iterator["Sentence"], vocabulary: Vocabulary) -> Iterator[dict]:
    for sentence in sentences:
        yield {
            "document": sentence.document,
            "tokens": sentence.tokens,
            "tags": sentence.tags,
            "character_ids": vocabulary.encode_characters(sentence.tokens),
            "label_ids": vocabulary.encode_labels(sentence.tokens, sentence.tags),
        }


def load_examples(path: Path) -> list[Example]:
    """Reads what `write_parquet` wrote.

    Raises:
        InputError: the file is missing or damaged, or holds something else.
    """
    with encoded_file_errors(path):
        table = pyarrow.parquet.read_table(path)
        if not table.schema.equals(SCHEMA) or not table.num_rows:
            raise ValueError
        columns = [_values(table[name]) for name in ("document", "tokens", "tags")]
        ids = [_arrays(table[name]) for name in ("character_ids", "label_ids")]
        examples = [*map(Example, *columns, *ids)]
        if not all(map(_fits_together, examples)):
            raise ValueError
    return examples


def _fits_together(example: Example) -> bool:
    length = sum(map(len, example.tokens)) + len(example.tokens) - 1
    return (
        len(example.tokens) == len(example.tags) > 0
        and len(example.character_ids) == len(example.label_ids) == length
    )


def _check_is_whole(values: pyarrow.Array) -> None:
    """Raises a ValueError if a value is missing."""
    if values.null_count:
        raise ValueError


def _values(column: pyarrow.ChunkedArray) -> list:
    values = column.combine_chunks()
    _check_is_whole(values)
    if pyarrow.types.is_list(values.type):
        _check_is_whole(values.flatten())
    return values.to_pylist()


def _arrays(column: pyarrow.ChunkedArray) -> list[np.ndarray]:
    """Converts the lists of a column to arrays, without a Python number for each value."""
    lists = column.combine_chunks()
    _check_is_whole(lists)
    _check_is_whole(lists.flatten())
    return np.split(lists.flatten().to_numpy(), lists.offsets.to_numpy()[1:-1])
