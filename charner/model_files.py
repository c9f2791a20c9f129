"""How a trained model is kept in a folder: weights, and JSON that says how to rebuild it."""

import json
from dataclasses import asdict
from pathlib import Path

import safetensors.numpy

from charner.backend import keras
from charner.encoding import Vocabulary
from charner.files import write_json
from charner.model import Architecture, build
from charner.params import Model

WEIGHTS_FILE = "weights.safetensors"
DESCRIPTION_FILE = "model.json"


def save(folder: Path, model: Architecture, settings: Model, vocabulary: Vocabulary) -> None:
    """Writes to an existing folder all that `load` needs; the same model gives the same bytes."""
    safetensors.numpy.save_file(
        {name: variable.numpy() for name, variable in _named_weights(model).items()},
        folder / WEIGHTS_FILE,
    )
    description = {"model": settings.model_dump(), "vocabulary": asdict(vocabulary)}
    write_json(folder / DESCRIPTION_FILE, description)


def load(folder: Path) -> Architecture:
    """Rebuilds the model that `save` wrote."""
    description = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    vocabulary = Vocabulary(**description["vocabulary"])
    model = build(Model(**description["model"]), vocabulary)
    weights = safetensors.numpy.load_file(folder / WEIGHTS_FILE)
    for name, variable in _named_weights(model).items():
        variable.assign(weights[name])
    return model


def _named_weights(model: Architecture) -> dict[str, keras.Variable]:
    """Names that do not depend on what else was built in this process, unlike Keras' paths."""
    return {
        f"{layer.name}.{index}.{weight.name}": weight
        for layer in model.layers
        for index, weight in enumerate(layer.weights)
    }
