"""The layout of sentences in the rows that `cnn_lstm_crf` reads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from charner.tags.schemes import PAD

S = TypeVar("S")  # a sentence

Locations = tuple[np.ndarray, np.ndarray]
"""The row and the position of each token, in the order of the sentences: (all tokens,) each."""


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

    Each distinct token has a number, and so has each term: a distinct token of a chunk, regardless
    of case. Number 0 of both is PAD: a boundary, or padding after the end of a row.
    """

    tokens: list[str]
    """The distinct tokens; "" for PAD."""
    token_numbers: np.ndarray
    """(rows, positions): the number of the token at each position."""
    term_numbers: np.ndarray
    """(rows, positions): the number of the term at each position."""
    term_tokens: np.ndarray
    """(terms,): the number of a token of each term."""
    term_chunks: np.ndarray
    """(terms,): the number of the chunk of each term."""
    row_chunks: np.ndarray
    """(rows,): the number of the chunk of each row."""
    row_lengths: np.ndarray
    """(rows,): the number of positions, including the boundaries at both ends."""
    locations: Locations

    @classmethod
    def of(cls, chunks: list[list[list[str]]], window: int) -> "TokenRows":
        """Lays out chunks in rows.

        Args:
            chunks: the tokens of each sentence of each chunk.
            window: the length of a row, in tokens and boundaries; a longer sentence gets a longer
                row.
        """
        row_chunks, row_lengths, locations = _rows(chunks, window)
        shape = max(1, len(row_lengths)), max([1, *row_lengths])
        chunk_of_row = np.array(row_chunks or [0], np.intp)
        token_chunks = chunk_of_row[locations[0]]

        distinct: dict[str, int] = {"": PAD}
        numbers = np.array(
            [
                distinct.setdefault(token, len(distinct))
                for chunk in chunks
                for sentence in chunk
                for token in sentence
            ],
            np.intp,
        )
        tokens = [*distinct]
        firsts, terms = _terms(numbers, token_chunks, tokens)
        return cls(
            tokens=tokens,
            token_numbers=_placed(numbers, locations, shape),
            term_numbers=_placed(1 + terms, locations, shape),
            term_tokens=np.append(PAD, numbers[firsts]),
            term_chunks=np.append(0, token_chunks[firsts]),
            row_chunks=chunk_of_row,
            row_lengths=np.array(row_lengths or [1], np.intp),
            locations=locations,
        )

    def placed(self, values: np.ndarray) -> np.ndarray:
        """Puts the values of tokens, (all tokens,), at their locations: (rows, positions).

        PAD stands where there is no token.
        """
        return _placed(values, self.locations, self.token_numbers.shape)


def _rows(chunks: list[list[list[str]]], window: int) -> tuple[list[int], list[int], Locations]:
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


def _terms(
    numbers: np.ndarray, chunks: np.ndarray, tokens: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers the terms in the order in which they first appear, from 0.

    Args:
        numbers: (all tokens,), the number of each token in `tokens`.
        chunks: (all tokens,), the number of the chunk of each token.
        tokens: the distinct tokens.

    Returns:
        The index of the first token of each term, (terms,), and the term of each token, (all
        tokens,).
    """
    lower_case: dict[str, int] = {}
    lower = np.array([lower_case.setdefault(token.lower(), len(lower_case)) for token in tokens])
    keys = chunks * len(lower_case) + lower[numbers]
    _, firsts, sorted_numbers = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(firsts)
    return firsts[order], np.argsort(order)[sorted_numbers]


def _placed(values: np.ndarray, locations: Locations, shape: tuple[int, ...]) -> np.ndarray:
    placed = np.full(shape, PAD, np.int32)
    placed[locations] = values
    return placed
