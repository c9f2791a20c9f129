"""Any storage that fsspec knows: disks, object stores, servers."""

import contextlib
import os
import re
from collections.abc import Iterator
from typing import Any

import fsspec
from fsspec.compression import compr
from fsspec.implementations.local import LocalFileSystem
from fsspec.utils import infer_compression

from charner.bulk.secrets import hidden, without_secrets
from charner.support.errors import InputError


@contextlib.contextmanager
def storage_errors(url: str) -> Iterator[None]:
    """Turns what a storage raises into one line, without the secrets of the URL.

    Each library has errors of its own: for a missing package, wrong credentials, no network.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        message = str(error)
        if not message or not isinstance(error, OSError | ImportError | ValueError):
            message = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise InputError(f"{without_secrets(url)}: {hidden(message, url)}") from None


def storage_of(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it.

    Raises:
        InputError: the URL is empty; fsspec would take the working folder.
    """
    if re.fullmatch("((file|local):(//)?)?", url):
        raise InputError("an input or the output is empty; name a file or a folder")
    return fsspec.url_to_fs(url)


def full_url(fs: Any, path: str, url: str) -> str:
    """The URL of a path in the file system of another URL: with its host, for example.

    On a disk, an absolute path. What is in an archive keeps the URL of the archive.
    """
    if isinstance(fs, LocalFileSystem):
        return path
    first, chain, rest = url.partition("::")
    if chain and "://" not in first:  # a cache of what follows
        return f"{first}::{full_url(storage_of(rest)[0], path, rest)}"
    archive = f"::{absolute_url(rest)}" if chain else ""
    own_path = fs._strip_protocol(first).rstrip("/")
    start = first if first.endswith("://") else first.rstrip("/")
    if start.endswith(own_path):
        return start[: len(start) - len(own_path)] + path + archive
    return fs.unstrip_protocol(path) + archive


def absolute_url(url: str) -> str:
    """The URL as processes reach it that run in another folder of this machine."""
    fs, path = storage_of(url)
    return full_url(fs, path, url)


def real_url(url: str) -> str:
    """The absolute URL; on a disk, with no symbolic link in it."""
    fs, path = storage_of(url)
    return os.path.realpath(path) if isinstance(fs, LocalFileSystem) else full_url(fs, path, url)


def file_name(url: str) -> str:
    """The path of a file, without its query, and without the archive that the file is in."""
    links = url.split("::")
    return without_secrets(next((link for link in links if "://" in link), links[-1]))


def is_compressed(url: str) -> bool:
    """Whether a file can only be read from its start."""
    return infer_compression(file_name(url)) is not None


@contextlib.contextmanager
def reading(url: str) -> Iterator[Any]:
    """Opens a file; if its name says that it is compressed, for its content.

    An error of the storage may pass, so it is raised as it is. Whatever else is raised while the
    file is read is damage: each format and each compression has errors of its own.

    Raises:
        InputError: the file is damaged.
    """
    with fsspec.open(url, "rb") as file:
        stored = _Stored(file)
        try:
            opened = compr[infer_compression(file_name(url))](stored, mode="rb")
            with contextlib.closing(opened) as content:
                yield content
        except (InputError, MemoryError):
            raise
        except Exception as error:
            if stored.failed:
                raise
            message = f"{type(error).__name__}: {error}"
            raise InputError(f"{without_secrets(url)}: is damaged ({message})") from None


class _Stored:
    """A file that remembers whether its storage failed."""

    def __init__(self, file: Any):
        self._file = file
        self.failed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except Exception:
            self.failed = True
            raise
