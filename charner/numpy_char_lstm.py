"""`char_lstm` in NumPy, for tagging: the same scores, sooner there and faster."""

import numpy as np
from scipy.special import log_softmax

from charner import params
from charner.batching import pad
from charner.decoding import SentenceScores, legal_transitions, token_scores
from charner.numpy_lstm import Layer, blocks
from charner.vocabulary import PAD, Vocabulary


class NumpyCharLstm:
    """Scores of labels for characters, and so for tokens, in their sentence."""

    def __init__(
        self, settings: params.CharLstm, vocabulary: Vocabulary, weights: dict[str, np.ndarray]
    ):
        self._vocabulary = vocabulary
        self.tags = vocabulary.labels
        self.transitions = np.where(legal_transitions(self.tags, "IOB2"), 0, -np.inf)
        self._lstms = [
            Layer(weights, f"lstm_{number}") for number in range(1, settings.lstm_layers + 1)
        ]
        # What a character adds to the gates of the first layer depends on it alone.
        self._gates = [
            weights["embedding.embeddings"] @ direction.kernel + direction.bias
            for direction in self._lstms[0].directions
        ]
        self._labels, self._label_biases = weights["labels.kernel"], weights["labels.bias"]

    def units(self, document: list[list[str]]) -> list[list[list[str]]]:
        """The parts of a document that are tagged by themselves: its sentences."""
        return [[sentence] for sentence in document]

    def __call__(self, units: list[list[list[str]]]) -> list[SentenceScores]:
        """Args: units: the tokens of sentences, none of them empty."""
        sentences = [unit[0] for unit in units]
        ids = [self._vocabulary.encode_characters(sentence) for sentence in sentences]
        found: list[SentenceScores | None] = [None] * len(sentences)
        for block in blocks(np.array([*map(len, ids)])):
            rows = pad([ids[number] for number in block])
            for number, row in zip(block, self._log_probabilities(rows), strict=True):
                row = row[: len(ids[number])]
                lengths = np.array([*map(len, sentences[number])])
                found[number] = SentenceScores(token_scores(row, lengths), row.argmax(axis=1))
        return found

    def _log_probabilities(self, characters: np.ndarray) -> np.ndarray:
        """(rows, characters, labels) of ids (rows, characters); see `CharLstm.call`."""
        by_position = np.ascontiguousarray(characters.T)
        mask = (by_position != PAD).astype(np.float32)
        gates = [lambda position, t=table: t[by_position[position]] for table in self._gates]
        states = self._lstms[0].states(gates, mask)
        for lstm in self._lstms[1:]:
            states = states + lstm.states(lstm.gates(states), mask)
        logits = states @ self._labels + self._label_biases
        logits[..., PAD] = -np.inf
        return log_softmax(logits, axis=-1).transpose(1, 0, 2)
