"""A sentence of a corpus."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: its tokens, their tags, and where they are in the file.

    `document` is the number of `-DOCSTART-` lines before it; 0: it belongs to no document. `lines`
    are the line numbers of the tokens. `cut` are the tokens, counted from 0, that were one with the
    token before them until an entity that begins or ends there was read.
    """

    document: int
    tokens: list[str]
    tags: list[str]
    lines: list[int]
    cut: frozenset[int] = frozenset()
