"""The folder that a bulk run writes: parts, receipts, and what says that they belong together.

- `part-000000.jsonl`, …: the rows of each part, with their entities.
- `_manifest.json`: the input, the model and the options; another run may not write here.
- `_model/`: the model, from which all workers load it.
- `_receipts/000000.json`: written after a part, so that a run that was stopped resumes.
- `_rejects/000000.jsonl`: the rows of a part that were skipped, with locations and reasons.
- `_SUCCESS`: written last, with the totals.
"""

import contextlib
import hashlib
import io
import json
import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fsspec.core import has_magic
from fsspec.implementations.local import LocalFileSystem

from charner.bulk.secrets import without_secrets
from charner.bulk.storage import absolute_url, storage_errors, storage_of
from charner.corpus.strict_json import json_object
from charner.encoding.model_files import MODEL_FILES
from charner.support.errors import InputError

MANIFEST, SUCCESS, MODEL, TEMPORARY = "_manifest.json", "_SUCCESS", "_model", "_temporary"
PARTIAL = ".partial"
READ_AT_ONCE = 8  # parts, at the end: an object store answers late, but many at once
BLOCK = 1 << 22  # bytes of a part that are read in one piece
MESSAGES = 10  # about damaged parts
_TEMPORARY_NAME = re.compile(rf"[0-9a-f]{{32}}{re.escape(PARTIAL)}")
COUNTS = ("rows read", "rows written", "rows skipped", "tokens", "entities", "bytes")


class OutputFolder:
    """A folder in any storage that fsspec writes."""

    def __init__(self, url: str):
        """Opens a folder, which may not exist yet.

        Raises:
            InputError: the URL is empty, or takes names like this one for patterns.
        """
        self._fs, self._root = storage_of(url)
        self.url = absolute_url(url)
        self._name = without_secrets(self.url)
        if has_magic(self._root) and not isinstance(self._fs, LocalFileSystem):
            raise InputError(f"{self._name}: in this storage, name a folder without * ? [ in it")

    def begin(self, manifest: dict[str, Any], model: Path) -> None:
        """Prepares the folder for a run, or checks that it is the same run that wrote here before.

        Args:
            manifest: the input, the model's digest, the options; its own digest names the `run`.
            model: the folder of the model.

        Raises:
            InputError: the folder has the output of another run, or other files.
        """
        self.run = _manifest_digest(manifest)
        with storage_errors(self.url):
            if self._fs.lexists(self._root) and not self._fs.isdir(self._root):
                raise InputError(f"{self._name}: is not a folder; name a new one")
            before = self._manifest()
            if before and before != manifest:
                differences = "; ".join(_differences(before, manifest))
                raise InputError(
                    f"{self._name}: holds the output of another run:"
                    f" {differences or 'the input or its order has changed'}"
                )
            files = {f"{MODEL}/{name}": (model / name).read_bytes() for name in MODEL_FILES}
            stored = {name: self._content(name) for name in files}
            damaged = [name for name in files if stored[name] not in (None, files[name])]
            if before and damaged:
                raise InputError(
                    f"{self._name}: {damaged[0]} is not of this run; delete it, and the same"
                    " command resumes"
                )
            if not before and (others := [*damaged, *self._others()]):
                raise InputError(
                    f"{self._name}: is not empty, it has {others[0]}; name a new folder"
                )
            for name, content in files.items():
                if stored[name] is None:
                    self._publish_bytes(name, content)
            if not before:
                self._publish_bytes(MANIFEST, _as_json({"run": self.run, **manifest}))

    def receipts(self) -> dict[int, dict[str, Any]]:
        """The receipts of this run's parts, by number; damaged ones do not count."""
        with storage_errors(self.url):
            paths = [self._path(f"_receipts/{name}") for name in self._names("_receipts")]
            # Not `cat`, to which `[` in a path begins a pattern.
            contents = self._fs.cat_ranges(paths, None, None) if paths else []
            for content in contents:
                if isinstance(content, Exception):
                    raise content
        receipts = filter(None, (_receipt(content, self.run) for content in contents))
        return {receipt["part"]: receipt for receipt in receipts}

    def finish(self, parts: int) -> dict[str, int]:
        """Checks that each part is there as its receipt says, and writes `_SUCCESS`.

        All parts are read once more, several at once. Returns the totals of COUNTS.

        Raises:
            InputError: a part is missing or damaged, or another run began in the folder meanwhile.
        """
        receipts = self.receipts()
        with storage_errors(self.url):
            if _manifest_digest(self._manifest() or {}) != self.run:
                raise InputError(
                    f"{self._name}: {MANIFEST} is that of another run, which began meanwhile; name"
                    " a new folder"
                )
            pool = ThreadPoolExecutor(READ_AT_ONCE)
            try:
                whole = [*pool.map(self._is_whole, map(receipts.get, range(parts)))]
            finally:
                pool.shutdown(cancel_futures=True)
            if damaged := [number for number in range(parts) if not whole[number]]:
                messages = [
                    f"{self._name}: part {number} is missing or not as its receipt says; delete"
                    f" {_receipt_name(number)}, and the same command tags it again"
                    for number in damaged[:MESSAGES]
                ]
                if len(damaged) > MESSAGES:
                    messages.append(f"{self._name}: {len(damaged) - MESSAGES} more parts, too")
                raise InputError(*messages)
            totals = {name: sum(receipts[n][name] for n in range(parts)) for name in COUNTS}
            success = _as_json({"parts": parts, **totals})
            if self._content(SUCCESS) != success:
                self._publish_bytes(SUCCESS, success)
        with contextlib.suppress(Exception):  # what is left there does no harm
            self._remove_temporaries()
        return totals

    def write_receipt(self, receipt: dict[str, Any]) -> None:
        """Writes the receipt of a part that is published."""
        self._publish_bytes(_receipt_name(receipt["part"]), _as_json(receipt))

    @contextlib.contextmanager
    def publishing(self, name: str) -> Iterator["Written"]:
        """A file to write, which gets its name when the block ends without an error.

        Until then it has a name of its own, so that two processes may write the same file.
        """
        temporary = self._path(f"{TEMPORARY}/{uuid.uuid4().hex}{PARTIAL}")
        self._fs.makedirs(self._path(TEMPORARY), exist_ok=True)
        self._fs.makedirs(self._path(name).rpartition("/")[0], exist_ok=True)
        try:
            with self._fs.open(temporary, "wb") as file:
                yield Written(file)
            self._fs.mv(temporary, self._path(name))
        except BaseException:
            with contextlib.suppress(Exception):
                self._fs.rm_file(temporary)
            raise

    def copy_model(self, folder: Path) -> None:
        """Copies the model of this run to a folder of this machine."""
        for name in MODEL_FILES:
            (folder / name).write_bytes(self._fs.cat_file(self._path(f"{MODEL}/{name}")))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}".rstrip("/")

    def _names(self, folder: str) -> set[str]:
        self._fs.invalidate_cache()
        try:
            paths = self._fs.ls(self._path(folder), detail=False)
        except FileNotFoundError:
            return set()
        # An object store may have an empty object that stands for the folder itself.
        return {Path(path).name for path in paths if path.rstrip("/") != self._path(folder)}

    def _manifest(self) -> dict[str, Any] | None:
        """The manifest that is there; None if there is none.

        Raises:
            InputError: it is damaged.
        """
        content = self._content(MANIFEST)
        if content is None:
            return None
        try:
            manifest = json_object(content.decode(), MANIFEST)
            run = manifest.pop("run", None)
        except ValueError:
            manifest, run = {}, None
        if run != _manifest_digest(manifest):
            raise InputError(
                f"{self._name}: {MANIFEST} is damaged, or of another version of charner; name a new"
                " folder"
            )
        return manifest

    def _others(self) -> list[str]:
        """What no run of this program can have left in a folder without a manifest."""
        others = self._names("") - {MODEL, TEMPORARY}
        others |= {f"{MODEL}/{name}" for name in self._names(MODEL) - {*MODEL_FILES}}
        temporaries = self._names(TEMPORARY)
        others |= {f"{TEMPORARY}/{n}" for n in temporaries if not _TEMPORARY_NAME.fullmatch(n)}
        return sorted(others)

    def _is_whole(self, receipt: dict[str, Any] | None) -> bool:
        """Whether the file of a part is there as its receipt says; for any thread."""
        if receipt is None:
            return False
        # With a connection of this thread's own, where the storage has one.
        fs, root = storage_of(self.url)
        try:
            with fs.open(f"{root}/{receipt['file']}", "rb", block_size=BLOCK) as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == receipt["sha256"]
        except (FileNotFoundError, IsADirectoryError):
            return False

    def _remove_temporaries(self) -> None:
        for name in self._names(TEMPORARY):
            if _TEMPORARY_NAME.fullmatch(name):
                self._fs.rm_file(self._path(f"{TEMPORARY}/{name}"))
        if not self._names(TEMPORARY):  # some storages would remove a folder with all in it
            self._fs.rmdir(self._path(TEMPORARY))

    def _content(self, name: str) -> bytes | None:
        try:
            return self._fs.cat_file(self._path(name))
        except FileNotFoundError:
            return None

    def _publish_bytes(self, name: str, content: bytes) -> None:
        with self.publishing(name) as file:
            file.write(content)


class Written(io.RawIOBase):
    """A file that counts and digests what is written to it; closing it leaves the file open."""

    def __init__(self, file: Any):
        self._file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, content: Any) -> int:
        self._file.write(content)
        self.digest.update(content)
        self.size += len(content)
        return len(content)

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.size


def _manifest_digest(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest).encode()).hexdigest()


def _receipt_name(part: int) -> str:
    return f"_receipts/{part:06}.json"


def _as_json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=1) + "\n").encode()


def _receipt(content: bytes, run: str) -> dict[str, Any] | None:
    """A receipt of this run; None if it is damaged or of another run."""
    try:
        receipt = json_object(content.decode(), "")
    except ValueError:
        return None
    types = {"run": str, "part": int, "file": str, "sha256": str, **dict.fromkeys(COUNTS, int)}
    if any(type(receipt.get(name)) is not wanted for name, wanted in types.items()):
        return None
    return receipt if receipt["run"] == run else None


def _differences(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    if before.get("model") != now["model"]:
        yield "another model"
    options = before.get("options", {})
    for name, value in now["options"].items():
        if options.get(name) != value:
            yield f"{name} was {options.get(name)!r}, now {value!r}"
    old, new = (
        {file["path"]: file["version"] for file in manifest.get("input", [])}
        for manifest in (before, now)
    )
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) != new.get(path):
            change = "is new" if path not in old else "has changed" if path in new else "is missing"
            yield f"the input {path} {change}"
