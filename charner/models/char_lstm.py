"""The architecture `char_lstm`, which labels characters."""

from typing import Any

import numpy as np

from charner.encoding.examples import Chunk, Example
from charner.encoding.padding import pad
from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.models.architecture import IMPOSSIBLE, Architecture
from charner.models.backend import keras
from charner.models.lstm import Lstm
from charner.models.symbol_dropout import SymbolDropout
from charner.params import CharLstmSettings
from charner.tags.decoding import SentenceScores, legal_transitions, mean_of_characters
from charner.tags.schemes import PAD

layers, ops = keras.layers, keras.ops


class CharLstm(Architecture):
    """A character embedding, LSTM layers, and a dense layer that labels each character.

    The LSTM layers have residual connections (He et al. 2016, "Deep Residual Learning for Image
    Recognition"): without them, deep models hardly learn in the first epochs.

    Each sentence is a chunk. Padding is masked, so that the direction from right to left starts at
    a sentence's last character. A token's score for a tag is the mean log-probability of its
    characters. It reads no word vectors.
    """

    def __init__(self, settings: CharLstmSettings, vocabulary: Vocabulary, vectors: WordVectors):
        super().__init__(name="char_lstm")
        self.vocabulary = vocabulary
        self.vectors = WordVectors.none()
        self.tags = vocabulary.labels
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
        self._transitions = np.where(legal_transitions(self.tags, "IOB2"), 0, -np.inf)

    @property
    def transitions(self) -> np.ndarray:
        return self._transitions

    def chunks(self, examples: list[Example]) -> list[Chunk]:
        return [[example] for example in examples]

    def row_length(self, chunk: Chunk) -> int:
        return chunk[0].length

    def target_ids(self, chunk: Chunk) -> np.ndarray:
        return np.array(self.vocabulary.encode_labels(chunk[0].tokens, chunk[0].tags))

    def encode(self, chunks: list[Chunk]) -> dict[str, np.ndarray]:
        """Encodes a batch as `characters` and `labels`: ids (sentences, characters), padded."""
        encode_characters = self.vocabulary.encode_characters
        return {
            "characters": pad([encode_characters(chunk[0].tokens) for chunk in chunks]),
            "labels": pad([self.target_ids(chunk) for chunk in chunks]),
        }

    def call(self, inputs, training=False):
        """Computes log-probabilities (sentences, characters, labels); PAD is impossible."""
        characters = inputs["characters"]
        mask = characters != PAD
        x = self.embedding(self.character_dropout(characters, training=training))
        x = self.lstms[0]([self.dropout(x, training=training)], mask)
        for lstm in self.lstms[1:]:
            x = x + lstm([self.dropout(x, training=training)], mask)
        logits = self.labels(self.dropout(x, training=training))
        return ops.log_softmax(logits + IMPOSSIBLE * ops.one_hot(PAD, len(self.tags)))

    def loss_and_weight(self, inputs, outputs, tag_weights):
        """The cross-entropies of characters, weighted by label; see `Architecture`."""
        labels = inputs["labels"]
        weights = ops.take(tag_weights, labels)
        losses = -ops.take_along_axis(outputs, labels[..., None], axis=-1)[..., 0]
        return ops.sum(losses * weights), ops.sum(weights)

    def sentence_scores(
        self, chunks: list[Chunk], inputs: dict, outputs: Any
    ) -> list[SentenceScores]:
        scores = []
        for (example,), row in zip(chunks, ops.convert_to_numpy(outputs), strict=True):
            row = row[: example.length]
            token_lengths = np.array([*map(len, example.tokens)])
            scores.append(
                SentenceScores(mean_of_characters(row, token_lengths), row.argmax(axis=1))
            )
        return scores
