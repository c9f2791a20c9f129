"""The interface between training and the architectures."""

from typing import Any, Protocol

import numpy as np

from charner.encoding.examples import Example
from charner.encoding.vocabulary import Vocabulary
from charner.tags.decoding import SentenceScores


class Architecture(Protocol):
    """A Keras model that labels tokens or characters: the interface that training uses.

    A chunk is the sentences that are read together; batches never divide a chunk.
    """

    vocabulary: Vocabulary
    tags: list[str]
    """The names of the ids that the model predicts, PAD first."""

    @property
    def transitions(self) -> np.ndarray:
        """The score of each transition from a tag to the next, (tags, tags)."""

    def adapt(self, chunks: list[list[Example]]) -> None:
        """Sets the weights that are not learned, from the chunks of train; may be a no-op."""

    def chunks(self, examples: list[Example]) -> list[list[Example]]:
        """Groups sentences into chunks; the sentences must be in the order of the corpus."""

    def row_length(self, chunk: list[Example]) -> int:
        """The length of the longest row of a chunk, so that batches can have similar lengths."""

    def target_ids(self, chunk: list[Example]) -> np.ndarray:
        """The ids of the true tags, one for each token or character of a chunk."""

    def encode(self, chunks: list[list[Example]]) -> dict[str, np.ndarray]:
        """Encodes a batch, possibly empty, as the int32 arrays that `call` reads."""

    def __call__(self, inputs: Any, training: bool = False) -> Any:
        """Computes the outputs for a batch."""

    def loss_and_weight(self, inputs: Any, outputs: Any, tag_weights: np.ndarray) -> Any:
        """The sum of the losses of a batch, in nats, and the sum of their weights.

        Args:
            inputs: what `encode` returns.
            outputs: what `call` returns for them.
            tag_weights: (tags,), the weight of each tag; 0 for PAD.
        """

    def sentence_scores(
        self, chunks: list[list[Example]], inputs: dict, outputs: Any
    ) -> list[SentenceScores]:
        """The scores of each sentence of a batch, in the order of the chunks.

        Args:
            chunks: the sentences.
            inputs: what `encode` returns for them.
            outputs: what `call` returns for these.
        """

    # Inherited from keras.Model:

    @property
    def layers(self) -> list: ...

    @property
    def variables(self) -> list: ...

    @property
    def trainable_variables(self) -> list: ...

    def get_weights(self) -> list[np.ndarray]: ...

    def set_weights(self, weights: list[np.ndarray]) -> None: ...

    def count_params(self) -> int: ...
