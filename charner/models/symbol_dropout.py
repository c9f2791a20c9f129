"""Dropout of whole symbols: in training, characters and tokens are replaced by unknown ones."""

import numpy as np

from charner.encoding.vocabulary import UNK
from charner.models.backend import keras
from charner.tags.schemes import PAD

ops = keras.ops


class SymbolDropout(keras.layers.Layer):
    """Replaces ids by UNK at random in training, so that the embedding of UNK is learned, too."""

    def __init__(self, rate: float | np.ndarray):
        """Sets the probability that an id is replaced by UNK.

        Args:
            rate: the same for all ids, or (ids,).
        """
        super().__init__()
        self._rate = rate
        self._seed = keras.random.SeedGenerator()

    def call(self, ids, training=False):
        """Returns the ids, in training with some of them replaced; PAD never is."""
        if not training or not np.any(self._rate):
            return ids
        rates = ops.take(self._rate, ids) if isinstance(self._rate, np.ndarray) else self._rate
        hidden = keras.random.uniform(ops.shape(ids), seed=self._seed) < rates
        return ops.where(ops.logical_and(hidden, ids != PAD), UNK, ids)


def rates_by_count(alpha: float, counts: np.ndarray) -> np.ndarray:
    """The rate of each id: alpha / (alpha + its count), so that rare ids are replaced more often.

    Kiperwasser and Goldberg (2016), "Simple and Accurate Dependency Parsing Using Bidirectional
    LSTM Feature Representations".

    Args:
        alpha: at least 0; the count of an id that is replaced in half of all cases.
        counts: (ids,), how often train has each id; infinite for those that are never replaced.
    """
    return (alpha / (alpha + counts)).astype(np.float32)
