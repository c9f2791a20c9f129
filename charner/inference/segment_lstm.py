"""The LSTM over the characters of documents in NumPy, see `charner.models.segment_lstm`."""

from collections.abc import Iterator

import numpy as np

from charner.encoding.character_segments import CONTEXT, SEGMENT, CharacterSegments
from charner.encoding.vocabulary import Vocabulary
from charner.inference.character_table import CharacterTable
from charner.inference.lstm import Layer, gates_of_table
from charner.tags.schemes import PAD

SEGMENTS_AT_ONCE = 64


class NumpySegmentLstm:
    """Computes the states of the LSTM at tokens."""

    def __init__(
        self, max_token_length: int, vocabulary: Vocabulary, weights: dict[str, np.ndarray]
    ):
        """Takes the weights of a model; `max_token_length`: see `CharacterSegments.of`."""
        self._max_token_length = max_token_length
        self._characters = CharacterTable(vocabulary, weights)
        self._directions = Layer(weights, "character_lstm").directions
        # The input part of the gates, of each character.
        embeddings = self._characters.embeddings
        self._tables = [embeddings @ each.kernel + each.bias for each in self._directions]
        for table, direction in zip(self._tables, self._directions, strict=True):
            # Closes the gates input and forget: after PAD, the LSTM starts afresh.
            table[PAD, : 2 * direction.units] = -np.inf

    def __call__(self, chunks: list[list[list[str]]]) -> np.ndarray:
        """The states at each token of chunks, (all tokens, 2 * units)."""
        segments = CharacterSegments.of(chunks, self._max_token_length)
        by_position = np.ascontiguousarray(segments.windows(self._characters.rows).T)
        units = self._directions[0].units
        token_states = np.empty((len(segments.first_characters), 2 * units), np.float32)
        for first in range(0, by_position.shape[1], SEGMENTS_AT_ONCE):
            block = by_position[:, first : first + SEGMENTS_AT_ONCE]
            bounds = SEGMENT * np.array([first, first + block.shape[1]])
            for states, characters, columns in zip(
                self._states(block),
                (segments.last_characters, segments.first_characters),
                (slice(units), slice(units, None)),
                strict=True,
            ):
                tokens = slice(*np.searchsorted(characters, bounds))
                token_states[tokens, columns] = states[characters[tokens] - bounds[0]]
        return token_states

    def _states(self, by_position: np.ndarray) -> Iterator[np.ndarray]:
        """The states of each direction at the segments' characters, (all characters, units).

        Args:
            by_position: the rows of the tables, (positions, segments).
        """
        lengths = np.full(by_position.shape[1], CONTEXT + SEGMENT)
        for direction, table, reverse in zip(
            self._directions, self._tables, (False, True), strict=True
        ):
            start = CONTEXT if reverse else 0
            context = CONTEXT - start  # before the segment
            gates = gates_of_table(table, by_position[start:])
            states = np.empty((len(lengths), SEGMENT, direction.units), np.float32)
            for position, _, state in direction.states(gates, lengths, reverse):
                if 0 <= position - context < SEGMENT:
                    states[:, position - context] = state
            yield states.reshape(-1, direction.units)
