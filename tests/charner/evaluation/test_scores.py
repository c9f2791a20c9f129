import numpy as np
import pytest

from charner.evaluation.scores import character_scores, seen_and_unseen_scores, token_scores
from tests.helpers import example


def test_character_scores():
    true = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    predicted = np.array([0, 0, 0, 1, 1, 1, 2, 0])
    scores = character_scores(true, predicted, {"O": 0, "B-LOC": 1, "I-LOC": 2, "B-PER": 3})
    assert scores["accuracy"] == 6 / 8
    # By hand: O 3 of 4 found and right, B-LOC 2 of 3 found, I-LOC 1 of 2.
    assert scores["labels"]["O"] == {"precision": 0.75, "recall": 0.75, "f1": 0.75, "support": 4}
    assert scores["labels"]["B-LOC"]["f1"] == pytest.approx(0.8)
    assert scores["labels"]["I-LOC"]["f1"] == pytest.approx(2 / 3, abs=1e-6)
    assert scores["macro_f1"] == pytest.approx((0.75 + 0.8 + 2 / 3) / 3, abs=1e-6)
    assert scores["weighted_f1"] == pytest.approx((4 * 0.75 + 2 * 0.8 + 2 * 2 / 3) / 8, abs=1e-6)
    assert "B-PER" not in scores["labels"]


def test_token_scores():
    scores = token_scores(["O", "O", "B-LOC", "B-PER"], ["O", "B-LOC", "B-LOC", "B-PER"])
    assert scores == {
        "accuracy": 0.75,
        "macro_f1": pytest.approx((2 / 3 + 2 / 3 + 1) / 3, abs=1e-6),
    }


def test_seen_and_unseen_entities_are_scored_apart():
    examples = [example("a", "b", "ab", "a"), example("b", "ac", "ad")]
    predicted = [["B-X", "B-X", "O", "B-X"], ["O", "B-X", "I-X"]]
    # True: a, ab, a; ac, ad. Predicted: a, b, a; ac ad.
    scores = seen_and_unseen_scores(examples, predicted, {("X", ("a",)), ("X", ("ac", "ad"))})
    seen, unseen = scores["seen"], scores["unseen"]
    assert (seen["precision"], seen["recall"]) == (pytest.approx(2 / 3, abs=1e-6), 1.0)
    assert (unseen["precision"], unseen["recall"]) == (0, 0)
    assert (seen["support"], unseen["support"]) == (2, 3)
