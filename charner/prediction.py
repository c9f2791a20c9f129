"""A model that is being trained over sentences that it is not trained on."""

from collections.abc import Iterator

import numpy as np

from charner.backend import tf
from charner.batching import bucket
from charner.examples import Example, Prediction
from charner.model import Architecture


class Predictor:
    """Runs a model over sentences of any length, batch by batch."""

    def __init__(self, model: Architecture, batch_size: int, tag_weights: np.ndarray):
        """Args:
        batch_size: in sentences; changes speed and memory only.
        tag_weights: those of the loss.
        """
        self._model = model
        self._batch_size = batch_size

        def score(inputs):
            outputs = model(inputs, training=False)
            return outputs, *model.loss_and_weight(inputs, outputs, tag_weights)

        self._score = tf.function(score, input_signature=[input_signature(model)])

    def __call__(self, examples: list[Example]) -> Iterator[tuple[list[Prediction], float, float]]:
        """Yields for each batch, in any order, its predictions and its `loss_and_weight`."""
        units = self._model.units(examples)
        for batch in bucket(units, self._model.row_length, self._batch_size):
            inputs = self._model.encode(batch)
            outputs, loss_sum, weight = self._score(inputs)
            predictions = self._model.predictions(batch, inputs, outputs)
            yield predictions, float(loss_sum), float(weight)


def input_signature(model: Architecture) -> dict[str, tf.TensorSpec]:
    """What `encode` gives, whatever the sizes, so that TensorFlow compiles for all at once."""
    return {
        name: tf.TensorSpec([None] * array.ndim, tf.int32)
        for name, array in model.encode([]).items()
    }
