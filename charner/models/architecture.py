"""The base class of the architectures: what training needs of them."""

from typing import Any

import numpy as np

from charner.encoding.examples import Chunk, Example
from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.models.backend import keras
from charner.tags.decoding import SentenceScores

IMPOSSIBLE = -1e4
"""The score of what must not be chosen; finite, so that differences and gradients are never NaN."""


class Architecture(keras.Model):
    """A Keras model that labels the tokens or characters of chunks.

    A subclass sets `vocabulary`, the word `vectors` that it reads, and `tags`: the names of the ids
    that it predicts, PAD first.
    """

    vocabulary: Vocabulary
    vectors: WordVectors
    tags: list[str]

    @property
    def transitions(self) -> np.ndarray:
        """The score of each transition from a tag to the next, (tags, tags); -inf if illegal."""
        raise NotImplementedError

    def adapt(self, chunks: list[Chunk]) -> None:
        """Sets the weights that are not learned, from the chunks of train."""

    def chunks(self, examples: list[Example]) -> list[Chunk]:
        """Groups sentences into chunks; the sentences must be in the order of the corpus."""
        raise NotImplementedError

    def row_length(self, chunk: Chunk) -> int:
        """The length of the longest row of a chunk, so that batches can have similar lengths."""
        raise NotImplementedError

    def target_ids(self, chunk: Chunk) -> np.ndarray:
        """The ids of the true tags, one for each token or character of a chunk."""
        raise NotImplementedError

    def encode(self, chunks: list[Chunk]) -> dict[str, np.ndarray]:
        """Encodes a batch, possibly empty, as the arrays that `call` reads.

        They are int32; word vectors are float32.
        """
        raise NotImplementedError

    def loss_and_weight(self, inputs: Any, outputs: Any, tag_weights: np.ndarray) -> Any:
        """The sum of the losses of a batch, in nats, and the sum of their weights.

        Args:
            inputs: what `encode` returns.
            outputs: what `call` returns for them.
            tag_weights: (tags,), the weight of each tag; 0 for PAD.
        """
        raise NotImplementedError

    def sentence_scores(
        self, chunks: list[Chunk], inputs: dict, outputs: Any
    ) -> list[SentenceScores]:
        """The scores of each sentence of a batch, in the order of the chunks.

        Args:
            chunks: the sentences.
            inputs: what `encode` returns for them.
            outputs: what `call` returns for these.
        """
        raise NotImplementedError

    def named_weights(self) -> dict[str, np.ndarray]:
        """All weights by name; unlike Keras' paths, the names do not depend on other models."""
        return {
            f"{layer.name}.{weight.name}": weight.numpy()
            for layer in self.layers
            for weight in layer.weights
        }
