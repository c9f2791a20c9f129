"""A bulk run: what is to be tagged, what is done, and the end."""

import re
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from fsspec.core import has_magic
from fsspec.utils import glob_translate

from charner.bulk.inputs import FORMATS, Part, find_files
from charner.bulk.output_folder import OutputFolder
from charner.bulk.secrets import without_secrets
from charner.bulk.storage import absolute_url, real_url, storage_errors
from charner.bulk.tag_part import model_digest
from charner.support.errors import InputError
from charner.tagging.tagger import Tagger
from charner.tagging.writers import check_text_field, lowest_score


class BulkRun:
    """A run that tags its `parts` into a folder; those in `waiting` are described for `tag_part`.

    run = BulkRun(["in.jsonl"], "out", Path("models"), **options)
    receipts = [tag_part(description) for description in run.waiting]
    print(run.finish()["entities"])
    """

    def __init__(
        self,
        inputs: list[str],
        output: str,
        model: Path,
        *,
        text_field: str,
        min_score: float,
        part_size: int,
        skip_bad: bool,
    ):
        """Prepares the folder, or resumes what was done there before.

        Args:
            inputs: files, globs or folders.
            output: the folder to write.
            model: the folder of the model.
            text_field: the field or column with the text.
            min_score: entities with a lower score are left out.
            part_size: bytes of a part, about.
            skip_bad: rows that cannot be read are skipped; otherwise they stop the run.

        Raises:
            InputError: there is no model, or the input or the folder is not as it should be.
        """
        check_text_field(text_field)
        Tagger.load(model)  # raises if anything is wrong with it
        files = find_files(inputs, text_field, part_size)
        with storage_errors(output):
            self._folder = OutputFolder(output)
            _check_apart(output, [*map(absolute_url, inputs), *(file.path for file in files)])
        manifest = {
            "model": model_digest(model),
            # What decides the output, beside the input and the model.
            "options": {"text_field": text_field, "min_score": min_score, "part_size": part_size},
            "input": [asdict(file) | {"path": without_secrets(file.path)} for file in files],
        }
        self._folder.begin(manifest, model)
        bounds = [(file.path, file.size, *bound) for file in files for bound in pairwise(file.cuts)]
        self.parts = [Part(number, *bound) for number, bound in enumerate(bounds)]
        done = self._folder.receipts()
        self.waiting: list[dict[str, Any]] = [
            {
                "part": asdict(part),
                "run": self._folder.run,
                "output": self._folder.url,
                "model": manifest["model"],
                "text_field": text_field,
                "min_score": lowest_score(min_score),
                "skip_bad": skip_bad,
            }
            for part in self.parts
            if part.number not in done
        ]

    def finish(self) -> dict[str, int]:
        """Checks the output, writes that it is complete, and returns the totals of COUNTS.

        Raises:
            InputError: a part is missing or not as its receipt says.
        """
        return self._folder.finish(len(self.parts))


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
        if folder.startswith(f"{real}/") or _matches_output(real, folder):
            raise InputError(
                f"{name}: is in the folder {without_secrets(given)} of the input; name another one"
            )


def _matches_output(pattern: str, folder: str) -> bool:
    """Whether a glob of the input would match what is written: the run could not go on."""
    parts = (f"{folder}/part-00000{i}.{name}" for i in range(10) for name in FORMATS.values())
    return has_magic(pattern) and any(re.match(glob_translate(pattern), part) for part in parts)
