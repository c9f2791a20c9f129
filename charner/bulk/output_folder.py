"""The folder that a bulk run writes: parts, receipts, and what says that they belong together.

- `part-00000.jsonl`, …: the rows of each part, with their entities.
- `_manifest.json`: the input, the model and the options; another run may not write here.
- `_model/`: the model, from which all workers load it.
- `_receipts/00000.json`: written after a part, so that a run that was stopped goes on.
- `_rejects/00000.jsonl`: the rows of a part that were skipped, with places and reasons.
- `_SUCCESS`: written last, with the totals.
"""

import contextlib
import hashlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec

from charner.layout.model_files import MODEL_FILES
from charner.support.errors import InputError

MANIFEST, SUCCESS, MODEL, TEMPORARY = "_manifest.json", "_SUCCESS", "_model", "_temporary"
COUNTS = ("rows read", "rows written", "rows skipped", "tokens", "entities", "bytes")


class OutputFolder:
    """A folder in any storage that fsspec writes."""

    def __init__(self, url: str):
        """Opens a folder, which may not exist yet.

        Raises:
            InputError: fsspec does not know such a storage.
        """
        # Workers may run in other folders of this machine.
        self.url = url if "://" in url else str(Path(url).absolute())
        try:
            self._fs, self._root = fsspec.url_to_fs(url)
        except (ImportError, ValueError) as error:  # fsspec says what to install
            raise InputError(f"{url}: {error}") from None

    def begin(self, manifest: dict[str, Any], model: Path) -> None:
        """Prepares the folder for a run, or checks that it is the same run that wrote here before.

        Raises:
            InputError: the folder has the output of another run, or other files.
        """
        before = self._read_json(MANIFEST)
        if before is not None:
            if differences := "; ".join(_differences(before, manifest)):
                raise InputError(f"{self.url}: holds the output of another run: {differences}")
            return
        names = self._names("")
        if others := sorted(names - {MODEL, TEMPORARY}):
            raise InputError(f"{self.url}: is not empty, it has {others[0]}; name a new folder")
        for name in MODEL_FILES:
            self._publish_bytes(f"{MODEL}/{name}", (model / name).read_bytes())
        self._publish_json(MANIFEST, manifest)

    def receipts(self) -> dict[int, dict[str, Any]]:
        """The receipts of the parts that are done, by number."""
        found = {}
        for name in self._names("_receipts"):
            receipt = self._read_json(f"_receipts/{name}")
            if receipt:
                found[receipt["part"]] = receipt
        return found

    def finish(self, parts: int) -> dict[str, int]:
        """Checks that each part is there as its receipt says, and writes `_SUCCESS`.

        Returns:
            The totals of COUNTS.

        Raises:
            InputError: a part is missing or has another size.
        """
        receipts = self.receipts()
        sizes = {Path(i["name"]).name: i["size"] for i in self._fs.ls(self._root, detail=True)}
        for number in range(parts):
            receipt = receipts.get(number)
            if receipt is None or sizes.get(receipt["file"]) != receipt["bytes"]:
                raise InputError(
                    f"{self.url}: part {number} is not as its receipt says; delete"
                    f" _receipts/{number:05}.json to tag it again"
                )
        totals = {name: sum(receipt[name] for receipt in receipts.values()) for name in COUNTS}
        assert totals["rows read"] == totals["rows written"] + totals["rows skipped"]
        if not self._fs.exists(self._path(SUCCESS)):
            self._publish_json(SUCCESS, {"parts": parts, **totals})
            self._fs.rm(self._path(TEMPORARY), recursive=True)
        return totals

    def write_receipt(self, receipt: dict[str, Any]) -> None:
        """Writes the receipt of a part that is published."""
        self._publish_json(f"_receipts/{receipt['part']:05}.json", receipt)

    @contextlib.contextmanager
    def publishing(self, name: str) -> Iterator["Written"]:
        """A file to write, which gets its name when the block ends without an error.

        Until then it has a name of its own, so that two processes may write the same file.
        """
        temporary = self._path(f"{TEMPORARY}/{uuid.uuid4().hex}")
        self._fs.makedirs(self._path(TEMPORARY), exist_ok=True)
        self._fs.makedirs(self._fs._parent(self._path(name)), exist_ok=True)
        try:
            with self._fs.open(temporary, "wb") as file:
                yield Written(file)
            self._fs.mv(temporary, self._path(name))
        except BaseException:
            with contextlib.suppress(OSError):
                self._fs.rm(temporary)
            raise

    def local_model(self, folder: Path) -> None:
        """Copies the model of this run to a folder of this machine."""
        for name in MODEL_FILES:
            (folder / name).write_bytes(self._fs.cat_file(self._path(f"{MODEL}/{name}")))

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}".rstrip("/")

    def _names(self, folder: str) -> set[str]:
        path = self._path(folder)
        self._fs.invalidate_cache()
        return (
            {Path(p).name for p in self._fs.ls(path, detail=False)}
            if self._fs.exists(path)
            else set()
        )

    def _read_json(self, name: str) -> dict[str, Any] | None:
        try:
            return json.loads(self._fs.cat_file(self._path(name)))
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise InputError(f"{self.url}/{name}: not JSON ({error})") from None

    def _publish_json(self, name: str, content: dict[str, Any]) -> None:
        self._publish_bytes(
            name, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
        )

    def _publish_bytes(self, name: str, content: bytes) -> None:
        with self.publishing(name) as file:
            file.write(content)


class Written:
    """A file that counts and digests what is written to it."""

    def __init__(self, file: Any):
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0
        self.closed = False

    def write(self, content: bytes) -> int:
        self._file.write(content)
        self._digest.update(content)
        self.size += len(content)
        return len(content)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """The block that opened the file closes it."""

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()


def _differences(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    if before["model"] != now["model"]:
        yield "another model"
    for name, value in now["options"].items():
        if before["options"].get(name) != value:
            yield f"{name} was {before['options'].get(name)!r}, now {value!r}"
    files = [{file["path"]: file for file in manifest["input"]} for manifest in (before, now)]
    for path in sorted(files[0].keys() | files[1].keys()):
        old, new = (found.get(path) for found in files)
        if old != new:
            what = "is new" if old is None else "is missing" if new is None else "has changed"
            yield f"the input {path} {what}"
    if [*files[0]] != [*files[1]] and files[0] == files[1]:
        yield "the input is in another order"
