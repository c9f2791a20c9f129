"""The NumPy networks of all architectures, and their interface."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from charner.encoding.model_files import TrainedModel
from charner.encoding.vocabulary import UNK, Vocabulary
from charner.inference.char_lstm import NumpyCharLstm
from charner.inference.cnn_lstm_crf import NumpyCnnLstmCrf
from charner.inference.shapes import weight_shapes
from charner.tags.decoding import SentenceScores


class Network(Protocol):
    """A NumPy network: the interface that tagging uses."""

    tags: list[str]
    """The names of the tag ids, PAD first."""
    transitions: np.ndarray
    """The score of each transition from a tag to the next, (tags, tags)."""

    def chunks(self, document: list[list[str]]) -> list[list[list[str]]]:
        """Groups the sentences of a document into chunks, in order; each chunk is read alone.

        Args:
            document: the tokens of each sentence.
        """

    def __call__(self, chunks: list[list[list[str]]]) -> list[SentenceScores]:
        """The scores of each sentence.

        Args:
            chunks: the tokens of each sentence of each chunk; no sentence is empty.
        """


NETWORKS: dict[str, Callable[[Any, Vocabulary, dict[str, np.ndarray]], Network]] = {
    "char_lstm": NumpyCharLstm,
    "cnn_lstm_crf": NumpyCnnLstmCrf,
}


def network_of(trained: TrainedModel) -> Network:
    """Builds the network of a trained model.

    Raises:
        ValueError: the weights do not fit the settings and the vocabulary.
    """
    # Before anything is computed: the files may come from anywhere.
    if len(trained.vocabulary.characters) <= UNK:
        raise ValueError("the vocabulary has no unknown character")
    shapes = weight_shapes(trained.settings, trained.vocabulary)
    if {name: weight.shape for name, weight in trained.weights.items()} != shapes:
        raise ValueError("the weights have other names or shapes than the settings say")
    for name, weight in trained.weights.items():
        if weight.dtype != np.float32 or not np.isfinite(weight).all():
            raise ValueError(f"{name} should be finite numbers of 32 bits")
    with np.errstate(over="ignore", invalid="ignore"):  # what comes of it is checked in tagging
        return NETWORKS[trained.architecture](trained.settings, trained.vocabulary, trained.weights)
