"""A trained model over sentences, batch by batch."""

from collections.abc import Iterator

import numpy as np

from charner.backend import tf
from charner.batching import bucket
from charner.examples import Example, Prediction
from charner.model import Architecture


class Predictor:
    """Runs a model over sentences of any length."""

    def __init__(
        self,
        model: Architecture,
        batch_size: int,
        tag_weights: np.ndarray | None = None,
    ):
        """Args:
        batch_size: in sentences; changes speed and memory only.
        tag_weights: those of the loss, for `with_loss`.
        """
        self._model = model
        self._batch_size = batch_size

        def predict(inputs):
            return model(inputs, training=False)

        def score(inputs):
            outputs = model(inputs, training=False)
            return outputs, *model.loss_and_weight(inputs, outputs, tag_weights)

        self._predict = tf.function(predict, input_signature=[input_signature(model)])
        self._score = tf.function(score, input_signature=[input_signature(model)])

    def __call__(self, examples: list[Example]) -> list[Prediction]:
        """A prediction for each sentence, in the order of the batches, not in that given."""
        return [
            prediction
            for units, inputs in self._batches(examples)
            for prediction in self._model.predictions(units, inputs, self._predict(inputs))
        ]

    def with_loss(self, examples: list[Example]) -> Iterator[tuple[tuple, float, float]]:
        """Yields for each batch what `model.predictions` needs, and its `loss_and_weight`."""
        for units, inputs in self._batches(examples):
            outputs, loss_sum, weight = self._score(inputs)
            yield (units, inputs, outputs), float(loss_sum), float(weight)

    def _batches(self, examples: list[Example]) -> Iterator[tuple[list[list[Example]], dict]]:
        units = self._model.units(examples)
        for batch in bucket(units, self._model.row_length, self._batch_size):
            yield batch, self._model.encode(batch)


def input_signature(model: Architecture) -> dict[str, tf.TensorSpec]:
    """What `encode` gives, whatever the sizes, so that TensorFlow compiles for all at once."""
    return {
        name: tf.TensorSpec([None] * array.ndim, tf.int32)
        for name, array in model.encode([]).items()
    }
