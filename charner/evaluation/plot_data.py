"""The rows behind the plots that `dvc plots show` draws of an evaluation."""

import numpy as np
import pandas as pd
from sklearn.metrics import confusion_matrix

from charner.tags.counts import SCORE_DIGITS


def confusion_rows(
    true: np.ndarray, predicted: np.ndarray, label_ids: dict[str, int]
) -> list[dict]:
    """The confusion matrix of characters as rows of `actual`, `predicted`, `count`, zeros too.

    Args:
        true: label ids, (characters,).
        predicted: likewise.
        label_ids: all that there may be, by name.
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
    """The points of each split, a row each.

    Args:
        reliabilities: what `reliability` gives, by split.
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
    """The F1 of each entity type in each split, a row each.

    Args:
        scores: what `split_scores` gives, by split.
    """
    return [
        {"type": name, "split": split, "f1": type_scores["f1"]}
        for split, of_split in scores.items()
        for name, type_scores in of_split["entity"]["types"].items()
    ]
