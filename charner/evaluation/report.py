"""The scores of a split as text."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # scikit-learn, which the tagger does without
    from charner.evaluation.scores import SplitScores

COLUMNS = ("precision", "recall", "f1", "support")


def full_report(scores: "SplitScores", title: str) -> str:
    """A report of all scores of a split, with those of each label and entity type."""
    report = ""
    for unit in ("characters", "tokens", "entities"):
        report += f"== {title}: {unit} ==\n{table(getattr(scores, unit))}\n\n"
    width = max(map(len, scores.single))
    lines = [f"{name:{width}} {score:7.4f}\n" for name, score in scores.single.items()]
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
