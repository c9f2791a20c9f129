"""Entities as spans of a sentence, and as its tags in IOB2."""

from collections.abc import Iterable
from typing import NamedTuple

from charner.tags.schemes import OUTSIDE, split_tag


class Span(NamedTuple):
    """An entity: its type, its start and its end (excluded).

    Both count the tokens of a sentence, or the code points of a text.
    """

    type: str
    start: int
    end: int


def iob2_tags(length: int, spans: Iterable[Span]) -> list[str]:
    """The tags of a sentence in IOB2.

    Args:
        length: the length of the sentence in tokens.
        spans: the entities; they must not overlap.
    """
    tags = [OUTSIDE] * length
    for entity_type, start, end in spans:
        tags[start:end] = [f"B-{entity_type}"] + [f"I-{entity_type}"] * (end - start - 1)
    return tags


def entities(tags: list[str]) -> list[Span]:
    """The entities of a sentence.

    IOB2 is read as by conlleval (Tjong Kim Sang and De Meulder 2003): an I- tag that does not
    continue an entity of its type begins one.
    """
    spans = []
    start = 0
    current_type: str | None = None
    for position, tag in enumerate([*tags, OUTSIDE]):
        prefix, entity_type = split_tag(tag)
        if current_type is not None and (prefix != "I" or entity_type != current_type):
            spans.append(Span(current_type, start, position))
            current_type = None
        if entity_type is not None and current_type is None:
            start, current_type = position, entity_type
    return spans
