"""`char_lstm` in NumPy: the same scores as in Keras, started sooner and run faster."""

from collections.abc import Callable

import numpy as np
from scipy.special import log_softmax

from charner.encoding.vocabulary import Vocabulary
from charner.inference.lstm import Layer, blocks_of_rows
from charner.layout.padding import pad
from charner.params.model import CharLstmSettings
from charner.tags.decoding import SentenceScores, legal_transitions, mean_of_characters
from charner.tags.schemes import PAD


class NumpyCharLstm:
    """Scores of labels for characters, and so for tokens, in their sentence."""

    def __init__(
        self, settings: CharLstmSettings, vocabulary: Vocabulary, weights: dict[str, np.ndarray]
    ):
        """Takes what was trained; see `TrainedModel`."""
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

    def chunks(self, document: list[list[str]]) -> list[list[list[str]]]:
        """Each sentence by itself."""
        return [[sentence] for sentence in document]

    def __call__(self, chunks: list[list[list[str]]]) -> list[SentenceScores]:
        """The scores of each sentence; see `Network`."""
        sentences = [chunk[0] for chunk in chunks]
        ids = [self._vocabulary.encode_characters(sentence) for sentence in sentences]
        found: dict[int, SentenceScores] = {}
        for block in blocks_of_rows(np.array([*map(len, ids)])):
            rows = pad([ids[number] for number in block])
            for number, row in zip(block, self._log_probabilities(rows), strict=True):
                row = row[: len(ids[number])]
                lengths = np.array([*map(len, sentences[number])])
                found[number] = SentenceScores(mean_of_characters(row, lengths), row.argmax(axis=1))
        return [found[number] for number in range(len(sentences))]

    def _log_probabilities(self, characters: np.ndarray) -> np.ndarray:
        """(rows, characters, labels) of ids (rows, characters); see `CharLstm.call`."""
        by_position = np.ascontiguousarray(characters.T)
        mask = (by_position != PAD).astype(np.float32)

        def of_table(table: np.ndarray) -> Callable[[int], np.ndarray]:
            return lambda position: table[by_position[position]]

        gates = [of_table(table) for table in self._gates]
        states = self._lstms[0].states(gates, mask)
        for lstm in self._lstms[1:]:
            states = states + lstm.states(lstm.gates(states), mask)
        logits = states @ self._labels + self._label_biases
        logits[..., PAD] = -np.inf
        return log_softmax(logits, axis=-1).transpose(1, 0, 2)
