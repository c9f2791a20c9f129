"""The scores of a split as text, and what each score is called in English."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # scikit-learn, which the tagger does without
    from charner.evaluation.scores import SplitScores

COLUMNS = ("precision", "recall", "f1", "support")
TITLES = {
    "character_accuracy": "character accuracy",
    "character_macro_f1": "character macro F1",
    "character_weighted_f1": "character weighted F1",
    "token_accuracy": "token accuracy",
    "token_macro_f1": "token macro F1",
    "token_weighted_f1": "token weighted F1",
    "entity_precision": "entity precision",
    "entity_recall": "entity recall",
    "entity_f1": "entity F1",
    "seen_f1": "F1 of entities in train",
    "unseen_f1": "F1 of entities not in train",
    "calibration_error": "expected calibration error",
    "temperature": "temperature",
    "lower_case_f1": "entity F1 in lower case",
    "upper_case_f1": "entity F1 in upper case",
    "typo_f1": "entity F1 with typos",
}
"""The scores of a split that are single numbers, by their names in code and in files."""


def full_report(scores: "SplitScores", title: str) -> str:
    """A report of all scores of a split, with those of each label and entity type."""
    report = ""
    for unit in ("characters", "tokens", "entities"):
        report += f"== {title}: {unit} ==\n{table(getattr(scores, unit))}\n\n"
    width = max(map(len, TITLES.values()))
    lines = [f"{TITLES[name]:{width}} {score:7.4f}\n" for name, score in scores.single.items()]
    return f"{report}== {title} ==\n{''.join(lines)}"


def table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """A table with one line for each name."""
    width = max(map(len, rows))
    lines = [" " * width + "".join(f"{column:>11}" for column in COLUMNS)]
    for name, row in rows.items():
        *scores, support = (row[column] for column in COLUMNS)
        cells = "".join(f"{score:11.4f}" for score in scores)
        lines.append(f"{name:{width}}{cells}{support:11,}")
    return "\n".join(lines)
