"""How far the scores of entities are from being probabilities."""

import numpy as np


def reliability(scores: np.ndarray, right: np.ndarray, bins: int) -> list[dict]:
    """Mean `score`, `precision` and `count` of the entities in each of some equal ranges of score.

    Ranges without an entity are left out.

    Args:
        scores: (entities,), from 0 to 1.
        right: (entities,), whether each is right.
        bins: the number of ranges.
    """
    numbers = np.minimum((scores * bins).astype(int), bins - 1)
    return [
        {
            "score": float(scores[numbers == number].mean()),
            "precision": float(right[numbers == number].mean()),
            "count": int((numbers == number).sum()),
        }
        for number in np.unique(numbers)
    ]


def expected_error(rows: list[dict]) -> float:
    """The mean difference of score and precision over all entities.

    The expected calibration error (Naeini, Cooper and Hauskrecht 2015, "Obtaining Well Calibrated
    Probabilities Using Bayesian Binning").

    Args:
        rows: those of `reliability`.
    """
    count = sum(row["count"] for row in rows)
    errors = sum(row["count"] * abs(row["score"] - row["precision"]) for row in rows)
    return errors / count if count else 0.0
