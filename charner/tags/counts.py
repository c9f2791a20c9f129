"""Counts of right and wrong entities, and the precision, recall and F1 computed from them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from charner.tags.spans import Span, entities

SCORE_DIGITS = 6  # decimals of a written score; keeps the files readable


@dataclass
class Counts:
    """Counts of right, wrong and missed entities; the scores are computed from them."""

    true_positives: int = 0
    false_positives: int = 0
    false_negatives: int = 0

    @property
    def precision(self) -> float:
        return _ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        return _ratio(self.true_positives, self.support)

    @property
    def f1(self) -> float:
        true_and_predicted = self.support + self.true_positives + self.false_positives
        return _ratio(2 * self.true_positives, true_and_predicted)

    @property
    def support(self) -> int:
        return self.true_positives + self.false_negatives

    def add(self, true: set, predicted: set) -> None:
        """Adds the entities of one sentence."""
        self.true_positives += len(true & predicted)
        self.false_positives += len(predicted - true)
        self.false_negatives += len(true - predicted)

    def as_dict(self) -> dict[str, float]:
        """The rounded `precision`, `recall` and `f1`, and `support`."""
        return {
            "precision": round(self.precision, SCORE_DIGITS),
            "recall": round(self.recall, SCORE_DIGITS),
            "f1": round(self.f1, SCORE_DIGITS),
            "support": self.support,
        }


class EntityScores:
    """Counts of all entities and of each type."""

    def __init__(self) -> None:
        self.all = Counts()
        self.types: dict[str, Counts] = defaultdict(Counts)

    def add(self, true_spans: Iterable[Span], predicted_spans: Iterable[Span]) -> None:
        """Adds one sentence."""
        true, predicted = set(true_spans), set(predicted_spans)
        self.all.add(true, predicted)
        for name in {span.type for span in true | predicted}:
            self.types[name].add(
                {span for span in true if span.type == name},
                {span for span in predicted if span.type == name},
            )

    def as_dict(self) -> dict:
        """The scores of all entities, and those of each type under `types`."""
        types = {name: self.types[name].as_dict() for name in sorted(self.types)}
        return {**self.all.as_dict(), "types": types}


def entity_scores(
    true_tags: Iterable[list[str]], predicted_tags: Iterable[list[str]]
) -> EntityScores:
    """Computes the entity scores of sentences, given their tags in IOB2."""
    scores = EntityScores()
    for true, predicted in zip(true_tags, predicted_tags, strict=True):
        scores.add(entities(true), entities(predicted))
    return scores


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
