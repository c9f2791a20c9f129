"""What a stage reads must be the same at its end: DVC records what it finds then."""

import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

from charner.support.errors import InputError

NAMED = 3  # changed files that a message names

_ROOT = Path(__file__).parents[2]


def _digests(files: Iterable[Path]) -> dict[Path, str]:
    """The SHA-256 of each regular file."""
    digests = {}
    for path in files:
        if path.is_file():
            with path.open("rb") as file:
                digests[path] = hashlib.file_digest(file, "sha256").hexdigest()
    return digests


# `stages` loads this module before the rest, so these are the digests of the code that is loaded.
_CODE = _digests(path for name in ("charner", "stages") for path in (_ROOT / name).rglob("*.py"))


def _loaded_code() -> dict[Path, str]:
    """The digests of the modules that are loaded, as they were at the start."""
    loaded = {Path(getattr(module, "__file__", None) or "") for module in [*sys.modules.values()]}
    return {path: _CODE[path] for path in sorted(_CODE.keys() & loaded)}


def _changed(before: dict[Path, str], now: dict[Path, str]) -> list[Path]:
    return sorted(path for path in before | now if before.get(path) != now.get(path))


class StageInputs:
    """The parameters, the data and the code of a run of a stage, as they were when it began."""

    def __init__(self, data: Iterable[Path], parameters: object = None):
        """Computes digests of the data; make this before the stage reads its data.

        Args:
            data: files, and folders of files.
            parameters: the parameters of the stage, which DVC records.
        """
        self._data = [*data]
        self._parameters = parameters
        self._digests = self._digests_of_data()

    @property
    def everything(self) -> list:
        """Parameters, digests of the data, and digests of the code that is loaded."""
        data = [[path.as_posix(), digest] for path, digest in self._digests.items()]
        code = [[str(path.relative_to(_ROOT)), digest] for path, digest in _loaded_code().items()]
        return [self._parameters, data, code]

    def check_unchanged(
        self, parameters: object = None, advice: str = "run `dvc repro` again"
    ) -> None:
        """Checks that nothing has changed; to be called just before the outputs are put in place.

        Args:
            parameters: the same parameters, read again.
            advice: what the user can do, if something has changed.

        Raises:
            InputError: something has changed.
        """
        changed = ["params.yaml"] if parameters != self._parameters else []
        changed += [str(path) for path in _changed(self._digests, self._digests_of_data())]
        code = _loaded_code()
        changed += [str(path.relative_to(_ROOT)) for path in _changed(code, _digests(code))]
        if changed:
            more = f" and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
            raise InputError(
                f"{', '.join(changed[:NAMED])}{more}: changed while this stage ran, so its outputs"
                f" are not written; {advice}"
            )

    def _digests_of_data(self) -> dict[Path, str]:
        files: list[Path] = []
        for path in self._data:
            files += sorted(path.rglob("*")) if path.is_dir() else [path]
        return _digests(file for file in files if file.suffix != ".partial")  # as DVC does
