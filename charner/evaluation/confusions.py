"""Which entities a model confuses with which."""

from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from charner.tags.spans import Span


class Confusion(NamedTuple):
    """The true and the predicted type of an entity; None where there is no such entity."""

    true: str | None
    predicted: str | None
    wrong_boundaries: bool = False

    def __str__(self) -> str:
        if self.predicted is None:
            return f"{self.true} missed"
        if self.true is None:
            return f"false {self.predicted}"
        tagged = "" if self.true == self.predicted else f" tagged as {self.predicted}"
        return f"{self.true}{tagged}{', wrong boundaries' if self.wrong_boundaries else ''}"


def confusions(
    sentences: Iterable[tuple[Iterable[Span], Iterable[Span]]],
) -> list[tuple[Confusion, list[tuple[int, Span]]]]:
    """The missed and the false entities by confusion, the most frequent confusion first.

    A true entity that is not predicted as it is, is confused with the first predicted one that
    shares a token with it.

    Args:
        sentences: the true and the predicted entities of each sentence.

    Returns:
        Each confusion with its entities: the number of the sentence, from 0, and the true entity,
        or the predicted one if there is no true one.
    """
    spans: dict[Confusion, list[tuple[int, Span]]] = defaultdict(list)
    for number, (all_true, all_predicted) in enumerate(sentences):
        true, predicted = {*all_true}, {*all_predicted}
        for span in _sorted(true - predicted):
            other = _first_overlapping(span, predicted)
            confusion = Confusion(span.type, None)
            if other:
                confusion = Confusion(span.type, other.type, span[1:] != other[1:])
            spans[confusion].append((number, span))
        for span in _sorted(predicted - true):
            if not _first_overlapping(span, true):
                spans[Confusion(None, span.type)].append((number, span))
    return sorted(spans.items(), key=lambda item: (-len(item[1]), str(item[0])))


def _first_overlapping(span: Span, others: Iterable[Span]) -> Span | None:
    """The first entity that shares a token with another one."""
    overlapping = (o for o in others if o.start < span.end and span.start < o.end)
    return min(overlapping, key=attrgetter("start", "end"), default=None)


def _sorted(spans: Iterable[Span]) -> list[Span]:
    return sorted(spans, key=attrgetter("start", "end"))
