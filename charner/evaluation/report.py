"""Scores as text: the full report of the evaluate stage, and a summary."""

import json
from collections.abc import Mapping
from pathlib import Path

from charner.support.errors import InputError

COLUMNS = ("precision", "recall", "f1", "support")
ROBUSTNESS = {"lower_case": "in lower case", "upper_case": "in upper case", "typos": "with typos"}
SUMMARY = {
    "character accuracy": ("char", "accuracy"),
    "character macro F1": ("char", "macro_f1"),
    "character weighted F1": ("char", "weighted_f1"),
    "token accuracy": ("token", "accuracy"),
    "token macro F1": ("token", "macro_f1"),
    "entity precision": ("entity", "precision"),
    "entity recall": ("entity", "recall"),
    "entity F1": ("entity", "f1"),
}


def full_report(scores: dict, title: str) -> str:
    """A report of all scores of a split, with those of each label and entity type.

    Args:
        scores: the content of metrics/valid.json or metrics/test.json.
        title: the name of the split.
    """
    character, token, entity = scores["char"], scores["token"], scores["entity"]
    robustness = (f"{ROBUSTNESS[name]} {f1:.4f}" for name, f1 in scores["robustness"].items())
    return "\n".join(
        [
            f"== {title}: characters ==",
            table(character["labels"]),
            f"accuracy {character['accuracy']:.4f}   macro F1 {character['macro_f1']:.4f}"
            f"   weighted F1 {character['weighted_f1']:.4f}",
            f"\n== {title}: tokens ==",
            f"accuracy {token['accuracy']:.4f}   macro F1 {token['macro_f1']:.4f}",
            f"\n== {title}: entities ==",
            table(
                {
                    **entity["types"],
                    "all": entity,
                    "seen in train": entity["seen"],
                    "not in train": entity["unseen"],
                }
            ),
            f"expected calibration error {scores['calibration_error']:.4f}",
            f"F1 {'   '.join(robustness)}\n",
        ]
    )


def table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """A table with one line for each name."""
    width = max(map(len, rows))
    lines = [" " * width + "".join(f"{column:>11}" for column in COLUMNS)]
    for name, row in rows.items():
        *scores, support = (row[column] for column in COLUMNS)
        cells = [f"{score:11.4f}" for score in scores] + [f"{support:11,}"]
        lines.append(f"{name:{width}}" + "".join(cells))
    return "\n".join(lines)


def summary(scores: Mapping[str, dict]) -> str:
    """The main scores, one column for each split.

    Args:
        scores: the contents of metrics/valid.json and metrics/test.json, by split.
    """
    width = max(map(len, SUMMARY))
    lines = [" " * width + "".join(f"{split:>8}" for split in scores)]
    for name, (level, score) in SUMMARY.items():
        cells = (f"{of_split[level][score]:8.4f}" for of_split in scores.values())
        lines.append(f"{name:{width}}" + "".join(cells))
    return "\n".join(lines)


def summary_of_folder(folder: Path) -> str:
    """The summary of the scores in a folder.

    Args:
        folder: contains valid.json and test.json.

    Raises:
        InputError: a file is missing, or its content is not the scores of a split.
    """
    scores = {}
    for split in ("valid", "test"):
        path = folder / f"{split}.json"
        try:
            scores[split] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise InputError(f"{path}: no scores here; `dvc repro` makes them") from None
        except ValueError as error:
            raise InputError(f"{path}: not valid JSON ({error})") from None
    try:
        return summary(scores)
    except (KeyError, TypeError):
        raise InputError(
            f"{folder}: scores from another version of this project; `dvc repro` makes new ones"
        ) from None
