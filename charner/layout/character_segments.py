"""The layout of the characters of documents in the segments that an LSTM reads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from charner.encoding.vocabulary import SPACE
from charner.tags.schemes import PAD

# In characters. A segment is read with this many more characters before and after it.
SEGMENT = 16
CONTEXT = 16


@dataclass(frozen=True)
class CharacterSegments:
    """The text of chunks, cut into segments of SEGMENT characters.

    Tokens are joined by a space, sentences by two. PAD stands before each chunk and fills its last
    segment. Characters are numbered through all segments; number 0 is a PAD.
    """

    texts: list[str]
    """The text of each chunk."""
    starts: np.ndarray
    """(all tokens,): the number of each token's first character."""
    ends: np.ndarray
    """(all tokens,): the number of its last character."""
    _places: list[int]
    _segments: int

    @classmethod
    def of(cls, chunks: list[list[list[str]]], max_token_length: int) -> "CharacterSegments":
        """Lays out chunks.

        Args:
            chunks: the tokens of each sentence of each chunk; no token is empty.
            max_token_length: the rest of a longer token is left out.
        """
        texts, starts, ends, places = [], [], [], []
        segments = 0
        for chunk in chunks:
            cut = [[token[:max_token_length] for token in sentence] for sentence in chunk]
            texts.append((2 * SPACE).join(map(SPACE.join, cut)))
            lengths = np.array([len(token) for sentence in cut for token in sentence], np.intp)
            gaps = np.ones_like(lengths)
            gaps[np.cumsum([0, *map(len, chunk[:-1])])] = 2
            gaps[0] = 0
            places.append(segments * SEGMENT + 1)
            ends_of_chunk = places[-1] + np.cumsum(gaps + lengths) - 1
            starts.append(ends_of_chunk - lengths + 1)
            ends.append(ends_of_chunk)
            segments += 1 + len(texts[-1]) // SEGMENT
        nothing = np.empty(0, np.intp)
        return cls(
            texts,
            np.concatenate([nothing, *starts]),
            np.concatenate([nothing, *ends]),
            places,
            max(1, segments),
        )

    def windows(self, encode: Callable[[list[str]], Sequence[int] | np.ndarray]) -> np.ndarray:
        """The segments with their context, (segments, CONTEXT + SEGMENT + CONTEXT).

        Args:
            encode: returns the ids of the characters of a list of one text.
        """
        ids = np.full(CONTEXT + self._segments * SEGMENT + CONTEXT, PAD, np.int32)
        for text, place in zip(self.texts, self._places, strict=True):
            ids[CONTEXT + place : CONTEXT + place + len(text)] = encode([text])
        return sliding_window_view(ids, CONTEXT + SEGMENT + CONTEXT)[::SEGMENT]
