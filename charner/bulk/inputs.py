"""The files of a bulk run, and the parts that they are cut into."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import PurePosixPath
from typing import Any

import fsspec
import pyarrow
import pyarrow.parquet
from fsspec.implementations.local import LocalFileSystem
from fsspec.utils import infer_compression

from charner.support.errors import InputError

KINDS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
"""What a file holds, by the end of its name; that of JSON lines may be followed by `.gz`."""

_READ_AT_ONCE = 1_000_000  # bytes


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

    A line of JSON belongs to the part in which its first byte is.
    """

    number: int
    path: str
    start: int
    stop: int


def find_files(inputs: list[str], text_field: str, part_size: int) -> list[InputFile]:
    """Finds the files of a run, in the order of the inputs, those of one input by name.

    Args:
        inputs: files, globs or folders, in any storage that fsspec reads.
        text_field: the column of Parquet with the text.
        part_size: in bytes.

    Raises:
        InputError: an input is missing, no file is found, files are of both kinds, or a file of
            Parquet cannot be read or has no such column of strings.
    """
    files = []
    for given in inputs:
        fs, path = _storage(given)
        for found in _files_of(fs, path, given):
            info = fs.info(found)
            full = found if isinstance(fs, LocalFileSystem) else fs.unstrip_protocol(found)
            cuts = _cuts(fs, full, info["size"], text_field, part_size)
            files.append(InputFile(full, info["size"], _version(fs, found, info), cuts))
    kinds = {kind_of(file.path) for file in files}
    if len(kinds) > 1:
        raise InputError("the input has files of JSON lines and of Parquet; tag them in two runs")
    return files


def parts_of(files: list[InputFile]) -> list[Part]:
    """The parts of all files."""
    bounds = [(file.path, *bound) for file in files for bound in pairwise(file.cuts)]
    return [Part(number, *bound) for number, bound in enumerate(bounds)]


def kind_of(path: str) -> str | None:
    """What a file holds, `jsonl` or `parquet`, by its name; None if it is neither."""
    name = PurePosixPath(path)
    if is_compressed(path):
        name = name.with_suffix("")
        return "jsonl" if KINDS.get(name.suffix) == "jsonl" else None
    return KINDS.get(name.suffix)


def is_compressed(path: str) -> bool:
    """Whether a file is read from its start only."""
    return infer_compression(path) is not None


def _storage(given: str) -> tuple[Any, str]:
    try:
        return fsspec.url_to_fs(given)
    except (ImportError, ValueError) as error:  # fsspec says what to install
        raise InputError(f"{given}: {error}") from None


def _files_of(fs: Any, path: str, given: str) -> list[str]:
    if fs.isfile(path):
        if kind_of(path) is None:
            raise InputError(f"{given}: the name should end with one of {', '.join(KINDS)}")
        return [path]
    is_folder = fs.isdir(path)
    found = sorted(fs.find(path) if is_folder else [p for p in fs.glob(path) if fs.isfile(p)])
    # In folders, names that begin with `_` or `.` are not data, by common convention.
    shown = [p.removeprefix(path) if is_folder else PurePosixPath(p).name for p in found]
    files = [
        p
        for p, name in zip(found, shown, strict=True)
        if kind_of(p) and not any(piece[:1] in ("_", ".") for piece in name.split("/"))
    ]
    if not files:
        raise InputError(f"{given}: no file here whose name ends with one of {', '.join(KINDS)}")
    return files


def _version(fs: Any, path: str, info: dict) -> str:
    if etag := info.get("ETag"):
        return f"ETag {etag}"
    digest = hashlib.sha256()
    with fs.open(path, "rb") as file:
        while content := file.read(_READ_AT_ONCE):
            digest.update(content)
    return f"SHA-256 {digest.hexdigest()}"


def _cuts(fs: Any, path: str, size: int, text_field: str, part_size: int) -> list[int]:
    if kind_of(path) == "parquet":
        return [*_groups(fs, path, text_field, part_size)]
    if is_compressed(path):
        return [0, size] if size else [0]
    return [*range(0, size, part_size), size]


def _groups(fs: Any, path: str, text_field: str, part_size: int) -> Iterator[int]:
    """Bounds between row groups, so that parts have about `part_size` bytes, uncompressed."""
    try:
        with fs.open(path, "rb") as file:
            found = pyarrow.parquet.ParquetFile(file)
            schema, metadata = found.schema_arrow, found.metadata
    except pyarrow.ArrowException as error:
        raise InputError(f"{path}: not Parquet ({error})") from None
    column = schema.field(text_field) if text_field in schema.names else None
    if column is None:
        raise InputError(f"{path}: has no column {text_field!r}; it has {', '.join(schema.names)}")
    if not (pyarrow.types.is_string(column.type) or pyarrow.types.is_large_string(column.type)):
        raise InputError(f"{path}: the column {text_field!r} is {column.type}, not string")
    groups = range(metadata.num_row_groups)
    sizes = [metadata.row_group(group).total_byte_size for group in groups]
    part = -1
    for group, before in zip(groups, accumulate(sizes, initial=0), strict=False):
        if before // part_size != part:
            part = before // part_size
            yield group
    yield metadata.num_row_groups
