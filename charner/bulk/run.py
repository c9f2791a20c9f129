"""A bulk run: what is to be tagged, what is done, and the end."""

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fsspec.core import has_magic
from fsspec.utils import glob_translate

from charner.bulk.inputs import KINDS, find_files, parts_of
from charner.bulk.output_folder import OutputFolder, digest_of_manifest
from charner.bulk.secrets import without_secrets
from charner.bulk.storage import absolute_url, real_url, storage_errors
from charner.bulk.tag_part import digest_of_model
from charner.support.errors import InputError
from charner.tagging.tagger import Tagger
from charner.tagging.writers import check_text_field, lowest_score


@dataclass(frozen=True)
class Options:
    """What decides the output, beside the input and the model.

    Attributes:
        text_field: the field or column with the text.
        min_score: entities with a lower score are left out.
        part_size: bytes of a part, about.
    """

    text_field: str
    min_score: float
    part_size: int


class BulkRun:
    """A run that tags its parts into a folder; each part is described for `tag_part`."""

    def __init__(
        self, inputs: list[str], output: str, model: Path, options: Options, skip_bad: bool
    ):
        """Prepares the folder, or resumes what was done there before.

        Args:
            inputs: files, globs or folders.
            output: the folder to write.
            model: the folder of the model.
            options: see there.
            skip_bad: rows that cannot be read are skipped; otherwise they stop the run.

        Raises:
            InputError: there is no model, or the input or the folder is not as it should be.
        """
        check_text_field(options.text_field)
        Tagger.load(model)  # says what is wrong with it, if anything
        files = find_files(inputs, options.text_field, options.part_size)
        with storage_errors(output):
            self._folder = OutputFolder(output)
            _check_apart(output, [*map(absolute_url, inputs), *(file.path for file in files)])
        manifest = {
            "model": digest_of_model(model),
            "options": asdict(options),
            "input": [asdict(file) | {"path": without_secrets(file.path)} for file in files],
        }
        self._run = digest_of_manifest(manifest)
        self._folder.begin(self._run, manifest, model)
        self.parts = parts_of(files)
        done = self._folder.receipts(self._run)
        self.waiting: list[dict[str, Any]] = [
            {
                "part": asdict(part),
                "run": self._run,
                "output": self._folder.url,
                "model": manifest["model"],
                "text_field": options.text_field,
                "min_score": lowest_score(options.min_score),
                "skip_bad": skip_bad,
            }
            for part in self.parts
            if part.number not in done
        ]

    def finish(self) -> dict[str, int]:
        """Checks the output, says that it is complete, and returns the totals of COUNTS.

        Raises:
            InputError: a part is missing or not as its receipt says.
        """
        return self._folder.finish(self._run, len(self.parts))


def _check_apart(output: str, inputs: list[str]) -> None:
    """Checks that the output is not in a folder of the input, nor the other way round.

    Raises:
        InputError: it is, perhaps through symbolic links.
    """
    name, folder = without_secrets(output), real_url(output)
    for given in inputs:
        real = real_url(given)
        if real.startswith(f"{folder}/"):
            raise InputError(
                f"{name}: the input {without_secrets(given)} is in this folder; name another one"
            )
        if folder.startswith(f"{real}/") or _finds_parts(real, folder):
            raise InputError(
                f"{name}: is in the folder {without_secrets(given)} of the input; name another one"
            )


def _finds_parts(pattern: str, folder: str) -> bool:
    """Whether a glob of the input would find what is written: the run could not go on."""
    parts = (f"{folder}/part-00000{i}.{kind}" for i in range(10) for kind in KINDS.values())
    return has_magic(pattern) and any(re.match(glob_translate(pattern), part) for part in parts)
