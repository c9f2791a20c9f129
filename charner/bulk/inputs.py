"""The files of a bulk run, and the parts that they are cut into."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import accumulate, pairwise
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

KINDS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
"""What a file holds, by the end of its name; that of JSON lines may be followed by `.gz`."""


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
            files are of both kinds, or a file of Parquet has no such column of strings.
    """
    files = []
    for given in inputs:
        with storage_errors(given):
            fs, path = storage_of(given)
            for found in _files_of(fs, path, given):
                info = fs.info(found)
                if info["size"] is None:
                    raise InputError(
                        f"{without_secrets(given)}: the storage does not tell how large the file is"
                    )
                url = full_url(fs, found, given)
                cuts = _cuts(url, info["size"], text_field, part_size)
                files.append(InputFile(url, info["size"], _version(fs, found, info), cuts))
    kinds = {kind_of(file.path) for file in files}
    if len(kinds) > 1:
        raise InputError("the input has files of JSON lines and of Parquet; tag them in two runs")
    path, count = Counter(file.path for file in files).most_common(1)[0]
    if count > 1:
        raise InputError(f"{without_secrets(path)}: is in the input {count} times")
    return files


def parts_of(files: list[InputFile]) -> list[Part]:
    """The parts of all files."""
    bounds = [(file.path, file.size, *bound) for file in files for bound in pairwise(file.cuts)]
    return [Part(number, *bound) for number, bound in enumerate(bounds)]


def kind_of(path: str) -> str | None:
    """What a file holds, `jsonl` or `parquet`, by its name; None if it is neither."""
    name = PurePosixPath(file_name(path))
    if is_compressed(path):
        return "jsonl" if KINDS.get(name.with_suffix("").suffix) == "jsonl" else None
    return KINDS.get(name.suffix)


def _files_of(fs: Any, path: str, given: str) -> list[str]:
    if fs.isfile(path):
        if kind_of(path) is None:
            raise InputError(
                f"{without_secrets(given)}: the name should end with one of {', '.join(KINDS)}"
            )
        return [path]
    if fs.isdir(path):
        folder, typed, found = path, [], fs.find(path)
    else:
        folder = re.split(r"[*?[]", path)[0].rpartition("/")[0]
        typed = path.removeprefix(folder).split("/")
        found = [one for one in fs.glob(path) if fs.isfile(one)]
    files = sorted(
        one for one in found if kind_of(one) and _is_data(one.removeprefix(folder), typed)
    )
    if not files:
        raise InputError(
            f"{without_secrets(given)}: no file is found whose name ends with {', '.join(KINDS)}"
        )
    return files


def _is_data(path: str, typed: list[str]) -> bool:
    """Whether no name of a path begins with `_` or `.`: by common convention, these are not data.

    Those are that the user has `typed` so, as a name or the pattern of a name.
    """
    hidden = [name for name in path.split("/") if name[:1] in ("_", ".")]
    wanted = [pattern for pattern in typed if pattern[:1] in ("_", ".")]
    return all(any(fnmatchcase(name, pattern) for pattern in wanted) for name in hidden)


def _version(fs: Any, path: str, info: dict) -> str:
    if etag := info.get("ETag", info.get("etag")):
        return f"ETag {etag}"
    with fs.open(path, "rb") as file:
        return f"SHA-256 {hashlib.file_digest(file, 'sha256').hexdigest()}"


def _cuts(url: str, size: int, text_field: str, part_size: int) -> list[int]:
    if kind_of(url) == "parquet":
        return [*_groups(url, text_field, part_size)]
    if is_compressed(url):
        return [0, size] if size else [0]
    return [*range(0, size, part_size), size]


def _groups(url: str, text_field: str, part_size: int) -> Iterator[int]:
    """Bounds between row groups, so that parts have about `part_size` bytes, uncompressed."""
    with reading(url) as file:
        found = pyarrow.parquet.ParquetFile(file)
        schema, metadata, names = found.schema_arrow, found.metadata, found.schema_arrow.names
    name = without_secrets(url)
    if text_field not in names:
        raise InputError(f"{name}: has no column {text_field!r}; it has {', '.join(names)}")
    kind = schema.field(text_field).type
    kind = kind.value_type if pyarrow.types.is_dictionary(kind) else kind
    if not (pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind)):
        raise InputError(f"{name}: the column {text_field!r} is {kind}, not string")
    groups = range(metadata.num_row_groups)
    sizes = [metadata.row_group(group).total_byte_size for group in groups]
    part = -1
    for group, before in zip(groups, accumulate(sizes, initial=0), strict=False):
        if before // part_size != part:
            part = before // part_size
            yield group
    yield metadata.num_row_groups
