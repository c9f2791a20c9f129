"""Encoded sentences."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol, TypeVar

import numpy as np

from charner.encoding.typos import with_typos
from charner.encoding.vocabulary import Vocabulary
from charner.tags.spans import entities

Mention = tuple[str, tuple[str, ...]]
"""The type and the tokens of an entity."""


@dataclass(frozen=True, slots=True)
class Example:
    """An encoded sentence: tags in IOB2, ids of shape (characters,)."""

    document: int
    tokens: list[str]
    tags: list[str]
    character_ids: np.ndarray
    label_ids: np.ndarray

    @classmethod
    def encode(
        cls, document: int, tokens: list[str], tags: list[str], vocabulary: Vocabulary
    ) -> "Example":
        """Encodes a sentence, as the char_encode stage does."""
        return cls(
            document,
            tokens,
            tags,
            np.array(vocabulary.encode_characters(tokens), np.int32),
            np.array(vocabulary.encode_labels(tokens, tags), np.int32),
        )

    @property
    def token_lengths(self) -> np.ndarray:
        """The length of each token in characters, (tokens,)."""
        return np.array([*map(len, self.tokens)])

    @property
    def mentions(self) -> list[Mention]:
        """The entities of the sentence, in order."""
        return [(name, tuple(self.tokens[start:end])) for name, start, end in entities(self.tags)]

    def rewritten(self, token: Callable[[str], str], vocabulary: Vocabulary) -> "Example":
        """Applies a function to each token; the tags stay the same."""
        tokens = [token(original) for original in self.tokens]
        return Example.encode(self.document, tokens, self.tags, vocabulary)

    def with_typos(
        self,
        rate: Callable[[str], float],
        vocabulary: Vocabulary,
        generator: np.random.Generator,
    ) -> "Example":
        """Adds typing errors to the tokens; `rate` gives a token's (see `with_typos`)."""
        letters = vocabulary.letters
        return self.rewritten(
            lambda token: with_typos(token, rate(token), letters, generator), vocabulary
        )

    def cut(self, max_length: int) -> "Example":
        """The first whole tokens within `max_length` characters; a longer first token is cut."""
        if len(self.character_ids) <= max_length:
            return self
        ends = np.cumsum(self.token_lengths + 1) - 1
        kept = max(1, int(np.searchsorted(ends, max_length, side="right")))
        length = min(int(ends[kept - 1]), max_length)
        return Example(
            self.document,
            [token[:max_length] for token in self.tokens[:kept]],
            self.tags[:kept],
            self.character_ids[:length],
            self.label_ids[:length],
        )


class OfDocument(Protocol):
    """A sentence that knows the number of its document."""

    @property
    def document(self) -> int: ...


AnySentence = TypeVar("AnySentence", bound=OfDocument)


def by_document(examples: Iterable[AnySentence]) -> list[list[AnySentence]]:
    """Groups sentences by document; a sentence of document 0 (none) is a document of its own."""
    found: list[list[AnySentence]] = []
    for number, group in groupby(examples, lambda example: example.document):
        sentences = list(group)
        found += [sentences] if number else [[sentence] for sentence in sentences]
    return found
