"""The layout of sentences in the rows that `cnn_lstm_crf` reads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from charner.tags.schemes import PAD

S = TypeVar("S")  # a sentence


def split_into_chunks(
    document: list[S], max_tokens: int, size: Callable[[S], int]
) -> Iterator[list[S]]:
    """Splits the sentences of a document into chunks; each chunk is read alone.

    Args:
        document: the sentences.
        max_tokens: the maximum tokens of a chunk; a longer sentence is a chunk of its own.
        size: returns the number of tokens of a sentence.
    """
    chunk: list[S] = []
    tokens = 0
    for sentence in document:
        if chunk and tokens + size(sentence) > max_tokens:
            yield chunk
            chunk, tokens = [], 0
        chunk.append(sentence)
        tokens += size(sentence)
    if chunk:
        yield chunk


def row_length(lengths: list[int], window: int) -> int:
    """The length of the longest row of a chunk, in tokens and boundaries.

    Args:
        lengths: the number of tokens of each sentence.
        window: see `TokenRows.of`.
    """
    return min(1 + sum(lengths) + len(lengths), max(window, 2 + max(lengths)))


@dataclass(frozen=True)
class TokenRows:
    """Rows of consecutive sentences of a document, with a boundary before, between and after them.

    Each distinct token has a number, and so has each distinct occurrence: a token in a chunk,
    regardless of case. Number 0 of both is PAD: a boundary, or padding after the end of a row.
    """

    tokens: list[str]
    """The distinct tokens; "" for PAD."""
    token_numbers: np.ndarray
    """(rows, positions): the number of the token at each position."""
    occurrence_numbers: np.ndarray
    """(rows, positions): the number of the occurrence at each position."""
    occurrence_tokens: np.ndarray
    """(occurrences,): the number of a token of each occurrence."""
    occurrence_chunks: np.ndarray
    """(occurrences,): the number of the chunk of each occurrence."""
    row_chunks: np.ndarray
    """(rows,): the number of the chunk of each row."""
    row_lengths: np.ndarray
    """(rows,): the number of positions, including the boundaries at both ends."""
    places: tuple[np.ndarray, np.ndarray]
    """The row and the position of each token, in the order of the sentences: (all tokens,) each."""

    @classmethod
    def of(cls, chunks: list[list[list[str]]], window: int) -> "TokenRows":
        """Lays out chunks in rows.

        Args:
            chunks: the tokens of each sentence of each chunk.
            window: the length of a row, in tokens and boundaries; a longer sentence gets a longer
                row.
        """
        row_chunks, row_lengths, places = _places(chunks, window)
        shape = max(1, len(row_lengths)), max([1, *row_lengths])
        of_rows = np.array(row_chunks or [0], np.intp)
        of_tokens = of_rows[places[0]]  # the chunk of each token

        different: dict[str, int] = {"": PAD}
        numbers = np.array(
            [
                different.setdefault(token, len(different))
                for chunk in chunks
                for sentence in chunk
                for token in sentence
            ],
            np.intp,
        )
        tokens = [*different]
        firsts, occurrences = _occurrences(numbers, of_tokens, tokens)
        return cls(
            tokens=tokens,
            token_numbers=_placed(numbers, places, shape),
            occurrence_numbers=_placed(1 + occurrences, places, shape),
            occurrence_tokens=np.append(PAD, numbers[firsts]),
            occurrence_chunks=np.append(0, of_tokens[firsts]),
            row_chunks=of_rows,
            row_lengths=np.array(row_lengths or [1], np.intp),
            places=places,
        )

    def placed(self, values: np.ndarray) -> np.ndarray:
        """Puts values of tokens at the positions of the tokens.

        Args:
            values: (all tokens,), in the order of `places`.

        Returns:
            (rows, positions), PAD where there is no token.
        """
        return _placed(values, self.places, self.token_numbers.shape)


Places = tuple[np.ndarray, np.ndarray]


def _places(chunks: list[list[list[str]]], window: int) -> tuple[list[int], list[int], Places]:
    """The chunk and the length of each row, and the row and position of each token."""
    row_chunks: list[int] = []
    row_lengths: list[int] = []
    sentence_rows, sentence_starts, sizes = [], [], []
    for chunk, sentences in enumerate(chunks):
        length = window  # a chunk starts with a row of its own
        for sentence in sentences:
            if length + len(sentence) + 1 > window:
                row_chunks.append(chunk)
                row_lengths.append(1)
            length = row_lengths[-1]
            sentence_rows.append(len(row_lengths) - 1)
            sentence_starts.append(length)
            sizes.append(len(sentence))
            length += len(sentence) + 1
            row_lengths[-1] = length
    counts = np.array(sizes, np.intp)
    rows = np.repeat(np.array(sentence_rows, np.intp), counts)
    # A token's position is the start of its sentence plus the number of tokens before it there.
    starts = np.array(sentence_starts, np.intp) - (np.cumsum(counts) - counts)
    return row_chunks, row_lengths, (rows, np.repeat(starts, counts) + np.arange(len(rows)))


def _occurrences(
    numbers: np.ndarray, chunks: np.ndarray, tokens: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers the occurrences in the order in which they first appear, from 0.

    Args:
        numbers: (all tokens,), the number of each token in `tokens`.
        chunks: (all tokens,), the number of the chunk of each token.
        tokens: the distinct tokens.

    Returns:
        The index of the first token of each occurrence, (occurrences,), and the occurrence of each
        token, (all tokens,).
    """
    lower_case: dict[str, int] = {}
    lower = np.array([lower_case.setdefault(token.lower(), len(lower_case)) for token in tokens])
    keys = chunks * len(lower_case) + lower[numbers]
    _, firsts, sorted_numbers = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(firsts)
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    return firsts[order], ranks[sorted_numbers]


def _placed(values: np.ndarray, places: Places, shape: tuple[int, ...]) -> np.ndarray:
    placed = np.full(shape, PAD, np.int32)
    placed[places] = values
    return placed
