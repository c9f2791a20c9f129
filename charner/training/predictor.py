"""Predictions of a Keras model, for evaluation during training."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from charner.encoding.examples import Example
from charner.models.architecture import Architecture
from charner.models.backend import tf
from charner.tags.decoding import decode
from charner.tags.spans import iob2_tags
from charner.training.batching import bucket


@dataclass(frozen=True)
class Prediction:
    """A prediction for a sentence: tags in IOB2, and a label id for each character."""

    example: Example
    tags: list[str]
    label_ids: np.ndarray


class ScoredBatch(NamedTuple):
    """The chunks of a batch, the model's inputs, outputs and loss (see `loss_and_weight`)."""

    chunks: list[list[Example]]
    inputs: dict[str, np.ndarray]
    outputs: Any
    loss_sum: float
    weight: float


class Predictor:
    """Runs a model over sentences of any length, batch by batch."""

    def __init__(self, model: Architecture, batch_size: int, tag_weights: np.ndarray):
        """Compiles a function that runs the model.

        Args:
            model: its weights may change later.
            batch_size: in sentences; affects only speed and memory.
            tag_weights: (tags,), the weights of tags in the loss.
        """
        self._model = model
        self._batch_size = batch_size

        def score(inputs):
            outputs = model(inputs, training=False)
            return outputs, *model.loss_and_weight(inputs, outputs, tag_weights)

        self._score = tf.function(score, input_signature=[input_signature(model)])

    def __call__(self, examples: list[Example]) -> Iterator[ScoredBatch]:
        """Runs the model and yields the batches, in any order."""
        chunks = self._model.chunks(examples)
        for batch in bucket(chunks, self._model.row_length, self._batch_size):
            inputs = self._model.encode(batch)
            outputs, loss_sum, weight = self._score(inputs)
            yield ScoredBatch(batch, inputs, outputs, float(loss_sum), float(weight))


def predictions(
    model: Architecture,
    chunks: list[list[Example]],
    inputs: dict[str, np.ndarray],
    outputs: Any,
) -> list[Prediction]:
    """The best legal tags for each sentence of a batch.

    Args:
        model: the model.
        chunks: the batch.
        inputs: the result of `encode` for it.
        outputs: the outputs of the model for these inputs.
    """
    examples = [example for chunk in chunks for example in chunk]
    if not examples:
        return []
    scores = model.sentence_scores(chunks, inputs, outputs)
    decoded = decode([of_sentence.tokens for of_sentence in scores], model.transitions, model.tags)
    found = []
    for example, of_sentence, entities in zip(
        examples, scores, decoded.of_sentences(), strict=True
    ):
        tags = iob2_tags(len(example.tokens), entities)
        label_ids = of_sentence.character_labels
        if label_ids is None:
            label_ids = np.array(model.vocabulary.encode_labels(example.tokens, tags))
        found.append(Prediction(example, tags, label_ids))
    return found


def input_signature(model: Architecture) -> dict[str, Any]:
    """The signature of `encode`'s results for any sizes, so that TensorFlow compiles only once."""
    return {
        name: tf.TensorSpec([None] * array.ndim, tf.int32)
        for name, array in model.encode([]).items()
    }
