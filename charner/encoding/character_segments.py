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
    text_starts: list[int]
    """The number of each text's first character."""
    first_characters: np.ndarray
    """(all tokens,): the number of each token's first character."""
    last_characters: np.ndarray
    """(all tokens,): the number of its last character."""

    @classmethod
    def of(cls, chunks: list[list[list[str]]], max_token_length: int) -> "CharacterSegments":
        """Lays out chunks.

        Args:
            chunks: the tokens of each sentence of each chunk; no token is empty.
            max_token_length: the rest of a longer token is left out.
        """
        texts, text_starts = [], []
        firsts: list[int] = []
        lasts: list[int] = []
        start = 1
        for chunk in chunks:
            cut = [
                [token[:max_token_length] for token in sentence] for sentence in chunk if sentence
            ]
            texts.append((2 * SPACE).join(map(SPACE.join, cut)))
            text_starts.append(start)
            position = start
            for sentence in cut:
                for token in sentence:
                    firsts.append(position)
                    position += len(token) + 1
                    lasts.append(position - 2)
                position += 1
            start += _rounded_up(1 + len(texts[-1]))
        return cls(texts, text_starts, np.array(firsts, np.intp), np.array(lasts, np.intp))

    def windows(self, encode: Callable[[list[str]], Sequence[int] | np.ndarray]) -> np.ndarray:
        """The segments with their context, (segments, CONTEXT + SEGMENT + CONTEXT).

        Args:
            encode: returns the ids of the characters of a list of one text.
        """
        end = self.text_starts[-1] + len(self.texts[-1]) if self.texts else 1
        ids = np.full(CONTEXT + _rounded_up(end) + CONTEXT, PAD, np.int32)
        for text, start in zip(self.texts, self.text_starts, strict=True):
            ids[CONTEXT + start : CONTEXT + start + len(text)] = encode([text])
        return sliding_window_view(ids, CONTEXT + SEGMENT + CONTEXT)[::SEGMENT]


def _rounded_up(characters: int) -> int:
    """To whole segments."""
    return -(-characters // SEGMENT) * SEGMENT
