"""A model's log-probabilities for sentences, batch by batch."""

from collections.abc import Iterator

import numpy as np

from charner.backend import keras, tf
from charner.batching import Example, bucket, dataset


def log_probabilities(logits: tf.Tensor) -> tf.Tensor:
    """Log-probabilities of all labels but PAD, which is never predicted.

    Args: logits: (..., label ids). Returns: (..., label ids - 1).
    """
    return keras.ops.log_softmax(logits[..., 1:], axis=-1)


class Predictor:
    """Runs a model over sentences of any length."""

    def __init__(self, model: keras.Model, batch_size: int):
        """Args: batch_size: in sentences; changes speed and memory only."""
        self._batch_size = batch_size
        self._predict = tf.function(
            lambda character_ids: log_probabilities(model(character_ids, training=False)),
            input_signature=[tf.TensorSpec((None, None), tf.int32)],
        )

    def __call__(self, examples: list[Example]) -> Iterator[tuple[Example, np.ndarray]]:
        """Yields each sentence with its log-probabilities (characters, labels without PAD).

        Sentences come in the order of their length.
        """
        lengths = np.array([len(example.character_ids) for example in examples])
        batches = bucket(lengths, self._batch_size)
        for positions, character_ids, _ in dataset(examples, batches):
            yield from with_examples(examples, positions, self._predict(character_ids))


def with_examples(
    examples: list[Example], positions: tf.Tensor, batch: tf.Tensor
) -> Iterator[tuple[Example, np.ndarray]]:
    """Yields the sentences of a batch, each with its rows of `batch`, padding cut off.

    Args:
        positions: (sentences,), in `examples`.
        batch: (sentences, characters, ...).
    """
    for position, rows in zip(positions.numpy(), batch.numpy(), strict=True):
        example = examples[position]
        yield example, rows[: len(example.character_ids)]
