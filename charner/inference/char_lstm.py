"""`char_lstm` in NumPy: the same scores as in Keras, but faster to start and to run."""

import numpy as np

from charner.encoding.padding import pad
from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.inference.lstm import blocks_of_rows, gates_of_table, stack, stack_shapes
from charner.params import CharLstmSettings
from charner.tags.decoding import SentenceScores, legal_transitions, mean_of_characters
from charner.tags.schemes import PAD


class NumpyCharLstm:
    """Computes the scores of labels for the characters and tokens of a sentence; see `Network`."""

    def __init__(
        self,
        settings: CharLstmSettings,
        vocabulary: Vocabulary,
        vectors: WordVectors,
        weights: dict[str, np.ndarray],
    ):
        self._vocabulary = vocabulary
        self.tags = vocabulary.labels
        self.transitions = np.where(legal_transitions(self.tags, "IOB2"), 0, -np.inf)
        self._lstms = stack(weights, settings.lstm_layers)
        # The input part of the first layer's gates depends only on the character.
        self._gate_tables = [
            weights["embedding.embeddings"] @ direction.kernel + direction.bias
            for direction in self._lstms[0].directions
        ]
        self._units = settings.lstm_units
        self._kernel, self._biases = weights["labels.kernel"], weights["labels.bias"]

    @staticmethod
    def weight_shapes(
        settings: CharLstmSettings, vocabulary: Vocabulary, vectors: WordVectors
    ) -> dict[str, tuple[int, ...]]:
        labels, units = len(vocabulary.labels), settings.lstm_units
        return {
            "embedding.embeddings": (len(vocabulary.characters), settings.embedding_dim),
            **stack_shapes(
                settings.embedding_dim, units, settings.lstm_layers, settings.bidirectional
            ),
            "labels.kernel": (units * (1 + settings.bidirectional), labels),
            "labels.bias": (labels,),
        }

    def chunks(self, document: list[list[str]]) -> list[list[list[str]]]:
        return [[sentence] for sentence in document]

    def __call__(self, chunks: list[list[list[str]]]) -> list[SentenceScores]:
        sentences = [chunk[0] for chunk in chunks]
        ids = [self._vocabulary.encode_characters(sentence) for sentence in sentences]
        scores: dict[int, SentenceScores] = {}
        lengths = np.array([*map(len, ids)])
        for block in blocks_of_rows(lengths, self._units):
            rows = self._log_probabilities(pad([ids[number] for number in block]), lengths[block])
            for number, row in zip(block, rows, strict=True):
                row = row[: lengths[number]]
                tokens = mean_of_characters(row, np.array([*map(len, sentences[number])]))
                scores[number] = SentenceScores(tokens, row.argmax(axis=1))
        return [scores[number] for number in range(len(sentences))]

    def _log_probabilities(self, characters: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """The log-probabilities (rows, characters, labels) of ids (rows, characters).

        See `CharLstm.call`. Rows are in order of length.
        """
        by_position = np.ascontiguousarray(characters.T)
        gates = [gates_of_table(table, by_position) for table in self._gate_tables]
        states = self._lstms[0].states(gates, lengths)
        for lstm in self._lstms[1:]:
            states = states + lstm.states(lstm.gates(states), lengths)
        logits = states @ self._kernel + self._biases
        logits[..., PAD] = -np.inf
        logits -= np.logaddexp.reduce(logits, axis=-1, keepdims=True)  # log_softmax
        return logits.transpose(1, 0, 2)
