import numpy as np
import pytest

from charner.evaluation.reliability import expected_error, reliability


def test_reliability_counts_each_range_by_itself():
    scores = np.array([0.0, 0.1, 0.5, 0.74, 0.75, 1.0])
    right = np.array([False, False, True, False, True, True])
    rows = reliability(scores, right, bins=4)
    assert [row["count"] for row in rows] == [2, 2, 2]
    assert [row["precision"] for row in rows] == [0, 0.5, 1]
    assert [row["score"] for row in rows] == pytest.approx([0.05, 0.62, 0.875])
    expected = (2 * 0.05 + 2 * 0.12 + 2 * 0.125) / 6
    assert expected_error(rows) == pytest.approx(expected)


def test_scores_that_are_true_have_no_error():
    generator = np.random.default_rng(0)
    scores = generator.random(100_000)
    right = generator.random(100_000) < scores
    assert expected_error(reliability(scores, right, 10)) < 0.01
    assert expected_error(reliability(scores**3, right, 10)) > 0.1


def test_without_entities_nothing_is_wrong():
    assert expected_error(reliability(np.array([]), np.array([], bool), 10)) == 0
