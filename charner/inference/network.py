"""A trained network in NumPy, of one of the architectures."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from charner.encoding.vocabulary import Vocabulary
from charner.inference.char_lstm import NumpyCharLstm
from charner.inference.cnn_lstm_crf import NumpyCnnLstmCrf
from charner.layout.model_files import TrainedModel
from charner.tags.decoding import SentenceScores


class Network(Protocol):
    """What tagging asks of an architecture."""

    tags: list[str]
    """The names of the tag ids, PAD first."""
    transitions: np.ndarray
    """The score of each transition from a tag to the next, (tags, tags)."""

    def chunks(self, document: list[list[str]]) -> list[list[list[str]]]:
        """A document's sentences in chunks, each of which is read by itself; the order stays.

        Args:
            document: the tokens of each sentence.
        """

    def __call__(self, chunks: list[list[list[str]]]) -> list[SentenceScores]:
        """The scores of each sentence.

        Args:
            chunks: the tokens of each sentence of each chunk; none is empty.
        """


NETWORKS: dict[str, Callable[[Any, Vocabulary, dict[str, np.ndarray]], Network]] = {
    "char_lstm": NumpyCharLstm,
    "cnn_lstm_crf": NumpyCnnLstmCrf,
}


def network_of(trained: TrainedModel) -> Network:
    """The network of a trained model.

    Raises:
        KeyError, ValueError: weights and settings do not belong together.
    """
    return NETWORKS[trained.architecture](trained.settings, trained.vocabulary, trained.weights)
