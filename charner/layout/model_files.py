"""The files of a trained model: weights, a description and a temperature.

The train stage writes the weights and the description, the calibrate stage the temperature.
"""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy
from pydantic import TypeAdapter, ValidationError

from charner.encoding.vocabulary import Vocabulary
from charner.params import Section
from charner.params.model import SETTINGS
from charner.support.errors import InputError
from charner.support.files import write_json

WEIGHTS_FILE = "weights.safetensors"
DESCRIPTION_FILE = "model.json"
TEMPERATURE_FILE = "temperature.json"
_VOCABULARY = TypeAdapter(Vocabulary)
MODEL_FILES = (WEIGHTS_FILE, DESCRIPTION_FILE, TEMPERATURE_FILE)


@dataclass(frozen=True)
class TrainedModel:
    """All that a tagger needs, except the temperature."""

    architecture: str
    settings: Section
    vocabulary: Vocabulary
    weights: dict[str, np.ndarray]
    """The weights by names of layer and weight, such as `lstm_1.forward_kernel`."""


def save(model: TrainedModel, weights_path: Path, description_path: Path) -> None:
    """Writes a model, without the temperature; the same model always makes the same bytes."""
    # Not save_file: its errors, of a full disk for example, are not OSError.
    weights_path.write_bytes(safetensors.numpy.save(model.weights))
    description = {
        "architecture": model.architecture,
        "settings": model.settings.model_dump(),
        "vocabulary": asdict(model.vocabulary),
    }
    write_json(description_path, description)


def load(folder: Path) -> TrainedModel:
    """Reads what `save` wrote; nothing in the folder can run code.

    Raises:
        InputError: there is no model, or it is from another version of this project.
    """
    description_file = folder / DESCRIPTION_FILE
    description = _read_json(description_file)
    weights_file = _existing(folder / WEIGHTS_FILE)
    try:
        weights = safetensors.numpy.load_file(weights_file)
    except safetensors.SafetensorError as error:
        raise _not_a_model(weights_file, error) from None
    try:
        settings = SETTINGS[description["architecture"]](**description["settings"])
        vocabulary = _VOCABULARY.validate_python(description["vocabulary"])
        return TrainedModel(description["architecture"], settings, vocabulary, weights)
    except (KeyError, TypeError, ValidationError):
        raise _another_version(description_file) from None


def save_temperature(temperature: float, path: Path) -> None:
    """Writes what `load_temperature` reads."""
    write_json(path, {"temperature": temperature})


def load_temperature(folder: Path) -> float:
    """Reads the temperature that the model's scores are divided by, see `inference.calibration`.

    Raises:
        InputError: there is no temperature file, or it is not valid.
    """
    path = folder / TEMPERATURE_FILE
    try:
        temperature = float(_read_json(path)["temperature"])
    except (KeyError, TypeError, ValueError):
        raise _another_version(path) from None
    if not 0 < temperature < math.inf:
        raise InputError(f"{path}: found temperature {temperature}; should be a number above 0")
    return temperature


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise InputError(
            f"{path}: no model is here; `dvc repro` makes one, `dvc checkout` brings back the last"
        )
    return path


def _read_json(path: Path) -> dict:
    try:
        return json.loads(_existing(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise _not_a_model(path, error) from None


def _not_a_model(path: Path, error: Exception) -> InputError:
    return InputError(f"{path}: not part of a model ({error}); `dvc repro` makes one")


def _another_version(path: Path) -> InputError:
    return InputError(
        f"{path}: from another version of this project; `dvc repro` makes a new model"
    )
