"""The files of a trained model: weights, word vectors, a description and a temperature.

The train stage writes all but the temperature, which the calibrate stage writes.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from pydantic import TypeAdapter, ValidationError

from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.support.errors import InputError
from charner.support.files import write_json
from charner.tags.schemes import is_entity_type

WEIGHTS_FILE = "weights.safetensors"
VECTORS_FILE = "vectors.safetensors"
DESCRIPTION_FILE = "model.json"
TEMPERATURE_FILE = "temperature.json"
TRAINED_FILES = (WEIGHTS_FILE, VECTORS_FILE, DESCRIPTION_FILE)  # those that `save` writes
MODEL_FILES = (*TRAINED_FILES, TEMPERATURE_FILE)
ANOTHER_VERSION = "from another version of this project; `dvc repro` makes a new model"
ALLOWED_TEMPERATURES = (0.1, 10.0)  # far beyond, probabilities are not numbers
_LANGUAGE = re.compile("[a-z]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class TrainedModel:
    """All that a tagger needs, except the temperature."""

    architecture: str
    settings: dict[str, Any]
    """The section of the architecture in params.yaml; not checked here."""
    vocabulary: Vocabulary
    vectors: WordVectors
    """Without dimensions, if the model reads none."""
    weights: dict[str, np.ndarray]
    """The weights by names of layer and weight, such as `lstm_1.forward_kernel`."""


@dataclass(frozen=True)
class _Description:
    architecture: str
    settings: dict[str, Any]
    vocabulary: Vocabulary
    vectors: str
    """The SHA-256 of the file of word vectors: with others, the model would score low."""


_DESCRIPTION = TypeAdapter(_Description)


def save(
    model: TrainedModel, weights_path: Path, vectors_path: Path, description_path: Path
) -> None:
    """Writes a model, without the temperature; the same model always makes the same bytes."""
    # Not save_file: its errors, of a full disk for example, are not OSError.
    weights_path.write_bytes(safetensors.numpy.save(model.weights))
    model.vectors.save(vectors_path)
    description = _Description(
        model.architecture, model.settings, model.vocabulary, _digest(vectors_path)
    )
    write_json(description_path, asdict(description))


def load(folder: Path) -> TrainedModel:
    """Reads what `save` wrote; nothing in the folder can run code.

    Raises:
        InputError: there is no model, its description is from another version of this project, or
            the word vectors are those of another model.
    """
    description_file = folder / DESCRIPTION_FILE
    content = _read_json(description_file)
    weights_file = _existing(folder / WEIGHTS_FILE)
    try:
        weights = safetensors.numpy.load_file(weights_file)
    except (safetensors.SafetensorError, AttributeError, TypeError) as error:
        raise _not_a_model(weights_file, error) from None  # NumPy may lack the type of the numbers
    try:
        description = _DESCRIPTION.validate_python(content)
    except ValidationError:
        raise _another_version(description_file) from None
    _check_names(description.vocabulary, description_file)
    vectors_file = _existing(folder / VECTORS_FILE)
    if _digest(vectors_file) != description.vectors:
        raise InputError(
            f"{vectors_file}: the files are not of one model ({DESCRIPTION_FILE} names other word"
            " vectors); `dvc repro` makes one"
        )
    try:
        vectors = WordVectors.load(vectors_file)
    except (ValueError, OSError) as error:
        raise _not_a_model(vectors_file, error) from None
    return TrainedModel(
        description.architecture,
        description.settings,
        description.vocabulary,
        vectors,
        weights,
    )


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
        number = _read_json(path)["temperature"]
        if isinstance(number, bool):
            raise TypeError
        temperature = float(number)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise _another_version(path) from None
    lowest, highest = ALLOWED_TEMPERATURES
    if not lowest <= temperature <= highest:
        raise InputError(
            f"{path}: found temperature {temperature}; should be from {lowest} to {highest}"
        )
    return temperature


def _check_names(vocabulary: Vocabulary, path: Path) -> None:
    """Checks what goes into pages, columns and terminals as it is; the model may be anyone's."""
    for name in vocabulary.entity_types:
        if not is_entity_type(name):
            raise InputError(
                f"{path}: found the entity type {name!r}; should be a word without spaces, < and >"
            )
    if not _LANGUAGE.fullmatch(vocabulary.language):
        raise InputError(
            f"{path}: found language {vocabulary.language!r}; should be a code, such as en or pt-br"
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise InputError(
            f"{path}: no model is here; `dvc repro` makes one, `dvc checkout` brings back the last"
        )
    return path


def _read_json(path: Path) -> Any:
    try:
        return json.loads(_existing(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise _not_a_model(path, error) from None


def _not_a_model(path: Path, error: Exception) -> InputError:
    return InputError(f"{path}: not part of a model ({error}); `dvc repro` makes one")


def _another_version(path: Path) -> InputError:
    return InputError(f"{path}: {ANOTHER_VERSION}")
