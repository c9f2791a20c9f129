"""A sentence as it stands in a corpus."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: its tokens, a tag for each, and where they come from.

    `document` counts the document lines before it, so 0 is no document; `lines` are the tokens'
    line numbers in the file.
    """

    document: int
    tokens: list[str]
    tags: list[str]
    lines: list[int]
