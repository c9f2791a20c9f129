"""Time of the default's training step with one part removed, or replaced by another.

The steps are timed in turn. Run it from the project's root, after the char_encode stage:
python -m benchmarks.step
"""

from typing import Any
from unittest.mock import patch

from benchmarks.article import ENCODED, compare, ours
from charner import params
from charner.encoding.parquet import load_examples
from charner.encoding.vocabulary import Vocabulary
from charner.models.backend import keras, make_repeatable

ops = keras.ops
CHARACTER_LSTM_UNITS = 32  # those of `make character_lstm`


class KerasLstm(keras.layers.Layer):
    """Keras' LSTM layer with the interface of ours."""

    def __init__(self, units: int, bidirectional: bool, name: str):
        super().__init__(name=name)
        layer = keras.layers.LSTM(units, return_sequences=True)
        self._layer = keras.layers.Bidirectional(layer) if bidirectional else layer

    def call(self, inputs, mask):
        return self._layer(inputs, mask=mask)


class NoLstm(keras.layers.Dense):
    """A dense layer with the same number of outputs as the LSTM."""

    def __init__(self, units: int, bidirectional: bool, name: str):
        super().__init__(units * (1 + bidirectional), name=name)

    def call(self, inputs, mask):
        return super().call(inputs)


def cross_entropy(crf, scores, tag_ids):
    """Replaces the CRF: each tag is predicted alone."""
    of_tags = ops.take_along_axis(ops.log_softmax(scores), tag_ids[..., None], axis=-1)
    return unused(crf) - ops.sum(of_tags[..., 0], axis=1)


def no_characters(model, inputs, training):
    """Replaces the character CNN: token embeddings only."""
    vectors = model.tokens(inputs["token_ids"])
    width = model.settings.filters * len(model.settings.filter_widths)
    return ops.pad(vectors, [[0, 0], [width, 0]]) + unused(model.characters, *model.convolutions)


def unused(*layers: Any) -> Any:
    """0, but with gradients: the training step needs one for each weight."""
    return 0 * sum(ops.sum(weight) for layer in layers for weight in layer.trainable_weights)


if __name__ == "__main__":
    loaded = params.load()
    model_settings, settings = loaded.model, loaded.train
    vocabulary = Vocabulary.load(ENCODED / "vocabulary.json")
    examples = load_examples(ENCODED / "train.parquet")
    make_repeatable(settings.seed, settings.threads)
    steps = {"the default's": ours(examples, vocabulary, model_settings, settings)}
    for name, part, other in [
        ("with Keras' LSTM layer", "Lstm", KerasLstm),
        ("without the LSTM", "Lstm", NoLstm),
        ("without the conditional random field", "Crf.call", cross_entropy),
        ("without the characters", "CnnLstmCrf._token_vectors", no_characters),
    ]:
        with patch(f"charner.models.cnn_lstm_crf.{part}", other):
            steps[name] = ours(examples, vocabulary, model_settings, settings)
            steps[name]()  # compiles
    changes = {"filter_widths": [], "character_lstm_units": CHARACTER_LSTM_UNITS}
    changed = model_settings.cnn_lstm_crf.model_copy(update=changes)
    steps["with an LSTM over the characters in place of the CNN"] = ours(
        examples, vocabulary, model_settings.model_copy(update={"cnn_lstm_crf": changed}), settings
    )
    compare(steps, sum(len(example.character_ids) for example in examples))
