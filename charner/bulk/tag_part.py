"""Tags one part: a plain description in, a plain receipt out. It knows no engine."""

import hashlib
import json
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import Any

from charner.bulk.inputs import Part, format_of
from charner.bulk.output_folder import COUNTS, OutputFolder, Written
from charner.bulk.rows import tag_rows
from charner.bulk.secrets import hidden, without_secrets
from charner.bulk.storage import storage_of
from charner.encoding import model_files
from charner.encoding.model_files import MODEL_FILES, TrainedModel
from charner.support.errors import InputError
from charner.tagging.documents import tag_documents
from charner.tagging.readers import BadDocument, Document
from charner.tagging.tagger import TaggedText, Tagger

PAUSE = 2.0  # seconds after an error that may pass; Dask tries again at once


class PartError(Exception):
    """A part was not tagged, for a reason that may pass; the message has no secrets of URLs."""


def tag_part(description: dict[str, Any]) -> dict[str, Any]:
    """Tags a part and publishes its output; the receipt comes last.

    The same description always makes the same bytes, so that it may run twice, even at once.

    Args:
        description: `part` (the fields of `Part`), `run` (the digest of its manifest), `output`
            (the folder of the run), `model` (its digest), `text_field`, `min_score`, and
            `skip_bad`, whether rows that cannot be read are skipped.

    Returns:
        The receipt: `run`, `part`, `file`, `sha256`, and the numbers of COUNTS. Or, if the part
        cannot be read, `part` and `problem`.

    Raises:
        PartError: anything else went wrong, in the storage for example; it may pass.
    """
    part = Part(**description["part"])
    try:
        return _tag(part, description)
    except InputError as error:
        return {"part": part.number, "problem": str(error)}
    except Exception as error:
        message = f"{without_secrets(part.path)}: {type(error).__name__}: {error}"
    time.sleep(PAUSE)
    # Not in the block above: Dask would send the other error along, which cannot always be sent.
    raise PartError(hidden(message, part.path, description["output"]))


def _tag(part: Part, description: dict[str, Any]) -> dict[str, Any]:
    folder = OutputFolder(description["output"])
    name = f"part-{part.number:06}.{format_of(part.path)}"
    _check_size(part)
    # A new tagger for each part: what it keeps of tokens would take more and more memory.
    tagger = Tagger(*_model(description["output"], description["model"]))
    counts = Counter(dict.fromkeys(COUNTS, 0))
    rejects: Written | None = None
    with ExitStack() as stack:
        output = stack.enter_context(folder.publishing(name))

        def tag(documents: list[Document]) -> list[TaggedText | BadDocument]:
            nonlocal rejects
            tagged = tag_documents(tagger, documents, description["min_score"])
            counts["rows read"] += len(documents)
            for text in tagged:
                if isinstance(text, TaggedText):
                    counts["rows written"] += 1
                    counts["tokens"] += sum(len(sentence.tokens) for sentence in text.sentences)
                    counts["entities"] += len(text.entities)
                    continue
                if not description["skip_bad"]:
                    raise InputError(f"{text.message} (--skip-bad skips such rows)")
                counts["rows skipped"] += 1
                if rejects is None:
                    path = f"_rejects/{part.number:06}.jsonl"
                    rejects = stack.enter_context(folder.publishing(path))
                rejects.write((json.dumps({"problem": text.message}) + "\n").encode())
            return tagged

        tag_rows(part, description["text_field"], output, tag)
    counts["bytes"] = output.size
    receipt = {
        "run": description["run"],
        "part": part.number,
        "file": name,
        **counts,
        "sha256": output.digest.hexdigest(),
    }
    folder.write_receipt(receipt)
    return receipt


def _check_size(part: Part) -> None:
    fs, path = storage_of(part.path)
    fs.invalidate_cache()
    if fs.info(path)["size"] != part.size:
        raise InputError(f"{without_secrets(part.path)}: has changed since the run began")


@lru_cache(maxsize=1)
def _model(output: str, digest: str) -> tuple[TrainedModel, float]:
    """The model in the folder of a run and its temperature; each process loads them once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        OutputFolder(output).copy_model(folder)
        if model_digest(folder) != digest:
            raise InputError(
                f"{without_secrets(output)}: the model in this folder is not that of its manifest"
            )
        return model_files.load(folder), model_files.load_temperature(folder)


def model_digest(folder: Path) -> str:
    """The SHA-256 of a model's files."""
    digest = hashlib.sha256()
    for name in MODEL_FILES:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()
