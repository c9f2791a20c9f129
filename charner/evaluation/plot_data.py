"""The data of the evaluation plots that `dvc plots show` draws."""

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

from charner.tags.counts import SCORE_DIGITS


def confusion_rows(
    true: np.ndarray, predicted: np.ndarray, label_ids: dict[str, int]
) -> list[dict]:
    """A confusion matrix as rows of `actual`, `predicted` and `count`.

    Args:
        true: label ids, (characters,) or (tokens,).
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


def reliability_rows(split: str, bins: list[dict]) -> list[dict]:
    """The points of a split in the reliability plot, one row for each.

    Args:
        split: its name.
        bins: the result of `reliability`.
    """
    return [
        {
            "split": split,
            "score": round(row["score"], SCORE_DIGITS),
            "precision": round(row["precision"], SCORE_DIGITS),
            "count": row["count"],
        }
        for row in bins
    ]
