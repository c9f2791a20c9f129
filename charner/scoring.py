"""Scores of characters, tokens and entities, as fractions from 0 to 1."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, classification_report, confusion_matrix, f1_score

from charner.tag_schemes import entities

DIGITS = 6  # what is written; keeps the files readable


@dataclass
class Counts:
    """Right, wrong and missed entities; all scores derive from them."""

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
        found_and_true = self.support + self.true_positives + self.false_positives
        return _ratio(2 * self.true_positives, found_and_true)

    @property
    def support(self) -> int:
        return self.true_positives + self.false_negatives

    def add(self, true: set, predicted: set) -> None:
        """Takes in one sentence."""
        self.true_positives += len(true & predicted)
        self.false_positives += len(predicted - true)
        self.false_negatives += len(true - predicted)

    def as_dict(self) -> dict[str, float]:
        """precision, recall, f1 and support."""
        return {
            "precision": round(self.precision, DIGITS),
            "recall": round(self.recall, DIGITS),
            "f1": round(self.f1, DIGITS),
            "support": self.support,
        }


class EntityScores:
    """Counts of all entities and of each type, a sentence at a time."""

    def __init__(self) -> None:
        self.all = Counts()
        self.types: dict[str, Counts] = defaultdict(Counts)

    def add(self, true_tags: list[str], predicted_tags: list[str]) -> None:
        """Takes in one sentence's tags, in IOB2."""
        true, predicted = set(entities(true_tags)), set(entities(predicted_tags))
        self.all.add(true, predicted)
        for entity_type in {entity[0] for entity in true | predicted}:
            self.types[entity_type].add(
                {entity for entity in true if entity[0] == entity_type},
                {entity for entity in predicted if entity[0] == entity_type},
            )

    def as_dict(self) -> dict:
        """`precision`, `recall`, `f1`, `support`, and the same for each of `types`."""
        types = {name: self.types[name].as_dict() for name in sorted(self.types)}
        return {**self.all.as_dict(), "types": types}


def entity_scores(
    true_tags: Iterable[list[str]], predicted_tags: Iterable[list[str]]
) -> EntityScores:
    """The entity scores of sentences, each with its tags in IOB2."""
    scores = EntityScores()
    for true, predicted in zip(true_tags, predicted_tags, strict=True):
        scores.add(true, predicted)
    return scores


def character_scores(true: np.ndarray, predicted: np.ndarray, labels: list[str]) -> dict:
    """Accuracy and scikit-learn's classification report over characters.

    Args:
        true, predicted: label indices of shape (characters,), spaces counted in.
        labels: the names of the label indices.

    Returns:
        `accuracy`, `macro_f1`, `weighted_f1` and, for each label that occurs in either array,
        `labels.NAME.{precision, recall, f1, support}`.
    """
    present = np.union1d(true, predicted)
    report = classification_report(
        true,
        predicted,
        labels=present,
        target_names=[labels[index] for index in present],
        output_dict=True,
        zero_division=0,
    )
    return {
        "accuracy": round(accuracy_score(true, predicted), DIGITS),
        "macro_f1": round(report["macro avg"]["f1-score"], DIGITS),
        "weighted_f1": round(report["weighted avg"]["f1-score"], DIGITS),
        "labels": {
            labels[index]: {
                "precision": round(report[labels[index]]["precision"], DIGITS),
                "recall": round(report[labels[index]]["recall"], DIGITS),
                "f1": round(report[labels[index]]["f1-score"], DIGITS),
                "support": int(report[labels[index]]["support"]),
            }
            for index in present
        },
    }


def token_scores(true: list[str], predicted: list[str]) -> dict:
    """`accuracy` and `macro_f1` over tokens' tags."""
    return {
        "accuracy": round(accuracy_score(true, predicted), DIGITS),
        "macro_f1": round(f1_score(true, predicted, average="macro", zero_division=0), DIGITS),
    }


def confusion_counts(true: np.ndarray, predicted: np.ndarray, labels: list[str]) -> list[dict]:
    """The confusion matrix of characters as rows of `actual`, `predicted`, `count`, zeros too."""
    matrix = confusion_matrix(true, predicted, labels=range(len(labels)))
    table = pd.DataFrame(
        matrix,
        index=pd.Index(labels, name="actual"),
        columns=pd.Index(labels, name="predicted"),
    )
    return table.stack().rename("count").reset_index().to_dict("records")


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
