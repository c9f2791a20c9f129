"""The NumPy networks of all architectures, and their interface."""

from typing import Any, Protocol

import numpy as np
from pydantic import ValidationError

from charner.encoding.model_files import ANOTHER_VERSION, TrainedModel
from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.inference.char_lstm import NumpyCharLstm
from charner.inference.cnn_lstm_crf import NumpyCnnLstmCrf
from charner.params import SETTINGS
from charner.support.errors import InputError
from charner.tags.decoding import SentenceScores


class Network(Protocol):
    """A NumPy network: the interface that tagging uses."""

    tags: list[str]
    """The names of the tag ids, PAD first."""
    transitions: np.ndarray
    """The score of each transition from a tag to the next, (tags, tags)."""

    def __init__(
        self,
        settings: Any,
        vocabulary: Vocabulary,
        vectors: WordVectors,
        weights: dict[str, np.ndarray],
    ):
        """Builds the network from trained weights; see `TrainedModel`."""

    @staticmethod
    def weight_shapes(
        settings: Any, vocabulary: Vocabulary, vectors: WordVectors
    ) -> dict[str, tuple[int, ...]]:
        """The shape of each weight, by name: what the file of a model must hold."""

    def chunks(self, document: list[list[str]]) -> list[list[list[str]]]:
        """Groups the sentences of a document into chunks, in order; each chunk is read alone.

        Args:
            document: the tokens of each sentence.
        """

    def __call__(self, chunks: list[list[list[str]]]) -> list[SentenceScores]:
        """The emission scores of each sentence.

        Args:
            chunks: the tokens of each sentence of each chunk; no sentence is empty.
        """


NETWORKS: dict[str, type[Network]] = {"char_lstm": NumpyCharLstm, "cnn_lstm_crf": NumpyCnnLstmCrf}


def network_of(trained: TrainedModel) -> Network:
    """Builds the network of a trained model.

    Raises:
        InputError: the architecture or its settings are unknown, or the weights do not fit them and
            the vocabulary; the message does not name the model.
    """
    # Before anything is computed: the files may come from anywhere.
    try:
        settings = SETTINGS[trained.architecture].model_validate(trained.settings)
    except (KeyError, ValidationError):
        raise InputError(ANOTHER_VERSION) from None
    network, weights = NETWORKS[trained.architecture], trained.weights
    shapes = network.weight_shapes(settings, trained.vocabulary, trained.vectors)
    if {name: weight.shape for name, weight in weights.items()} != shapes:
        raise _not_of_one_model("the weights have other names or shapes than the settings say")
    for name, weight in weights.items():
        if weight.dtype != np.float32 or not np.isfinite(weight).all():
            raise _not_of_one_model(f"{name} should be finite numbers of 32 bits")
    with np.errstate(over="ignore", invalid="ignore"):  # tagging checks the scores
        return network(settings, trained.vocabulary, trained.vectors, weights)


def _not_of_one_model(problem: str) -> InputError:
    return InputError(f"the files are not of one model ({problem}); `dvc repro` makes one")
