"""The LSTM over the characters of documents in NumPy, see `charner.models.segment_lstm`."""

import numpy as np

from charner.encoding.character_kinds import kind_id
from charner.encoding.vocabulary import UNK, Vocabulary
from charner.inference.lstm import Gates, Layer
from charner.layout.character_segments import CONTEXT, SEGMENT, CharacterSegments
from charner.tags.schemes import PAD

SEGMENTS_AT_ONCE = 256


class CharacterLstm:
    """Computes the states of the LSTM at tokens."""

    def __init__(
        self, max_token_length: int, vocabulary: Vocabulary, weights: dict[str, np.ndarray]
    ):
        """Takes the weights of a model.

        Args:
            max_token_length: see `CharacterSegments.of`.
            vocabulary: that of the model.
            weights: all its weights, by name.
        """
        self._max_token_length = max_token_length
        self._vocabulary = vocabulary
        self._directions = Layer(weights, "character_lstm").directions
        self.size = 2 * self._directions[0].units
        # The input part of the gates of all characters, then of an unknown one of each kind.
        characters, kinds = weights["characters.embeddings"], weights["character_kinds.embeddings"]
        kind_ids = [PAD, PAD, *map(kind_id, vocabulary.characters[UNK + 1 :])]
        embedded = np.concatenate([characters + kinds[kind_ids], characters[UNK] + kinds])
        self._tables = [embedded @ each.kernel + each.bias for each in self._directions]
        for table, direction in zip(self._tables, self._directions, strict=True):
            # Closes the gates input and forget: after PAD, the LSTM starts afresh.
            table[PAD, : 2 * direction.units] = -np.inf

    def __call__(self, chunks: list[list[list[str]]]) -> np.ndarray:
        """The states at each token of chunks, (all tokens, size)."""
        segments = CharacterSegments.of(chunks, self._max_token_length)
        by_position = np.ascontiguousarray(segments.windows(self._encode).T)
        states = np.empty((by_position.shape[1], SEGMENT, self.size), np.float32)
        for first in range(0, len(states), SEGMENTS_AT_ONCE):
            block = slice(first, first + SEGMENTS_AT_ONCE)
            self._read(by_position[:, block], states[block])
        forward, backward = np.split(states.reshape(-1, self.size), 2, axis=1)
        return np.concatenate([forward[segments.ends], backward[segments.starts]], axis=1)

    def _encode(self, text: list[str]) -> np.ndarray:
        """The rows of the tables for the characters of a text."""
        ids = np.array(self._vocabulary.encode_characters(text), np.intp)
        kinds = np.array(self._vocabulary.encode_kinds(text), np.intp)
        return np.where(ids == UNK, len(self._vocabulary.characters) + kinds, ids)

    def _read(self, by_position: np.ndarray, states: np.ndarray) -> None:
        """Reads segments, (positions, segments), and sets their states."""
        lengths = np.full(by_position.shape[1], CONTEXT + SEGMENT)

        def gates(table: np.ndarray, read: np.ndarray) -> Gates:
            return lambda position, rows: table[read[position, rows]]

        units = self.size // 2
        forward, backward = self._directions
        of_forward, of_backward = self._tables
        for position, _, state in forward.states(gates(of_forward, by_position), lengths, False):
            if position >= CONTEXT:
                states[:, position - CONTEXT, :units] = state
        read = by_position[CONTEXT:]
        for position, _, state in backward.states(gates(of_backward, read), lengths, True):
            if position < SEGMENT:
                states[:, position, units:] = state
