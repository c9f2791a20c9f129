"""Text with entities by offsets, and its sentences with a tag for each token."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from charner.corpus.mistakes import (
    CUT_TOKEN,
    DOUBLE,
    OVERLAP,
    SPACE_AROUND_ENTITY,
    TYPE_WITH_SPACES,
    UTF_16,
    Mistakes,
)
from charner.corpus.segmentation import SplittingError, sentences
from charner.corpus.sentence import Sentence
from charner.corpus.tokens import Offsets
from charner.support.errors import InputError
from charner.tags.schemes import is_entity_type
from charner.tags.spans import Span

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A document: its text, its entities, and its tokens and sentences if they are given.

    `number` is its line or position in the file, from 1. `sentence_starts` are the offsets of the
    first tokens. Without tokens or sentences, the text is split like raw text.
    """

    text: str
    entities: Sequence[Span]
    number: int
    tokens: Sequence[Offsets] | None = None
    sentence_starts: Sequence[int] | None = None


def tagged_sentences(
    document: AnnotatedText, location: str, mistakes: Mistakes, language: str
) -> list[Sentence]:
    """The sentences of a document, with tags in IOB2.

    A token is cut where an entity begins or ends, and no sentence ends within an entity.

    Args:
        document: the text and its entities.
        location: the file and line, for messages.
        mistakes: gets the tokens that are cut, and entities with white space around them.
        language: that of the text, see `corpus.segmentation`.

    Raises:
        InputError: an entity is empty, lies outside of the text or has no token, or its type cannot
            be one; two overlap, and mistakes are not repaired; or the text cannot be split into
            sentences.
    """
    text = document.text
    entities = _checked_entities(document, location, mistakes)
    cuts = {offset for entity in entities for offset in entity[1:]}
    entity_at: list[Span | None] = [None] * len(text)
    for entity in entities:
        entity_at[entity.start : entity.end] = [entity] * (entity.end - entity.start)
    try:
        split = _sentences(document, language)
    except SplittingError as error:
        raise InputError(f"{location}: {error}") from None
    tagged = []
    with_tokens = set()
    for sentence in _joined(split, entity_at):
        starts = {start for start, _ in sentence}
        tokens = [part for token in sentence for part in _parts(token, cuts)]
        cut = frozenset(i for i, (start, _) in enumerate(tokens) if start not in starts)
        if cut:
            whole = next(token for token in sentence if token not in tokens)
            mistakes.add(CUT_TOKEN, f"{location}: {text[slice(*whole)]!r}", len(cut))
            if max(text) > "\uffff":
                mistakes.add(UTF_16, location)
        within = [entity_at[start] for start, _ in tokens]
        with_tokens.update(within)
        tags = [
            f"{'I' if entity == before else 'B'}-{entity.type}" if entity else "O"
            for before, entity in pairwise([None, *within])
        ]
        words = [text[start:end] for start, end in tokens]
        lines = [document.number] * len(tokens)
        tagged.append(Sentence(document.number, words, tags, lines, cut))
    for entity in entities:
        if entity not in with_tokens:
            raise InputError(f"{location}: the entity {_described(entity)} has no token")
    return tagged


def _described(entity: Span) -> str:
    return f"{entity.type!r} from {entity.start} to {entity.end}"


def _checked_entities(document: AnnotatedText, location: str, mistakes: Mistakes) -> list[Span]:
    """The entities in their order, without white space at their ends."""
    text = document.text
    entities: list[Span] = []
    counts = Counter(document.entities)
    for entity in sorted(counts, key=lambda entity: entity[1:]):
        name, start, end = entity
        message = f"{location}: the entity {_described(entity)}"
        if not is_entity_type(name):
            raise InputError(f"{message}: a type has no < and >, and no spaces at its ends")
        if " " in name:
            mistakes.add(TYPE_WITH_SPACES, f"{location}: {name!r}")
        if start > end:
            raise InputError(f"{message} ends before it begins")
        if not (start >= 0 and end <= len(text)):
            raise InputError(f"{message} lies outside of the text of {len(text)} characters")
        part = text[start:end]
        if not part.strip():
            raise InputError(f"{message} is empty")
        if counts[entity] > 1:
            mistakes.add(DOUBLE, message, counts[entity] - 1)
        if part != part.strip():
            mistakes.add(SPACE_AROUND_ENTITY, f"{location}: {part!r}")
        start += len(part) - len(part.lstrip())
        entities.append(Span(name, start, start + len(part.strip())))
    return _without_overlaps(entities, location, mistakes)


def _without_overlaps(entities: list[Span], location: str, mistakes: Mistakes) -> list[Span]:
    """The entities, of which the longest stay where some overlap."""
    pairs = [pair for pair in pairwise(entities) if pair[1].start < pair[0].end]
    if not pairs:
        return entities
    first, second = pairs[0]
    message = f"{location}: the entity {_described(second)} overlaps {_described(first)}"
    mistakes.add(OVERLAP, message, len(pairs))
    kept: list[Span] = []
    for entity in sorted(entities, key=lambda entity: entity.start - entity.end):
        if all(entity.end <= other.start or other.end <= entity.start for other in kept):
            kept.append(entity)
    return sorted(kept, key=lambda entity: entity.start)


def _sentences(document: AnnotatedText, language: str) -> list[list[Offsets]]:
    """The offsets of the tokens of each sentence."""
    text = document.text
    if document.tokens is None:
        return [*sentences(text, language)]
    starts = document.sentence_starts
    if starts is None:
        starts = [tokens[0][0] for tokens in sentences(text, language)]
    # White space ends a token, since columns could not keep it.
    words = (
        (start + word.start(), start + word.end())
        for start, end in document.tokens
        for word in _WORD.finditer(text[start:end])
    )
    return [[*group] for _, group in groupby(words, lambda word: bisect_right(starts, word[0]))]


def _joined(split: list[list[Offsets]], entity_at: list[Span | None]) -> list[list[Offsets]]:
    """Joins the sentences that have a part of the same entity."""
    joined: list[list[Offsets]] = []
    for sentence in split:
        start = sentence[0][0]
        entity = entity_at[start]
        if joined and entity and entity.start < start:
            joined[-1] += sentence
        else:
            joined.append([*sentence])
    return joined


def _parts(token: Offsets, cuts: set[int]) -> Iterator[Offsets]:
    start, end = token
    return pairwise([start, *(offset for offset in range(start + 1, end) if offset in cuts), end])
