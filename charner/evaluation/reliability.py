"""Reliability of the scores of entities: how well they are calibrated."""

import numpy as np


def reliability(scores: np.ndarray, right: np.ndarray, bins: int) -> list[dict]:
    """The mean `score`, `precision` and `count` of the entities in each bin (range of scores).

    All bins have the same width. Bins without an entity are left out.

    Args:
        scores: (entities,), from 0 to 1.
        right: (entities,), whether each entity is right.
        bins: the number of bins.
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
    """The expected calibration error: the mean difference of score and precision over all entities.

    Naeini, Cooper and Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using Bayesian
    Binning".

    Args:
        rows: the result of `reliability`.
    """
    count = sum(row["count"] for row in rows)
    errors = sum(row["count"] * abs(row["score"] - row["precision"]) for row in rows)
    return errors / count if count else 0.0
