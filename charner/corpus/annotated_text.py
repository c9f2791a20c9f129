"""Text with entities by offsets, and its sentences with a tag for each token."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from charner.corpus.mistakes import CUT_TOKEN, SPACE_AROUND_ENTITY, Mistakes
from charner.corpus.segmentation import SplittingError, sentences
from charner.corpus.sentence import Sentence
from charner.corpus.tokens import Offsets
from charner.support.errors import InputError
from charner.tags.schemes import is_entity_type
from charner.tags.spans import Span


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A document: its text, its entities, and its tokens and sentences if they are given.

    `number` is its place in the file, from 1: that of its line or document. `sentence_starts` are
    the offsets of the first tokens. Without tokens or sentences, the text is split like raw text.
    """

    text: str
    entities: Sequence[Span]
    number: int
    tokens: Sequence[Offsets] | None = None
    sentence_starts: Sequence[int] | None = None


def tagged_sentences(
    document: AnnotatedText, place: str, mistakes: Mistakes, language: str
) -> list[Sentence]:
    """The sentences of a document, with tags in IOB2.

    A token is cut where an entity begins or ends, and no sentence ends within an entity.

    Args:
        document: the text and its entities.
        place: the file and line, for messages.
        mistakes: gets the tokens that are cut, and entities with white space around them.
        language: that of the text, see `corpus.segmentation`.

    Raises:
        InputError: an entity is empty, lies outside of the text, overlaps another or has no token,
            or its type is not a word; or the text cannot be split into sentences.
    """
    entities = _checked(document, place, mistakes)
    cuts = {offset for entity in entities for offset in entity[1:]}
    found = []
    tagged = set()
    try:
        split = _sentences(document, language)
    except SplittingError as error:
        raise InputError(f"{place}: {error}") from None
    for sentence in _joined(split, entities):
        tokens = [part for token in sentence for part in _cut(token, cuts)]
        if len(tokens) > len(sentence):
            whole = next(token for token in sentence if token not in tokens)
            shown = f"{place}: {document.text[slice(*whole)]!r}"
            mistakes.add(CUT_TOKEN, shown, len(tokens) - len(sentence))
        words = [document.text[start:end] for start, end in tokens]
        within = [_entity_at(start, entities) for start, _ in tokens]
        tags = [
            f"{'I' if entity == before else 'B'}-{entity.type}" if entity else "O"
            for before, entity in pairwise([None, *within])
        ]
        tagged.update(within)
        starts = {start for start, _ in sentence}
        cut = frozenset(i for i, (start, _) in enumerate(tokens) if start not in starts)
        lines = [document.number] * len(tokens)
        found.append(Sentence(document.number, words, tags, lines, cut))
    for name, start, end in entities:
        if (name, start, end) not in tagged:
            raise InputError(f"{place}: the entity {name!r} from {start} to {end} has no token")
    return found


def _checked(document: AnnotatedText, place: str, mistakes: Mistakes) -> list[Span]:
    """The entities in their order, without white space at their ends."""
    text = document.text
    entities: list[Span] = []
    for name, start, end in sorted(document.entities, key=lambda entity: entity[1:]):
        shown = f"{place}: the entity {name!r} from {start} to {end}"
        if not is_entity_type(name):
            raise InputError(f"{shown}: a type is a word without spaces, < and >")
        if start > end:
            raise InputError(f"{shown} ends before it begins")
        if not (start >= 0 and end <= len(text)):
            raise InputError(f"{shown} lies outside of the text of {len(text)} characters")
        part = text[start:end]
        if not part.strip():
            raise InputError(f"{shown} is empty")
        if entities and start < entities[-1].end:
            other = entities[-1]
            raise InputError(
                f"{shown} overlaps {other.type!r} from {other.start} to {other.end};"
                " entities may not overlap"
            )
        if part != part.strip():
            mistakes.add(SPACE_AROUND_ENTITY, f"{place}: {part!r}")
        start += len(part) - len(part.lstrip())
        entities.append(Span(name, start, start + len(part.strip())))
    return entities


def _sentences(document: AnnotatedText, language: str) -> list[list[Offsets]]:
    """The offsets of the tokens of each sentence."""
    text = document.text
    if document.tokens is None:
        return [*sentences(text, language)]
    starts = document.sentence_starts
    if starts is None:
        starts = [sentence[0][0] for sentence in sentences(text, language)]
    tokens = [part for token in document.tokens for part in _words(text, token)]
    by_sentence = groupby(tokens, lambda token: bisect_right(starts, token[0]))
    return [[*of_sentence] for _, of_sentence in by_sentence]


def _words(text: str, token: Offsets) -> Iterator[Offsets]:
    """The parts of a token between white space; none if it is nothing but white space."""
    position = token[0]
    for word in text[slice(*token)].split():
        start = text.index(word, position)
        position = start + len(word)
        yield start, position


def _joined(split: list[list[Offsets]], entities: list[Span]) -> list[list[Offsets]]:
    """Joins the sentences that have a part of the same entity."""
    joined: list[list[Offsets]] = []
    for sentence in split:
        start = sentence[0][0]
        entity = _entity_at(start, entities)
        if joined and entity and entity.start < start:
            joined[-1] += sentence
        else:
            joined.append([*sentence])
    return joined


def _entity_at(offset: int, entities: list[Span]) -> Span | None:
    """The entity that the offset lies in."""
    number = bisect_right(entities, offset, key=lambda entity: entity.start)
    return entities[number - 1] if number and offset < entities[number - 1].end else None


def _cut(token: Offsets, cuts: set[int]) -> Iterator[Offsets]:
    """The parts of a token between cuts."""
    start, end = token
    return pairwise([start, *(offset for offset in range(start + 1, end) if offset in cuts), end])
