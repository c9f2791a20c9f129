"""The data of the evaluation plots that `dvc plots show` draws."""

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

from charner.tags.counts import SCORE_DIGITS


def confusion_rows(
    true: np.ndarray, predicted: np.ndarray, label_ids: dict[str, int]
) -> list[dict]:
    """The confusion matrix of characters as rows of `actual`, `predicted` and `count`.

    Args:
        true: label ids, (characters,).
        predicted: likewise.
        label_ids: the ids of all labels, by name; pairs that do not occur have a row, too.
    """
    matrix = confusion_matrix(true, predicted, labels=[*label_ids.values()])
    names = [*label_ids]
    table = pd.DataFrame(
        matrix,
        index=pd.Index(names, name="actual"),
        columns=pd.Index(names, name="predicted"),
    )
    return table.stack().rename("count").reset_index().to_dict("records")


def reliability_rows(reliabilities: dict[str, list[dict]]) -> list[dict]:
    """The points of the reliability plot, one row for each.

    Args:
        reliabilities: the results of `reliability`, by split.
    """
    return [
        {
            "split": split,
            "score": round(row["score"], SCORE_DIGITS),
            "precision": round(row["precision"], SCORE_DIGITS),
            "count": row["count"],
        }
        for split, rows in reliabilities.items()
        for row in rows
    ]


def entity_type_rows(scores: dict[str, dict]) -> list[dict]:
    """The F1 of each entity type in each split, one row for each.

    Args:
        scores: the results of `split_scores`, by split.
    """
    return [
        {"type": name, "split": split, "f1": type_scores["f1"]}
        for split, of_split in scores.items()
        for name, type_scores in of_split["entity"]["types"].items()
    ]
