"""The scores of the evaluate stage as text; `python -m charner.report` prints them in short."""

import json
from pathlib import Path

import pandas as pd

COLUMNS = ["precision", "recall", "f1", "support"]


def report(scores: dict, title: str) -> str:
    """The classification report, with label names, and the entities' scores.

    Args: scores: the content of metrics/valid.json or metrics/test.json.
    """
    character, token, entity = scores["char"], scores["token"], scores["entity"]
    labels = pd.DataFrame.from_dict(character["labels"], orient="index", columns=COLUMNS)
    types = pd.DataFrame.from_dict(entity["types"], orient="index", columns=COLUMNS)
    types.loc["all"] = [entity[column] for column in COLUMNS]
    return "\n".join(
        [
            f"== {title}: characters ==",
            _text(labels),
            f"accuracy {character['accuracy']:.4f}   macro F1 {character['macro_f1']:.4f}"
            f"   weighted F1 {character['weighted_f1']:.4f}",
            f"\n== {title}: tokens ==",
            f"accuracy {token['accuracy']:.4f}   macro F1 {token['macro_f1']:.4f}",
            f"\n== {title}: entities ==",
            _text(types),
            f"expected calibration error {scores['calibration_error']:.4f}",
            _robustness(scores["robustness"]),
        ]
    )


def _robustness(scores: dict[str, float]) -> str:
    """A line on what is left of the entities' F1 when the text is written otherwise."""
    names = {"lower_case": "in lower case", "upper_case": "in upper case", "mistyped": "mistyped"}
    parts = [f"{names[name]} {f1:.4f}" for name, f1 in scores.items()]
    return f"F1 {'   '.join(parts)}\n"


def _text(table: pd.DataFrame) -> str:
    table = table.astype({"support": int})
    return table.to_string(float_format="{:.4f}".format, formatters={"support": "{:,}".format})


def summary(scores: dict[str, dict]) -> str:
    """The main scores, a column for each split."""
    rows = {
        "character accuracy": ("char", "accuracy"),
        "character macro F1": ("char", "macro_f1"),
        "character weighted F1": ("char", "weighted_f1"),
        "token accuracy": ("token", "accuracy"),
        "token macro F1": ("token", "macro_f1"),
        "entity precision": ("entity", "precision"),
        "entity recall": ("entity", "recall"),
        "entity F1": ("entity", "f1"),
    }
    table = pd.DataFrame(
        {
            split: [of_split[level][name] for level, name in rows.values()]
            for split, of_split in scores.items()
        },
        index=list(rows),
    )
    return table.to_string(float_format="{:.4f}".format)


if __name__ == "__main__":
    files = {split: Path(f"metrics/{split}.json") for split in ("valid", "test")}
    print(summary({split: json.loads(path.read_text("utf-8")) for split, path in files.items()}))
