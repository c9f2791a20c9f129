"""How a trained model is kept in a folder: weights, and JSON that says what they are of."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy

from charner.errors import InputError
from charner.files import write_json
from charner.params import Model
from charner.vocabulary import Vocabulary

WEIGHTS_FILE = "weights.safetensors"
DESCRIPTION_FILE = "model.json"


@dataclass(frozen=True)
class TrainedModel:
    """All that a tagger needs.

    `weights` by the names of layer and weight, as in `lstm_1.forward_kernel`; `temperature` see
    `calibration`.
    """

    settings: Model
    vocabulary: Vocabulary
    weights: dict[str, np.ndarray]
    temperature: float = 1.0


def save(folder: Path, model: TrainedModel) -> None:
    """Writes to an existing folder all that `load` needs; the same model gives the same bytes."""
    safetensors.numpy.save_file(model.weights, folder / WEIGHTS_FILE)
    description = {
        "model": model.settings.model_dump(),
        "vocabulary": asdict(model.vocabulary),
        "temperature": model.temperature,
    }
    write_json(folder / DESCRIPTION_FILE, description)


def load(folder: Path) -> TrainedModel:
    """Reads what `save` wrote; nothing in the folder can run code.

    Raises:
        InputError: there is no model, or one of another version of this project.
    """
    description_file, weights_file = folder / DESCRIPTION_FILE, folder / WEIGHTS_FILE
    for path in (description_file, weights_file):
        if not path.is_file():
            raise InputError(f"{path}: no model is here; `dvc repro` makes one")
    try:
        description = json.loads(description_file.read_text(encoding="utf-8"))
        weights = safetensors.numpy.load_file(weights_file)
    except (ValueError, safetensors.SafetensorError) as error:
        raise InputError(f"{folder}: no model ({error}); `dvc repro` makes one") from None
    try:
        return TrainedModel(
            Model(**description["model"]),
            Vocabulary(**description["vocabulary"]),
            weights,
            description["temperature"],
        )
    except (KeyError, TypeError, ValueError):
        raise InputError(
            f"{description_file}: of another version of this project; `dvc repro` makes a new model"
        ) from None
