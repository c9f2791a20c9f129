"""Writing of files and folders, so that none is ever half-written."""

import contextlib
import csv
import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from charner.support.errors import InputError


def check_is_replaceable(path: str | Path) -> None:
    """Checks a path that is to be written: nothing is there, or a regular file, or a link to one.

    Raises:
        InputError: it is a folder, a device or a link to either; or nothing can be written in the
            folder that it is in.
    """
    path = Path(path)
    for file in (path, _temporary(path)):
        if file.is_dir():
            raise InputError(f"{file}: is a folder; name a file")
        if (file.exists() and not file.is_file()) or _is_of_the_system(file):
            raise InputError(f"{file}: is not a regular file; name another one")
    if os.path.lexists(path.parent):
        if not path.parent.is_dir():
            raise InputError(f"{path.parent}: is not a folder, and {path.name} belongs there")
        if not os.access(path.parent, os.W_OK):
            raise InputError(f"{path.parent}: nothing can be written there")


@contextlib.contextmanager
def locked_folder(work: str) -> Iterator[None]:
    """Locks the working folder, against other processes, too; nothing is written.

    Args:
        work: what goes on in the folder, for messages.

    Raises:
        InputError: it is locked already.
    """
    folder = os.open(".", os.O_RDONLY)
    try:
        if not _lock(folder):
            raise InputError(f"{work} already runs in this folder")
        yield
    finally:
        os.close(folder)


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Yields a temporary file next to a given one, which it replaces at the end.

    If the block fails, the temporary file is removed, and the given one is unchanged.

    Raises:
        InputError: it is not a regular file (see `check_is_replaceable`), or another process is
            writing it.
    """
    check_is_replaceable(path)
    temporary = _temporary(Path(path))
    temporary.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(temporary, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o666)
    try:
        # The other process may have put the file in its place since it was opened.
        if not _lock(descriptor) or not _is_at(temporary, descriptor):
            raise InputError(f"{path}: another process is writing it")
        try:
            os.truncate(descriptor, 0)  # a process that was killed may have left it
            yield temporary
            check_is_replaceable(path)
            temporary.replace(path)
        finally:
            if _is_at(temporary, descriptor):
                temporary.unlink()
    finally:
        os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    return path.exists() and os.path.samestat(os.fstat(descriptor), path.stat())


def _lock(descriptor: int) -> bool:
    """Locks a file or folder until it is closed; False if it is locked already."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some file systems have no locks
        return True
    return True


@contextlib.contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """Yields a new folder next to a given one, which it replaces at the end, with all in it.

    Only for a folder that nobody but this program writes to.

    Raises:
        InputError: something other than a folder is there.
    """
    temporary = _temporary(folder)
    for path in own_folders(folder):
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            raise InputError(f"{path}: is not a folder, and the files of a folder belong there")
    _remove_folder(temporary)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        _remove_folder(folder)
        temporary.replace(folder)
    finally:
        _remove_folder(temporary)


def own_folders(folder: Path) -> tuple[Path, Path]:
    """The folders of which `replacing_folder` deletes what is in them."""
    return folder, _temporary(folder)


def _temporary(path: Path) -> Path:
    return path.parent / f".{path.name}.charner.partial"  # a name that nobody else gives to a file


def _is_of_the_system(path: Path) -> bool:
    """Whether it is, or a link leads to, something such as /dev/stdout or /proc/self/fd/1.

    These may look like a regular file, since they are links themselves.
    """
    path = path.absolute()
    for _ in range(40):  # links in a row; Linux follows as many
        if path.is_relative_to("/proc") or (
            path.is_relative_to("/dev") and not path.is_relative_to("/dev/shm")
        ):
            return True
        if not path.is_symlink():
            return False
        path = path.parent / path.readlink()
    return True


def _remove_folder(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)


def write_json(path: Path, content: object) -> None:
    """Writes `content` as indented UTF-8 JSON with a final newline."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Writes rows, each with a value for each column, as CSV in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
