"""The sentences of a corpus, as training and evaluation read them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Protocol, TypeVar

import numpy as np

from charner.encoding.typos import with_typos
from charner.tags.spans import entities

Mention = tuple[str, tuple[str, ...]]
"""The type and the tokens of an entity."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with tags in IOB2; `document` is the number of its document, 0: it has none."""

    document: int
    tokens: list[str]
    tags: list[str]

    @property
    def length(self) -> int:
        """The number of characters of the tokens, joined by one space."""
        return sum(map(len, self.tokens)) + len(self.tokens) - 1

    @property
    def mentions(self) -> list[Mention]:
        """The entities of the sentence, in order."""
        return [(name, tuple(self.tokens[start:end])) for name, start, end in entities(self.tags)]

    def rewritten(self, token: Callable[[str], str]) -> "Example":
        """Applies a function to each token; the tags stay the same."""
        return replace(self, tokens=[*map(token, self.tokens)])

    def with_typos(
        self, rate: Callable[[str], float], letters: Sequence[str], generator: np.random.Generator
    ) -> "Example":
        """Adds typing errors to the tokens, at the rate that a function gives; see `with_typos`."""
        return self.rewritten(lambda token: with_typos(token, rate(token), letters, generator))

    def cut(self, max_length: int) -> "Example":
        """The first whole tokens within `max_length` characters; a longer first token is cut."""
        if self.length <= max_length:
            return self
        ends = np.cumsum([len(token) + 1 for token in self.tokens]) - 1
        kept = max(1, int(np.searchsorted(ends, max_length, side="right")))
        tokens = [token[:max_length] for token in self.tokens[:kept]]
        return Example(self.document, tokens, self.tags[:kept])


Chunk = list[Example]
"""The sentences that a model reads together; batches never divide a chunk."""


class OfDocument(Protocol):
    """A sentence that knows the number of its document."""

    @property
    def document(self) -> int: ...


AnySentence = TypeVar("AnySentence", bound=OfDocument)


def by_document(sentences: Iterable[AnySentence]) -> list[list[AnySentence]]:
    """Groups sentences by document; a sentence of document 0 (none) is a document of its own."""
    documents: list[list[AnySentence]] = []
    for number, group in groupby(sentences, lambda sentence: sentence.document):
        document = [*group]
        documents += [document] if number else [[sentence] for sentence in document]
    return documents
