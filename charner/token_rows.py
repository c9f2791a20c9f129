"""How the sentences of documents stand in the rows that a tagger of tokens reads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from charner.vocabulary import PAD

T = TypeVar("T")


def parts(document: list[T], max_tokens: int, size: Callable[[T], int] = len) -> Iterator[list[T]]:
    """A document's sentences in groups of `max_tokens` at most; a longer sentence is by itself.

    Args: size: a sentence's tokens.
    """
    part, tokens = [], 0
    for sentence in document:
        if part and tokens + size(sentence) > max_tokens:
            yield part
            part, tokens = [], 0
        part.append(sentence)
        tokens += size(sentence)
    if part:
        yield part


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
        """Args:
        documents: the tokens of each sentence of each document.
        window: the length of a row, in tokens and boundaries; longer sentences get a longer one.
        """
        row_documents, row_lengths, sentence_rows, sentence_starts = [], [], [], []
        for document, sentences in enumerate(documents):
            length = window  # a document starts with a row of its own
            for sentence in sentences:
                if length + len(sentence) + 1 > window:
                    row_documents.append(document)
                    row_lengths.append(1)
                length = row_lengths[-1]
                sentence_rows.append(len(row_lengths) - 1)
                sentence_starts.append(length)
                length += len(sentence) + 1
                row_lengths[-1] = length
        sentences = [sentence for document in documents for sentence in document]
        sizes = np.array([*map(len, sentences)], np.intp)
        rows = np.repeat(np.array(sentence_rows, np.intp), sizes)
        starts = np.array(sentence_starts, np.intp) - (np.cumsum(sizes) - sizes)
        places = rows, np.repeat(starts, sizes) + np.arange(len(rows))

        tokens = {"": PAD}
        numbers = np.array(
            [tokens.setdefault(token, len(tokens)) for sentence in sentences for token in sentence],
            np.intp,
        )
        lower_case: dict[str, int] = {}
        lower_numbers = np.array(
            [lower_case.setdefault(token.lower(), len(lower_case)) for token in tokens]
        )
        documents_of_rows = np.array(row_documents or [0], np.intp)
        documents_of_tokens = documents_of_rows[rows]
        _, firsts, occurrences = np.unique(
            documents_of_tokens * len(lower_case) + lower_numbers[numbers],
            return_index=True,
            return_inverse=True,
        )
        order = np.argsort(firsts)  # occurrences in the order of their first places
        ranks = np.empty_like(order)
        ranks[order] = np.arange(len(order))
        firsts = firsts[order]
        shape = max(1, len(row_lengths)), max([1, *row_lengths])
        return cls(
            [*tokens],
            _placed(numbers, places, shape),
            _placed(1 + ranks[occurrences], places, shape),
            np.append(PAD, numbers[firsts]),
            np.append(0, documents_of_tokens[firsts]),
            documents_of_rows,
            np.array(row_lengths or [1], np.intp),
            places,
        )

    def placed(self, values: np.ndarray) -> np.ndarray:
        """Args: values: (all tokens,). Returns: (rows, positions), PAD where no token stands."""
        return _placed(values, self.places, self.token_numbers.shape)


def _placed(values: np.ndarray, places: tuple, shape: tuple[int, int]) -> np.ndarray:
    placed = np.full(shape, PAD, np.int32)
    placed[places] = values
    return placed
