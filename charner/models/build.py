"""Builds the Keras model of an architecture."""

from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.models.architecture import Architecture
from charner.models.char_lstm import CharLstm
from charner.models.cnn_lstm_crf import CnnLstmCrf
from charner.params import Model

ARCHITECTURES: dict[str, type[Architecture]] = {
    "char_lstm": CharLstm,
    "cnn_lstm_crf": CnnLstmCrf,
}


def build(settings: Model, vocabulary: Vocabulary, vectors: WordVectors) -> Architecture:
    """Builds an untrained model of `settings.architecture`; not every one reads word vectors."""
    model = ARCHITECTURES[settings.architecture](settings.chosen, vocabulary, vectors)
    model(model.encode([]))  # creates the weights
    return model
