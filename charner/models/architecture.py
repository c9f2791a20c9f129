"""What training asks of an architecture."""

from typing import Any, Protocol

import numpy as np

from charner.encoding.examples import Example
from charner.encoding.vocabulary import Vocabulary
from charner.tags.decoding import SentenceScores


class Architecture(Protocol):
    """A Keras model that labels tokens or characters.

    A chunk is what batches may not divide: the sentences that are read together.
    """

    vocabulary: Vocabulary
    tags: list[str]
    """The names of the ids that it predicts, PAD first."""

    @property
    def transitions(self) -> np.ndarray:
        """The score of each transition from a tag to the next, (tags, tags)."""

    def adapt(self, chunks: list[list[Example]]) -> None:
        """Sets the weights that are not learned, from the chunks of train."""

    def chunks(self, examples: list[Example]) -> list[list[Example]]:
        """Groups sentences, which are in the order of the corpus."""

    def row_length(self, chunk: list[Example]) -> int:
        """The longest row that a chunk fills, for batches that hold little padding."""

    def target_ids(self, chunk: list[Example]) -> np.ndarray:
        """The ids of `tags` to be predicted, one for each token or character of a chunk."""

    def encode(self, chunks: list[list[Example]]) -> dict[str, np.ndarray]:
        """A batch as the int32 arrays that `call` reads; of no chunk too."""

    def __call__(self, inputs: Any, training: bool = False) -> Any:
        """The outputs for a batch."""

    def loss_and_weight(self, inputs: Any, outputs: Any, tag_weights: np.ndarray) -> Any:
        """The sum of the losses of a batch, in nats, and the sum of their weights."""

    def sentence_scores(
        self, chunks: list[list[Example]], inputs: dict, outputs: Any
    ) -> list[SentenceScores]:
        """The scores of each sentence of a batch."""

    # Of Keras' own:

    @property
    def layers(self) -> list: ...

    @property
    def trainable_variables(self) -> list: ...

    def get_weights(self) -> list[np.ndarray]: ...

    def set_weights(self, weights: list[np.ndarray]) -> None: ...

    def summary(self) -> None: ...

    def count_params(self) -> int: ...
