"""Builds the Keras model of an architecture."""

from collections.abc import Callable
from typing import Any

import numpy as np

from charner.encoding.vocabulary import Vocabulary
from charner.models.architecture import Architecture
from charner.models.char_lstm import CharLstm
from charner.models.cnn_lstm_crf import CnnLstmCrf
from charner.params import Model

ARCHITECTURES: dict[str, Callable[[Any, Vocabulary], Architecture]] = {
    "char_lstm": CharLstm,
    "cnn_lstm_crf": CnnLstmCrf,
}


def build(settings: Model, vocabulary: Vocabulary) -> Architecture:
    """Builds an untrained model of `settings.architecture`."""
    model = ARCHITECTURES[settings.architecture](settings.chosen, vocabulary)
    model(model.encode([]))  # creates the weights
    return model


def named_weights(model: Architecture) -> dict[str, np.ndarray]:
    """All weights by name; unlike Keras' paths, the names do not depend on other models."""
    return {
        f"{layer.name}.{weight.name}": weight.numpy()
        for layer in model.layers
        for weight in layer.weights
    }
