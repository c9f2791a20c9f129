"""Tags one part: a plain description in, a plain receipt out. It knows no engine."""

import json
import tempfile
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

from charner.bulk.inputs import Part, kind_of
from charner.bulk.output_folder import OutputFolder
from charner.bulk.rows import rows_of
from charner.layout import model_files
from charner.layout.model_files import TrainedModel
from charner.support.errors import InputError
from charner.tagging.readers import BadDocument, TextDocument
from charner.tagging.tagger import Tagger


def tag_part(description: dict[str, Any]) -> dict[str, Any]:
    """Tags a part and publishes its output; the receipt comes last.

    The same description always makes the same bytes, so that it may run twice, even at once.

    Args:
        description: `part` (the fields of `Part`), `output` (the folder of the run), `model` (its
            digest), `text_field`, `min_score`, and `skip_bad`, whether rows that cannot be read are
            skipped.

    Returns:
        The receipt: `part`, `file`, `sha256`, and the numbers of COUNTS. Or, if there is a bad row
        that may not be skipped, `part` and `problem`.
    """
    part = Part(**description["part"])
    folder = OutputFolder(description["output"])
    # A new one: what a tagger has cached of other parts could change the last digits.
    tagger = Tagger(*_model(description["output"], description["model"]))
    name = f"part-{part.number:05}.{kind_of(part.path)}"
    read = written = tokens = entities = 0
    rejects: list[str] = []
    try:
        with (
            folder.publishing(name) as output,
            closing(rows_of(part, description["text_field"], output)) as rows,
        ):
            for batch in rows.batches():
                good = [document for document in batch if isinstance(document, TextDocument)]
                bad = [document.message for document in batch if isinstance(document, BadDocument)]
                if bad and not description["skip_bad"]:
                    raise InputError(bad[0])
                tagged = tagger.tag_batch([d.text for d in good], description["min_score"])
                rows.write(good, tagged)
                read += len(batch)
                written += len(good)
                rejects += bad
                tokens += sum(len(s.tokens) for text in tagged for s in text.sentences)
                entities += sum(len(text.entities) for text in tagged)
    except InputError as error:
        return {"part": part.number, "problem": str(error)}
    if rejects:
        with folder.publishing(f"_rejects/{part.number:05}.jsonl") as file:
            for message in rejects:
                file.write((json.dumps({"problem": message}, ensure_ascii=False) + "\n").encode())
    receipt = {
        "part": part.number,
        "file": name,
        "rows read": read,
        "rows written": written,
        "rows skipped": len(rejects),
        "tokens": tokens,
        "entities": entities,
        "bytes": output.size,
        "sha256": output.digest,
    }
    folder.write_receipt(receipt)
    return receipt


@lru_cache(maxsize=1)
def _model(output: str, digest: str) -> tuple[TrainedModel, float]:
    """The model of a run and its temperature; each process loads them once.

    Args:
        output: the folder of the run.
        digest: that of the model; another model is loaded anew.
    """
    with tempfile.TemporaryDirectory() as folder:
        OutputFolder(output).local_model(Path(folder))
        return model_files.load(Path(folder)), model_files.load_temperature(Path(folder))
