"""The files of a bulk run, and the parts that they are cut into."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import accumulate
from pathlib import PurePosixPath
from typing import Any

import pyarrow
import pyarrow.parquet

from charner.bulk.secrets import without_secrets
from charner.bulk.storage import (
    file_name,
    full_url,
    is_compressed,
    reading,
    storage_errors,
    storage_of,
)
from charner.support.errors import InputError

FORMATS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
"""The format of a file, by the end of its name; that of JSON lines may be followed by `.gz`."""


@dataclass(frozen=True)
class InputFile:
    """A file of the input; `version` is the storage's ETag, or else the file's SHA-256.

    `cuts` are the bounds of its parts: bytes of JSON lines, row groups of Parquet.
    """

    path: str
    size: int
    version: str
    cuts: list[int]


@dataclass(frozen=True)
class Part:
    """A part of a file, from `start` to before `stop`; parts are numbered in order of all input.

    A line of JSON belongs to the part in which its first byte is. `size` is that of the file.
    """

    number: int
    path: str
    size: int
    start: int
    stop: int


def find_files(inputs: list[str], text_field: str, part_size: int) -> list[InputFile]:
    """Finds the files of a run, in the order of the inputs, those of one input by name.

    Args:
        inputs: files, globs or folders, in any storage that fsspec reads.
        text_field: the column of Parquet with the text.
        part_size: in bytes.

    Raises:
        InputError: an input is missing or cannot be read, no file is found or one is found twice,
            files are of both formats, or a file of Parquet has no such column of strings.
    """
    files = []
    for given in inputs:
        with storage_errors(given):
            fs, path = storage_of(given)
            files += [
                _input_file(fs, name, given, text_field, part_size)
                for name in _paths(fs, path, given)
            ]
    if len({format_of(file.path) for file in files}) > 1:
        raise InputError("the input has files of JSON lines and of Parquet; tag them in two runs")
    path, count = Counter(file.path for file in files).most_common(1)[0]
    if count > 1:
        raise InputError(f"{without_secrets(path)}: is in the input {count} times")
    return files


def format_of(path: str) -> str | None:
    """The format of a file, `jsonl` or `parquet`, by its name; None if it is neither."""
    name = PurePosixPath(file_name(path))
    if is_compressed(path):
        return "jsonl" if FORMATS.get(name.with_suffix("").suffix) == "jsonl" else None
    return FORMATS.get(name.suffix)


def _paths(fs: Any, path: str, given: str) -> list[str]:
    """The files of an input, by name."""
    if fs.isfile(path):
        if format_of(path) is None:
            raise InputError(
                f"{without_secrets(given)}: the name should end with one of {', '.join(FORMATS)}"
            )
        return [path]
    if fs.isdir(path):
        folder, typed, paths = path, [], fs.find(path)
    else:
        folder = re.split(r"[*?[]", path)[0].rpartition("/")[0]
        typed = path.removeprefix(folder).split("/")
        paths = [match for match in fs.glob(path) if fs.isfile(match)]
    data = sorted(
        path for path in paths if format_of(path) and _is_data(path.removeprefix(folder), typed)
    )
    if not data:
        raise InputError(
            f"{without_secrets(given)}: no file is found whose name ends with {', '.join(FORMATS)}"
        )
    return data


def _is_data(path: str, typed: list[str]) -> bool:
    """Whether no name in a path begins with `_` or `.`: by common convention, these are not data.

    Names that match one which the user has `typed` so, perhaps as a pattern, are data.
    """
    hidden = [name for name in path.split("/") if name[:1] in ("_", ".")]
    wanted = [pattern for pattern in typed if pattern[:1] in ("_", ".")]
    return all(any(fnmatchcase(name, pattern) for pattern in wanted) for name in hidden)


def _input_file(fs: Any, path: str, given: str, text_field: str, part_size: int) -> InputFile:
    info = fs.info(path)
    url, size = full_url(fs, path, given), info["size"]
    if size is None:
        raise InputError(
            f"{without_secrets(given)}: the storage does not tell how large the file is"
        )
    if format_of(url) == "parquet":
        cuts = _row_group_cuts(url, text_field, part_size)
    elif is_compressed(url):
        cuts = [0, size] if size else [0]
    else:
        cuts = [*range(0, size, part_size), size]
    if etag := info.get("ETag", info.get("etag")):
        return InputFile(url, size, f"ETag {etag}", cuts)
    with fs.open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return InputFile(url, size, f"SHA-256 {digest}", cuts)


def _row_group_cuts(url: str, text_field: str, part_size: int) -> list[int]:
    """Bounds between row groups, so that parts have about `part_size` bytes, uncompressed."""
    with reading(url) as file:
        parquet = pyarrow.parquet.ParquetFile(file)
        schema, metadata = parquet.schema_arrow, parquet.metadata
    name = without_secrets(url)
    if text_field not in schema.names:
        raise InputError(f"{name}: has no column {text_field!r}; it has {', '.join(schema.names)}")
    column = schema.field(text_field).type
    column = column.value_type if pyarrow.types.is_dictionary(column) else column
    if not (pyarrow.types.is_string(column) or pyarrow.types.is_large_string(column)):
        raise InputError(f"{name}: the column {text_field!r} is {column}, not string")
    count = metadata.num_row_groups
    sizes = [metadata.row_group(group).total_byte_size for group in range(count)]
    parts = [before // part_size for before in accumulate(sizes, initial=0)]
    starts = [group for group in range(count) if group == 0 or parts[group] != parts[group - 1]]
    return [*starts, count]
