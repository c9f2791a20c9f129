"""How the sentences of documents are laid out in the rows that a tagger of tokens reads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from charner.tags.schemes import PAD

S = TypeVar("S")  # a sentence


def split_into_chunks(
    document: list[S], max_tokens: int, size: Callable[[S], int]
) -> Iterator[list[S]]:
    """A document's sentences in chunks, each of which is read by itself.

    Args:
        document: its sentences.
        max_tokens: in a chunk; a longer sentence is a chunk by itself.
        size: how many tokens a sentence has.
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
    """The longest row that sentences of these lengths fill, in tokens and boundaries."""
    return min(1 + sum(lengths) + len(lengths), max(window, 2 + max(lengths)))


@dataclass(frozen=True)
class TokenRows:
    """Consecutive sentences of a document in a row, with a boundary before, between and after.

    Every different token is named once, and so is every different occurrence: a token within a
    document, whatever its case. Number 0 of both is PAD, a boundary or what follows a row.
    """

    tokens: list[str]
    """The different tokens; "" for PAD."""
    token_numbers: np.ndarray
    """(rows, positions): which of `tokens` stands there."""
    occurrence_numbers: np.ndarray
    """(rows, positions): which occurrence stands there."""
    occurrence_tokens: np.ndarray
    """(occurrences,): one of the `tokens` that each is of."""
    occurrence_documents: np.ndarray
    """(occurrences,): the number of its document."""
    row_documents: np.ndarray
    """(rows,): the number of each row's document."""
    row_lengths: np.ndarray
    """(rows,): positions, the boundaries at both ends counted in."""
    places: tuple[np.ndarray, np.ndarray]
    """(all tokens,) twice: the row and position of each, in the order of sentences."""

    @classmethod
    def of(cls, documents: list[list[list[str]]], window: int) -> "TokenRows":
        """Lays out documents.

        Args:
            documents: the tokens of each sentence of each document.
            window: the length of a row, in tokens and boundaries; longer sentences get a longer
                one.
        """
        row_documents, row_lengths, places = _places(documents, window)
        shape = max(1, len(row_lengths)), max([1, *row_lengths])
        of_rows = np.array(row_documents or [0], np.intp)
        of_tokens = of_rows[places[0]]  # the document of each token

        different: dict[str, int] = {"": PAD}
        numbers = np.array(
            [
                different.setdefault(token, len(different))
                for document in documents
                for sentence in document
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
            occurrence_documents=np.append(0, of_tokens[firsts]),
            row_documents=of_rows,
            row_lengths=np.array(row_lengths or [1], np.intp),
            places=places,
        )

    def placed(self, values: np.ndarray) -> np.ndarray:
        """Values of tokens where the tokens stand.

        Args:
            values: (all tokens,), in the order of `places`.

        Returns:
            (rows, positions), PAD where no token stands.
        """
        return _placed(values, self.places, self.token_numbers.shape)


Places = tuple[np.ndarray, np.ndarray]


def _places(documents: list[list[list[str]]], window: int) -> tuple[list[int], list[int], Places]:
    """The document and the length of each row, and the row and position of each token."""
    row_documents: list[int] = []
    row_lengths: list[int] = []
    sentence_rows, sentence_starts, sizes = [], [], []
    for document, sentences in enumerate(documents):
        length = window  # a document starts with a row of its own
        for sentence in sentences:
            if length + len(sentence) + 1 > window:
                row_documents.append(document)
                row_lengths.append(1)
            length = row_lengths[-1]
            sentence_rows.append(len(row_lengths) - 1)
            sentence_starts.append(length)
            sizes.append(len(sentence))
            length += len(sentence) + 1
            row_lengths[-1] = length
    counts = np.array(sizes, np.intp)
    rows = np.repeat(np.array(sentence_rows, np.intp), counts)
    # A token's position is its sentence's start, and how many tokens of the sentence precede it.
    starts = np.array(sentence_starts, np.intp) - (np.cumsum(counts) - counts)
    return row_documents, row_lengths, (rows, np.repeat(starts, counts) + np.arange(len(rows)))


def _occurrences(
    numbers: np.ndarray, documents: np.ndarray, tokens: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers the occurrences in the order of their first places, from 0.

    Args:
        numbers: (all tokens,), which of `tokens` each is.
        documents: (all tokens,), the document of each.
        tokens: the different ones.

    Returns:
        The first place of each occurrence, and the occurrence of each token, (all tokens,).
    """
    lower_case: dict[str, int] = {}
    lower = np.array([lower_case.setdefault(token.lower(), len(lower_case)) for token in tokens])
    keys = documents * len(lower_case) + lower[numbers]
    _, firsts, sorted_numbers = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(firsts)
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    return firsts[order], ranks[sorted_numbers]


def _placed(values: np.ndarray, places: Places, shape: tuple[int, ...]) -> np.ndarray:
    placed = np.full(shape, PAD, np.int32)
    placed[places] = values
    return placed
