"""Parquet files of Hugging Face's datasets, with tokens and tags; needs PyArrow."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from charner.corpus import PARQUET_START
from charner.corpus.formats.hugging_face import TAGS, TOKENS, sentence
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence
from charner.support.errors import InputError


def recognises(path: Path, beginning: bytes) -> bool:
    """Whether a file is Parquet."""
    return beginning.startswith(PARQUET_START)


def read(path: Path, options: Options) -> Iterator[Sentence]:
    """Streams the sentences of a file: a row each.

    Tags may be numbers: `datasets` writes their names into the file.

    Raises:
        InputError: PyArrow is not installed, the file is damaged or has no such columns, or a row
            is not as it should be.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InputError(f"{path}: to read it, install PyArrow: pip install pyarrow") from None
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            columns = file.schema_arrow.names
            field = next((name for name in TAGS if name in columns), None)
            words = next((name for name in TOKENS if name in columns), None)
            if field is None or words is None:
                raise InputError(
                    f"{path}: should have a column `tokens`, and `{'` or `'.join(TAGS)}`;"
                    f" has {', '.join(columns)}"
                )
            names = _names(file.schema_arrow.metadata or {}, field)
            number = 0
            for batch in file.iter_batches(columns=[words, field]):
                for row in batch.to_pylist():
                    number += 1
                    try:
                        yield from sentence(row[words] or [], row[field], field, number, names)
                    except ValueError as error:
                        raise InputError(f"{path}: row {number}: {error}") from None
    except pyarrow.ArrowException as error:
        raise InputError(f"{path}: cannot be read as Parquet: {error}") from None


def _names(metadata: dict[bytes, bytes], field: str) -> list[str]:
    """The names of the tags by their numbers, if the file has them."""
    feature: Any = {}
    with suppress(ValueError, LookupError, TypeError):
        feature = json.loads(metadata[b"huggingface"])["info"]["features"][field]
        feature = feature[0] if isinstance(feature, list) else feature.get("feature", feature)
    names = feature.get("names") if isinstance(feature, dict) else None
    return names if isinstance(names, list) and all(isinstance(n, str) for n in names) else []
