"""`char_lstm` in NumPy: the same scores as in Keras, but faster to start and to run."""

import numpy as np

from charner.encoding.padding import pad
from charner.encoding.vocabulary import Vocabulary
from charner.inference.lstm import Layer, blocks_of_rows, gates_of_table
from charner.params import CharLstmSettings
from charner.tags.decoding import SentenceScores, legal_transitions, mean_of_characters
from charner.tags.schemes import PAD


class NumpyCharLstm:
    """Computes the scores of labels for the characters and tokens of a sentence."""

    def __init__(
        self, settings: CharLstmSettings, vocabulary: Vocabulary, weights: dict[str, np.ndarray]
    ):
        """Builds the network from trained weights; see `TrainedModel`."""
        self._vocabulary = vocabulary
        self.tags = vocabulary.labels
        self.transitions = np.where(legal_transitions(self.tags, "IOB2"), 0, -np.inf)
        self._lstms = [
            Layer(weights, f"lstm_{number}") for number in range(1, settings.lstm_layers + 1)
        ]
        # The input part of the first layer's gates depends only on the character: a table of it.
        self._gates = [
            weights["embedding.embeddings"] @ direction.kernel + direction.bias
            for direction in self._lstms[0].directions
        ]
        self._units = settings.lstm_units
        self._labels, self._label_biases = weights["labels.kernel"], weights["labels.bias"]

    def chunks(self, document: list[list[str]]) -> list[list[list[str]]]:
        """Each sentence is a chunk of its own."""
        return [[sentence] for sentence in document]

    def __call__(self, chunks: list[list[list[str]]]) -> list[SentenceScores]:
        """The scores of each sentence; see `Network`."""
        sentences = [chunk[0] for chunk in chunks]
        ids = [self._vocabulary.encode_characters(sentence) for sentence in sentences]
        found: dict[int, SentenceScores] = {}
        lengths = np.array([*map(len, ids)])
        for block in blocks_of_rows(lengths, self._units):
            rows = self._log_probabilities(pad([ids[number] for number in block]), lengths[block])
            for number, row in zip(block, rows, strict=True):
                row = row[: lengths[number]]
                of_tokens = mean_of_characters(row, np.array([*map(len, sentences[number])]))
                found[number] = SentenceScores(of_tokens, row.argmax(axis=1))
        return [found[number] for number in range(len(sentences))]

    def _log_probabilities(self, characters: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """The log-probabilities (rows, characters, labels) of ids (rows, characters).

        See `CharLstm.call`. Rows are in order of length.
        """
        by_position = np.ascontiguousarray(characters.T)
        gates = [gates_of_table(table, by_position) for table in self._gates]
        states = self._lstms[0].states(gates, lengths)
        for lstm in self._lstms[1:]:
            states = states + lstm.states(lstm.gates(states), lengths)
        logits = states @ self._labels + self._label_biases
        logits[..., PAD] = -np.inf
        # scipy.special.log_softmax, without the time it takes to import.
        logits -= np.logaddexp.reduce(logits, axis=-1, keepdims=True)
        return logits.transpose(1, 0, 2)
