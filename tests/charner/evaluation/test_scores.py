import numpy as np
import pytest

from charner.evaluation.scores import (
    METRICS,
    confusion_rows,
    label_scores,
    seen_and_unseen,
    split_scores,
)
from charner.inference.token_tagger import TaggedSentence
from tests.helpers import VOCABULARY, example


def test_label_scores():
    true = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    predicted = np.array([0, 0, 0, 1, 1, 1, 2, 0])
    table, single = label_scores(true, predicted, {"O": 0, "B-LOC": 1, "I-LOC": 2, "B-PER": 3})
    # By hand: O 3 of 4 found and right, B-LOC 2 of 3 found, I-LOC 1 of 2.
    assert table["O"] == {"precision": 0.75, "recall": 0.75, "f1": 0.75, "support": 4}
    assert table["B-LOC"]["f1"] == pytest.approx(0.8)
    assert table["I-LOC"]["f1"] == pytest.approx(2 / 3, abs=1e-6)
    assert [*table] == ["O", "B-LOC", "I-LOC"]
    assert single == {
        "accuracy": 6 / 8,
        "macro_f1": pytest.approx((0.75 + 0.8 + 2 / 3) / 3, abs=1e-6),
        "weighted_f1": pytest.approx((4 * 0.75 + 2 * 0.8 + 2 * 2 / 3) / 8, abs=1e-6),
    }


def test_seen_and_unseen_entities_are_scored_apart():
    examples = [example("a", "b", "ab", "a"), example("b", "ac", "ad")]
    predicted = [["B-X", "B-X", "O", "B-X"], ["O", "B-X", "I-X"]]
    # True: a, ab, a; ac, ad. Predicted: a, b, a; ac ad.
    mentions = {("X", ("a",)), ("X", ("ac", "ad"))}
    seen, unseen = seen_and_unseen(examples, predicted, mentions)
    assert (seen.precision, seen.recall) == (pytest.approx(2 / 3), 1.0)
    assert (unseen.precision, unseen.recall) == (0, 0)
    assert (seen.support, unseen.support) == (2, 3)


def test_the_metrics_of_a_split_are_its_single_scores():
    examples = [example("a", "b", "ab")]
    tagged = [TaggedSentence(examples[0].tokens, ["B-X", "B-X", "O"], [], None)]
    scores = split_scores(examples, tagged, VOCABULARY, set())
    assert scores.entities["X"]["support"] == scores.entities["all types"]["support"] == 2
    assert scores.single["entity_precision"] == 0.5
    scores.single["calibration_error"] = 0.123456
    metrics = scores.metrics()
    assert [*metrics] == [*METRICS]
    assert metrics["f1"] == metrics["precision"] == metrics["unseen_f1"] == 0.5
    assert metrics["char_accuracy"] == 0.5  # `a` and two spaces of `a b ab`
    assert scores.single["token_accuracy"] == pytest.approx(1 / 3, abs=1e-6)
    assert metrics["calibration_error"] == 0.1235


def test_the_confusion_matrix_names_every_pair_in_the_labels_order():
    rows = confusion_rows(np.array([1, 1, 3]), np.array([1, 3, 3]), {"O": 1, "B-X": 2, "I-X": 3})
    assert [(row["actual"], row["predicted"]) for row in rows] == [
        (actual, predicted) for actual in ("O", "B-X", "I-X") for predicted in ("O", "B-X", "I-X")
    ]
    assert [row["count"] for row in rows] == [1, 0, 1, 0, 0, 0, 0, 0, 1]
