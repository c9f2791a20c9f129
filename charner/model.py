"""The architectures, and how a trained model is kept in a folder."""

import json
from pathlib import Path

import safetensors.numpy

from charner.backend import keras
from charner.encoding import Vocabulary
from charner.files import write_json
from charner.params import Model

WEIGHTS_FILE = "weights.safetensors"
DESCRIPTION_FILE = "model.json"


def build(settings: Model, vocabulary: Vocabulary) -> keras.Model:
    """The untrained model of `settings.architecture`.

    Returns:
        A model from character ids (sentences, characters), padded with PAD, to logits
        (sentences, characters, label ids). The logit of PAD stands for nothing: leave it out.
    """
    return ARCHITECTURES[settings.architecture](
        settings, len(vocabulary.characters), len(vocabulary.labels)
    )


def char_lstm(settings: Model, character_count: int, label_count: int) -> keras.Model:
    """Embedding, LSTM layers over characters, and a dense layer that labels each character.

    Padding is masked, so that the direction from right to left starts at a sentence's last
    character. Sentences are unrelated, so no state is carried from one batch to the next.
    """
    model = keras.Sequential([keras.Input((None,), dtype="int32")], name="char_lstm")
    model.add(
        keras.layers.Embedding(
            character_count, settings.embedding_dim, mask_zero=True, name="embedding"
        )
    )
    for number in range(1, settings.lstm_layers + 1):
        model.add(keras.layers.Dropout(settings.dropout, name=f"dropout_{number}"))
        lstm = keras.layers.LSTM(settings.lstm_units, return_sequences=True, name=f"lstm_{number}")
        if settings.bidirectional:
            lstm = keras.layers.Bidirectional(lstm, name=f"lstm_{number}")
        model.add(lstm)
    model.add(keras.layers.Dropout(settings.dropout, name="dropout"))
    model.add(keras.layers.Dense(label_count, name="labels"))
    return model


ARCHITECTURES = {"char_lstm": char_lstm}


def save(folder: Path, model: keras.Model, settings: Model, vocabulary: Vocabulary) -> None:
    """Writes to an existing folder all that `load` needs; the same model gives the same bytes."""
    safetensors.numpy.save_file(
        {name: variable.numpy() for name, variable in _named_weights(model).items()},
        folder / WEIGHTS_FILE,
    )
    description = {
        "model": settings.model_dump(),
        "characters": vocabulary.characters,
        "labels": vocabulary.labels,
    }
    write_json(folder / DESCRIPTION_FILE, description)


def load(folder: Path) -> tuple[keras.Model, Vocabulary]:
    """Rebuilds the model that `save` wrote, with its vocabulary."""
    description = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    vocabulary = Vocabulary(description["characters"], description["labels"])
    model = build(Model(**description["model"]), vocabulary)
    weights = safetensors.numpy.load_file(folder / WEIGHTS_FILE)
    for name, variable in _named_weights(model).items():
        variable.assign(weights[name])
    return model, vocabulary


def _named_weights(model: keras.Model) -> dict[str, keras.Variable]:
    """Names that do not depend on what else was built in this process, unlike Keras' paths."""
    return {
        f"{layer.name}.{index}.{weight.name}": weight
        for layer in model.layers
        for index, weight in enumerate(layer.trainable_weights)
    }
