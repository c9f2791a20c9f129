"""Which entities a model confuses with which, and where."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from charner.tags.spans import Span


class Kind(NamedTuple):
    """A kind of confusion: the true and the predicted type, None where there is no entity."""

    true: str | None
    predicted: str | None
    other_ends: bool

    def __str__(self) -> str:
        if self.predicted is None:
            return f"{self.true} missed"
        if self.true is None:
            return f"{self.predicted} where no entity is"
        tagged = "" if self.true == self.predicted else f" tagged as {self.predicted}"
        return f"{self.true}{tagged}{' with other ends' if self.other_ends else ''}"


class Occurrence(NamedTuple):
    """A confused entity: the number of its sentence, its start and end (excluded) in tokens."""

    sentence: int
    start: int
    end: int


def confusions(
    sentences: Iterable[tuple[Iterable[Span], Iterable[Span]]],
) -> list[tuple[Kind, list[Occurrence]]]:
    """The wrong and the missed entities by kind, the most frequent first.

    An entity that is not found as it is, is confused with the one that begins first of those that
    share a token with it.

    Args:
        sentences: the true and the predicted entities of each sentence.
    """
    occurrences: dict[Kind, list[Occurrence]] = defaultdict(list)
    for number, (all_true, all_predicted) in enumerate(sentences):
        true, predicted = {*all_true}, {*all_predicted}
        for entity in _in_order(true - predicted):
            name, *place = entity
            kind = Kind(name, None, False)
            for found in _sharing(entity, predicted)[:1]:
                kind = Kind(name, found[0], [*found[1:]] != place)
            occurrences[kind].append(Occurrence(number, *place))
        for entity in _in_order(predicted - true):
            name, *place = entity
            if not _sharing(entity, true):
                occurrences[Kind(None, name, False)].append(Occurrence(number, *place))
    return sorted(occurrences.items(), key=lambda item: (-len(item[1]), str(item[0])))


def _sharing(entity: Span, others: set[Span]) -> list[Span]:
    """The entities that share a token with one, in their order."""
    _, start, end = entity
    return _in_order(other for other in others if other[1] < end and start < other[2])


def _in_order(entities: Iterable[Span]) -> list[Span]:
    return sorted(entities, key=lambda entity: entity[1:])
