"""Dropout of whole symbols: characters and tokens are read as unknown ones while training."""

import numpy as np

from charner.encoding.vocabulary import UNK
from charner.models.backend import keras
from charner.tags.schemes import PAD

ops = keras.ops


class SymbolDropout(keras.layers.Layer):
    """Reads an id as UNK at random while training, so that UNK is learned too."""

    def __init__(self, rate: float, counts: np.ndarray | None = None):
        """Sets the probability with which an id is read as UNK.

        Args:
            rate: the probability; with counts, that of an id is rate / (rate + its count), the
                alpha of Kiperwasser and Goldberg (2016), "Simple and Accurate Dependency Parsing
                Using Bidirectional LSTM Feature Representations".
            counts: (ids,), how often train has each.
        """
        super().__init__()
        self._rate = rate
        self._rates = None if counts is None else (rate / (rate + counts)).astype(np.float32)
        self._seed = keras.random.SeedGenerator()

    def call(self, ids, training=False):
        if not training or self._rate == 0:
            return ids
        rates = self._rate if self._rates is None else ops.take(self._rates, ids)
        hidden = keras.random.uniform(ops.shape(ids), seed=self._seed) < rates
        return ops.where(ops.logical_and(hidden, ids != PAD), UNK, ids)
