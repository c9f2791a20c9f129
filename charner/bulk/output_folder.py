"""The folder that a bulk run writes: parts, receipts, and what says that they belong together.

- `part-000000.jsonl`, …: the rows of each part, with their entities.
- `_manifest.json`: the input, the model and the options; another run may not write here.
- `_model/`: the model, from which all workers load it.
- `_receipts/000000.json`: written after a part, so that a run that was stopped resumes.
- `_rejects/000000.jsonl`: the rows of a part that were skipped, with places and reasons.
- `_SUCCESS`: written last, with the totals.
"""

import contextlib
import hashlib
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from charner.bulk.storage import absolute_url, storage_errors, storage_of
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
        self._fs, self._root = storage_of(url)
        self.url = absolute_url(url)

    def begin(self, manifest: dict[str, Any], model: Path) -> None:
        """Prepares the folder for a run, or checks that it is the same run that wrote here before.

        Raises:
            InputError: the folder has the output of another run, or other files.
        """
        with storage_errors(self.url):
            if self._fs.isfile(self._root):
                raise InputError(f"{self.url}: is a file; name a new folder")
            before = self._read_json(MANIFEST)
            if before is not None:
                if differences := "; ".join(_differences(before, manifest)):
                    raise InputError(f"{self.url}: holds the output of another run: {differences}")
                return
            if others := sorted(self._names("") - {MODEL, TEMPORARY}):
                raise InputError(f"{self.url}: is not empty, it has {others[0]}; name a new folder")
            for name in MODEL_FILES:
                self._publish_bytes(f"{MODEL}/{name}", (model / name).read_bytes())
            self._publish_json(MANIFEST, manifest)

    def receipts(self, run: str) -> dict[int, dict[str, Any]]:
        """The receipts of the parts that are done, by number.

        Args:
            run: the digest of the manifest; receipts of other runs do not count.
        """
        with storage_errors(self.url):
            paths = [self._path(f"_receipts/{name}") for name in self._names("_receipts")]
            contents = self._fs.cat(paths) if paths else {}
        found = [json.loads(content) for content in contents.values()]
        return {receipt["part"]: receipt for receipt in found if receipt["run"] == run}

    def finish(self, run: str, parts: int) -> dict[str, int]:
        """Checks that each part is there as its receipt says, and writes `_SUCCESS`.

        Args:
            run: the digest of the manifest.
            parts: how many there should be.

        Returns:
            The totals of COUNTS.

        Raises:
            InputError: a part is missing or has another size.
        """
        receipts = self.receipts(run)
        with storage_errors(self.url):
            sizes = {Path(i["name"]).name: i["size"] for i in self._fs.ls(self._root, detail=True)}
            for number in range(parts):
                receipt = receipts.get(number)
                if receipt is None or sizes.get(receipt["file"]) != receipt["bytes"]:
                    raise InputError(
                        f"{self.url}: part {number} is missing or not as its receipt says; delete"
                        f" {receipt_name(number)}, and the same command tags it again"
                    )
            of_parts = [receipts[number] for number in range(parts)]
            totals = {name: sum(receipt[name] for receipt in of_parts) for name in COUNTS}
            if not self._fs.exists(self._path(SUCCESS)):
                self._publish_json(SUCCESS, {"parts": parts, **totals})
        with contextlib.suppress(OSError):  # an object store has no empty folder
            self._fs.rm(self._path(TEMPORARY), recursive=True)
        return totals

    def write_receipt(self, receipt: dict[str, Any]) -> None:
        """Writes the receipt of a part that is published."""
        self._publish_json(receipt_name(receipt["part"]), receipt)

    @contextlib.contextmanager
    def publishing(self, name: str) -> Iterator["Written"]:
        """A file to write, which gets its name when the block ends without an error.

        Until then it has a name of its own, so that two processes may write the same file.
        """
        temporary = self._path(f"{TEMPORARY}/{uuid.uuid4().hex}")
        self._fs.makedirs(self._path(TEMPORARY), exist_ok=True)
        self._fs.makedirs(self._path(name).rpartition("/")[0], exist_ok=True)
        try:
            with self._fs.open(temporary, "wb") as file:
                yield Written(file)
            self._fs.mv(temporary, self._path(name))
        except BaseException:
            with contextlib.suppress(OSError):
                self._fs.rm(temporary)
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
            return {Path(name).name for name in self._fs.ls(self._path(folder), detail=False)}
        except FileNotFoundError:
            return set()

    def _read_json(self, name: str) -> dict[str, Any] | None:
        try:
            return json.loads(self._fs.cat_file(self._path(name)))
        except FileNotFoundError:
            return None

    def _publish_json(self, name: str, content: dict[str, Any]) -> None:
        self._publish_bytes(name, (json.dumps(content, indent=1) + "\n").encode())

    def _publish_bytes(self, name: str, content: bytes) -> None:
        with self.publishing(name) as file:
            file.write(content)


class Written:
    """A file that counts and digests what is written to it."""

    closed = False  # for pyarrow

    def __init__(self, file: Any):
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

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
    def sha256(self) -> str:
        return self._digest.hexdigest()


def receipt_name(part: int) -> str:
    """The file with the receipt of a part."""
    return f"_receipts/{part:06}.json"


def _differences(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    if before.get("model") != now["model"]:
        yield "another model"
    options = before.get("options", {})
    for name, value in now["options"].items():
        if options.get(name) != value:
            yield f"{name} was {options.get(name)!r}, now {value!r}"
    old, new = ({f["path"]: f for f in found.get("input", [])} for found in (before, now))
    for path in sorted(old.keys() | new.keys()):
        if path not in old:
            yield f"the input {path} is new"
        elif path not in new:
            yield f"the input {path} is missing"
        elif old[path]["version"] != new[path]["version"]:
            yield f"the input {path} has changed"
    if [*old] != [*new] and old.keys() == new.keys():
        yield "the input is in another order"
