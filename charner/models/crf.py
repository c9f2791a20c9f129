"""The linear-chain conditional random field (CRF): the probability of a sequence of tags.

Lafferty, McCallum and Pereira (2001), "Conditional Random Fields". The score of a sequence is the
sum of its token scores and transition scores; its probability is proportional to exp(score). Tag 0
is PAD: the tag of positions without a token, such as the first and the last of every row.
"""

import numpy as np

from charner.models.architecture import IMPOSSIBLE
from charner.models.backend import keras, tf
from charner.tags.schemes import PAD

ops = keras.ops


class Crf(keras.layers.Layer):
    """Learned scores of the transitions from a tag to the next; illegal ones are excluded."""

    def __init__(self, legal: np.ndarray, name: str):
        """Makes a layer in which all legal transitions have score 0.

        Args:
            legal: (tags, tags), whether a tag may follow another.
            name: the name of the layer, and so of its weights.
        """
        super().__init__(name=name)
        self._forbidden = np.where(legal, 0, IMPOSSIBLE).astype(np.float32)
        self._learned = self.add_weight(shape=legal.shape, initializer="zeros", name="transitions")
        self.built = True

    @property
    def transitions(self):
        """The score of each transition, (tags, tags)."""
        return self._learned + self._forbidden

    def call(self, scores, tag_ids):
        """The negative log-probability of the tags of each row, in nats.

        Args:
            scores: (rows, positions, tags); a row has no token at its first and last position.
            tag_ids: (rows, positions).

        Returns:
            (rows,).
        """
        transitions = self.transitions
        return log_partition(scores, transitions) - scores_of_sequences(
            scores, transitions, tag_ids
        )


def scores_of_sequences(scores, transitions, tag_ids):
    """The scores of the given sequences, (rows,)."""
    emissions = ops.take_along_axis(scores, tag_ids[..., None], axis=-1)[..., 0]
    pairs = tag_ids[:, :-1] * transitions.shape[0] + tag_ids[:, 1:]
    steps = ops.take(ops.reshape(transitions, (-1,)), pairs)
    return ops.sum(emissions, axis=1) + ops.sum(steps, axis=1)


def log_partition(scores, transitions):
    """The logarithm of the sum of exp(score) over all sequences from PAD to PAD, (rows,).

    The forward algorithm: each step adds a token to all sequences that end in the same tag.
    """

    def step(sums, scores_of_token):
        sums = _log_sum_exp(sums[:, :, None] + transitions[None]) + scores_of_token
        return sums, sums

    by_position = ops.transpose(scores, (1, 0, 2))
    only_pad = IMPOSSIBLE * (1 - ops.one_hot(PAD, scores.shape[-1]))
    sums, _ = ops.scan(step, by_position[0] + only_pad, by_position[1:])
    return sums[:, PAD]


@tf.custom_gradient
def _log_sum_exp(values):
    """The logarithm of the sum of exp(value) over axis 1.

    The gradient of Keras' own takes an approximate reciprocal, whose last digits depend on the make
    of the processor.
    """
    largest = ops.max(values, axis=1, keepdims=True)
    sums = largest + ops.log(ops.sum(ops.exp(values - largest), axis=1, keepdims=True))

    def gradient(upstream):
        return upstream[:, None] * ops.exp(values - sums)

    return sums[:, 0], gradient
