"""Any storage that fsspec knows: disks, object stores, servers."""

import contextlib
from collections.abc import Iterator
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from charner.support.errors import InputError


@contextlib.contextmanager
def storage_errors(url: str) -> Iterator[None]:
    """Turns what a storage raises into one line.

    Each library has errors of its own kind: for a missing package, wrong credentials, no network.
    """
    try:
        yield
    except InputError:
        raise
    except (OSError, ImportError, ValueError) as error:
        raise InputError(f"{url}: {error or type(error).__name__}") from error
    except Exception as error:
        raise InputError(f"{url}: {type(error).__name__}: {error}") from error


def storage_of(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the path in it."""
    with storage_errors(url):
        return fsspec.url_to_fs(url)


def full_url(fs: Any, path: str, url: str) -> str:
    """The URL of a path in the file system of another URL: with its host, for example.

    On a disk, an absolute path.
    """
    if isinstance(fs, LocalFileSystem):
        return path
    url = url.rstrip("/")
    own_path = fs._strip_protocol(url)
    if url.endswith(own_path):
        return url[: len(url) - len(own_path)] + path
    return fs.unstrip_protocol(path)


def absolute_url(url: str) -> str:
    """The URL as processes reach it that run in another folder of this machine."""
    fs, path = storage_of(url)
    return full_url(fs, path, url)
