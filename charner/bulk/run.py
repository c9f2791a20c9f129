"""A bulk run: what is to be tagged, what is done, and the end."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from charner.bulk.inputs import find_files, parts_of
from charner.bulk.output_folder import OutputFolder
from charner.bulk.storage import absolute_url
from charner.bulk.tag_part import digest_of_model
from charner.support.errors import InputError
from charner.tagging.tagger import Tagger
from charner.tagging.writers import lowest_score


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
        if options.text_field == "entities":
            raise InputError("the text cannot be in the field `entities`, which is written")
        Tagger.load(model)  # says what is wrong with it, if anything
        files = find_files(inputs, options.text_field, options.part_size)
        self._folder = OutputFolder(output)
        for url in (*map(absolute_url, inputs), *(file.path for file in files)):
            if url.startswith(f"{self._folder.url}/"):
                raise InputError(f"{output}: the input {url} is in this folder; name another one")
            if self._folder.url.startswith(f"{url}/"):
                raise InputError(f"{output}: is in the folder {url} of the input; name another one")
        manifest = {
            "model": digest_of_model(model),
            "options": asdict(options),
            "input": [asdict(file) for file in files],
        }
        self._run = hashlib.sha256(json.dumps(manifest).encode()).hexdigest()
        self._folder.begin(manifest, model)
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
