"""An architecture that labels characters.

Of Keras' layers and operations only, so that it is not bound to TensorFlow.
"""

import numpy as np

from charner import params
from charner.backend import keras
from charner.batching import pad
from charner.crf import IMPOSSIBLE
from charner.decoding import best_tags, legal_transitions, token_scores
from charner.examples import Example, Prediction
from charner.lstm import Lstm
from charner.symbol_dropout import SymbolDropout
from charner.vocabulary import PAD, Vocabulary

layers, ops = keras.layers, keras.ops


class CharLstm(keras.Model):
    """Embedding, LSTM layers over characters, and a dense layer that labels each character.

    A layer adds to what the one below gives (He et al. 2016, "Deep Residual Learning for Image
    Recognition"): without, deep ones hardly learn in their first epochs.

    Padding is masked, so that the direction from right to left starts at a sentence's last
    character. Sentences are unrelated, so no state is carried from one batch to the next.
    A token's score for a tag is the mean log-probability of its characters.
    """

    def __init__(self, settings: params.CharLstm, vocabulary: Vocabulary):
        super().__init__(name="char_lstm")
        self.vocabulary = vocabulary
        self.tags = vocabulary.labels
        self._transitions = np.where(legal_transitions(self.tags, "IOB2"), 0, -np.inf)
        self.character_dropout = SymbolDropout(settings.character_dropout)
        self.embedding = layers.Embedding(
            len(vocabulary.characters), settings.embedding_dim, name="embedding"
        )
        self.dropout = layers.Dropout(settings.dropout)
        self.lstms = [
            Lstm(settings.lstm_units, settings.bidirectional, f"lstm_{number}")
            for number in range(1, settings.lstm_layers + 1)
        ]
        self.labels = layers.Dense(len(self.tags), name="labels")

    def adapt(self, units: list[list[Example]]) -> None:
        """Takes nothing from train before training."""

    def units(self, examples: list[Example]) -> list[list[Example]]:
        """What batches may not divide: each sentence by itself."""
        return [[example] for example in examples]

    def row_length(self, unit: list[Example]) -> int:
        """The longest row that a unit fills, in characters."""
        return len(unit[0].character_ids)

    def target_ids(self, unit: list[Example]) -> np.ndarray:
        """The ids of `tags` that a unit's characters have."""
        return unit[0].label_ids

    def encode(self, units: list[list[Example]]) -> dict[str, np.ndarray]:
        """A batch: `characters` and `labels`, ids (sentences, characters), padded."""
        examples = [example for unit in units for example in unit]
        return {
            "characters": pad([example.character_ids for example in examples]),
            "labels": pad([example.label_ids for example in examples]),
        }

    def call(self, inputs, training=False):
        """Log-probabilities (sentences, characters, labels); PAD is impossible."""
        characters = inputs["characters"]
        mask = characters != PAD
        x = self.embedding(self.character_dropout(characters, training=training))
        x = self.lstms[0](self.dropout(x, training=training), mask)
        for lstm in self.lstms[1:]:
            x = x + lstm(self.dropout(x, training=training), mask)
        logits = self.labels(self.dropout(x, training=training))
        return ops.log_softmax(logits + IMPOSSIBLE * ops.one_hot(PAD, len(self.tags)))

    def loss_and_weight(self, inputs, outputs, tag_weights):
        """The characters' cross-entropies in nats, each weighted by its label, and the weights.

        Args: tag_weights: (labels,); PAD's is 0. Returns: two sums over the batch.
        """
        labels = inputs["labels"]
        weights = ops.take(tag_weights, labels)
        losses = -ops.take_along_axis(outputs, labels[..., None], axis=-1)[..., 0]
        return ops.sum(losses * weights), ops.sum(weights)

    def predictions(self, units: list[list[Example]], inputs: dict, outputs) -> list[Prediction]:
        """A prediction for each sentence of a batch, from what `encode` and `call` gave for it."""
        examples = [example for unit in units for example in unit]
        outputs = ops.convert_to_numpy(outputs)
        rows = [row[: len(e.character_ids)] for e, row in zip(examples, outputs, strict=False)]
        scores = [token_scores(row, e.token_lengths) for e, row in zip(examples, rows, strict=True)]
        tags = best_tags(scores, self._transitions, self.tags)
        label_ids = [row.argmax(axis=1) for row in rows]
        return [*map(Prediction, examples, tags, label_ids)]
