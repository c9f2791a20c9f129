"""The default's training step with the LSTM layer of this project, and with Keras' own.

Both take turns. Run it from the project's root, after the char_encode stage:
python -m benchmarks.lstm
"""

from unittest.mock import patch

from benchmarks.article import ENCODED, compare, ours
from charner import params
from charner.backend import keras, make_repeatable
from charner.encoding import Vocabulary
from charner.examples import load_examples


class KerasLstm(keras.layers.Layer):
    """Keras' layer, called as ours is."""

    def __init__(self, units: int, bidirectional: bool, name: str):
        super().__init__(name=name)
        layer = keras.layers.LSTM(units, return_sequences=True)
        self._layer = keras.layers.Bidirectional(layer) if bidirectional else layer

    def call(self, inputs, mask):
        return self._layer(inputs, mask=mask)


if __name__ == "__main__":
    settings = params.load()
    vocabulary = Vocabulary.load(ENCODED / "vocabulary.json")
    examples = load_examples(ENCODED / "train.parquet")
    make_repeatable(settings.train.seed)
    module = f"charner.{settings.model.architecture}"
    with patch(f"{module}.Lstm", KerasLstm):
        with_keras_layer = ours(examples, vocabulary, settings)
    compare(
        {"Keras' LSTM layer": with_keras_layer, "our own": ours(examples, vocabulary, settings)},
        sum(len(example.character_ids) for example in examples),
    )
