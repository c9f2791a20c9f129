"""A model of one of the architectures."""

import numpy as np

from charner import params
from charner.char_lstm import CharLstm
from charner.cnn_lstm_crf import CnnLstmCrf
from charner.vocabulary import Vocabulary

Architecture = CharLstm | CnnLstmCrf
ARCHITECTURES = {"char_lstm": CharLstm, "cnn_lstm_crf": CnnLstmCrf}


def build(settings: params.Model, vocabulary: Vocabulary) -> Architecture:
    """The untrained model of `settings.architecture`."""
    own_settings = getattr(settings, settings.architecture)
    model = ARCHITECTURES[settings.architecture](own_settings, vocabulary)
    model(model.encode([]))  # makes the weights
    return model


def named_weights(model: Architecture) -> dict[str, np.ndarray]:
    """All weights by names that do not depend on what else was built, unlike Keras' paths."""
    return {
        f"{layer.name}.{weight.name}": weight.numpy()
        for layer in model.layers
        for weight in layer.weights
    }
