"""A model of one of the architectures."""

from charner import params
from charner.char_lstm import CharLstm
from charner.cnn_lstm_crf import CnnLstmCrf
from charner.encoding import Vocabulary

Architecture = CharLstm | CnnLstmCrf
ARCHITECTURES = {"char_lstm": CharLstm, "cnn_lstm_crf": CnnLstmCrf}


def build(settings: params.Model, vocabulary: Vocabulary) -> Architecture:
    """The untrained model of `settings.architecture`."""
    own_settings = getattr(settings, settings.architecture)
    model = ARCHITECTURES[settings.architecture](own_settings, vocabulary)
    model(model.encode([]))  # makes the weights
    return model
