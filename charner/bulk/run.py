"""A bulk run: what is to be tagged, what is done, and the end."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from charner.bulk.inputs import find_files, parts_of
from charner.bulk.output_folder import OutputFolder
from charner.layout.model_files import MODEL_FILES
from charner.tagging.tagger import Tagger
from charner.tagging.writers import lowest_score


@dataclass(frozen=True)
class Options:
    """How the rows are tagged.

    Attributes:
        text_field: the field or column with the text.
        min_score: entities with a lower score are left out.
        skip_bad: rows that cannot be read are skipped; otherwise they stop the run.
        part_size: bytes of a part, about.
    """

    text_field: str
    min_score: float
    skip_bad: bool
    part_size: int


class BulkRun:
    """A run that tags its parts into a folder; each part is described for `tag_part`."""

    def __init__(self, inputs: list[str], output: str, model: Path, options: Options):
        """Prepares the folder, or goes on with what was done there before.

        Raises:
            InputError: there is no model, or the input or the folder is not as it should be.
        """
        Tagger.load(model)  # says what is wrong with it, if anything
        files = find_files(inputs, options.text_field, options.part_size)
        digest = _digest(model)
        self.parts = parts_of(files)
        self._folder = OutputFolder(output)
        self._folder.begin(
            {
                "model": digest,
                "options": asdict(options),
                "input": [asdict(file) for file in files],
            },
            model,
        )
        done = self._folder.receipts()
        self.waiting: list[dict[str, Any]] = [
            {
                "part": asdict(part),
                "output": self._folder.url,
                "model": digest,
                "text_field": options.text_field,
                "min_score": lowest_score(options.min_score),
                "skip_bad": options.skip_bad,
            }
            for part in self.parts
            if part.number not in done
        ]

    def finish(self) -> dict[str, int]:
        """Checks the output, says that it is complete, and returns the totals of COUNTS.

        Raises:
            InputError: a part is missing or not as its receipt says.
        """
        return self._folder.finish(len(self.parts))


def _digest(model: Path) -> str:
    """The SHA-256 of a model's files."""
    digest = hashlib.sha256()
    for name in MODEL_FILES:
        digest.update((model / name).read_bytes())
    return digest.hexdigest()
