"""The architecture `char_lstm`, which labels characters.

It uses only layers and operations of Keras, so that it does not depend on TensorFlow.
"""

from typing import Any

import numpy as np

from charner.encoding.examples import Example
from charner.encoding.padding import pad
from charner.encoding.vocabulary import Vocabulary
from charner.models.backend import keras
from charner.models.lstm import Lstm
from charner.models.masking import IMPOSSIBLE
from charner.models.symbol_dropout import SymbolDropout
from charner.params import CharLstmSettings
from charner.tags.decoding import SentenceScores, legal_transitions, mean_of_characters
from charner.tags.schemes import PAD

layers, ops = keras.layers, keras.ops


class CharLstm(keras.Model):
    """A character embedding, LSTM layers, and a dense layer that labels each character.

    The LSTM layers have residual connections (He et al. 2016, "Deep Residual Learning for Image
    Recognition"): without them, deep models hardly learn in the first epochs.

    Padding is masked, so that the direction from right to left starts at a sentence's last
    character. Sentences are unrelated, so no state is carried from one batch to the next.
    A token's score for a tag is the mean log-probability of its characters.
    """

    def __init__(self, settings: CharLstmSettings, vocabulary: Vocabulary):
        super().__init__(name="char_lstm")
        self.vocabulary = vocabulary
        self.tags = vocabulary.labels
        self.transitions = np.where(legal_transitions(self.tags, "IOB2"), 0, -np.inf)
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

    def adapt(self, chunks: list[list[Example]]) -> None:
        """A no-op: all weights are learned."""

    def chunks(self, examples: list[Example]) -> list[list[Example]]:
        """Each sentence is a chunk of its own."""
        return [[example] for example in examples]

    def row_length(self, chunk: list[Example]) -> int:
        """The length of a chunk's row, in characters."""
        return len(chunk[0].character_ids)

    def target_ids(self, chunk: list[Example]) -> np.ndarray:
        """The label ids of a chunk's characters."""
        return chunk[0].label_ids

    def encode(self, chunks: list[list[Example]]) -> dict[str, np.ndarray]:
        """Encodes a batch as `characters` and `labels`: ids (sentences, characters), padded."""
        examples = [example for chunk in chunks for example in chunk]
        return {
            "characters": pad([example.character_ids for example in examples]),
            "labels": pad([example.label_ids for example in examples]),
        }

    def call(self, inputs, training=False):
        """Computes log-probabilities (sentences, characters, labels); PAD is impossible."""
        characters = inputs["characters"]
        mask = characters != PAD
        x = self.embedding(self.character_dropout(characters, training=training))
        x = self.lstms[0](self.dropout(x, training=training), mask)
        for lstm in self.lstms[1:]:
            x = x + lstm(self.dropout(x, training=training), mask)
        logits = self.labels(self.dropout(x, training=training))
        return ops.log_softmax(logits + IMPOSSIBLE * ops.one_hot(PAD, len(self.tags)))

    def loss_and_weight(self, inputs, outputs, tag_weights):
        """The cross-entropies of characters in nats, weighted by label, and the weights.

        Args:
            inputs: the result of `encode`.
            outputs: the result of `call` for it.
            tag_weights: (labels,); that of PAD is 0.

        Returns:
            Two sums over the batch.
        """
        labels = inputs["labels"]
        weights = ops.take(tag_weights, labels)
        losses = -ops.take_along_axis(outputs, labels[..., None], axis=-1)[..., 0]
        return ops.sum(losses * weights), ops.sum(weights)

    def sentence_scores(
        self, chunks: list[list[Example]], inputs: dict, outputs: Any
    ) -> list[SentenceScores]:
        """The scores of each sentence of a batch, from the results of `encode` and `call`."""
        examples = [example for chunk in chunks for example in chunk]
        rows = ops.convert_to_numpy(outputs)
        of_sentences = (
            row[: len(example.character_ids)]
            for example, row in zip(examples, rows, strict=False)  # an empty batch has one row
        )
        return [
            SentenceScores(mean_of_characters(row, example.token_lengths), row.argmax(axis=1))
            for example, row in zip(examples, of_sentences, strict=True)
        ]
