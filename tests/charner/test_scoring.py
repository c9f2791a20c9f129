import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqscore.scoring import score_label_sequences

from charner.scoring import (
    Counts,
    EntityScores,
    character_scores,
    confusion_counts,
    entities,
    token_scores,
)

TAGS = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER", "B-ORG", "I-ORG"]


@st.composite
def tagged_sentences(draw) -> list[tuple[list[str], list[str]]]:
    """True and predicted tags of some sentences, legal or not."""
    pair = st.tuples(st.sampled_from(TAGS), st.sampled_from(TAGS))
    sentences = draw(st.lists(st.lists(pair, min_size=1, max_size=12), min_size=1, max_size=5))
    return [tuple(map(list, zip(*sentence, strict=True))) for sentence in sentences]


@given(tagged_sentences())
def test_entity_scores_are_those_of_an_independent_scorer(sentences):
    scores = EntityScores()
    for true, predicted in sentences:
        scores.add(true, predicted)
    true, predicted = zip(*sentences, strict=True)
    expected, _ = score_label_sequences(predicted, true, "BIO", repair="conlleval")
    ours = scores.as_dict()
    assert ours["types"].keys() == expected.type_scores.keys()
    for of_type, theirs in [
        (ours, expected),
        *((ours["types"][name], expected.type_scores[name]) for name in ours["types"]),
    ]:
        assert of_type["precision"] == pytest.approx(theirs.precision, abs=1e-6)
        assert of_type["recall"] == pytest.approx(theirs.recall, abs=1e-6)
        assert of_type["f1"] == pytest.approx(theirs.f1, abs=1e-6)
        assert of_type["support"] == theirs.total_ref


def test_an_inside_tag_that_continues_nothing_begins_an_entity():
    tags = ["I-PER", "I-LOC", "O", "I-LOC", "B-LOC"]
    assert entities(tags) == [("PER", 0, 1), ("LOC", 1, 2), ("LOC", 3, 4), ("LOC", 4, 5)]


def test_scores_without_entities_are_0():
    assert Counts().as_dict() == {"precision": 0, "recall": 0, "f1": 0, "support": 0}


def test_character_scores():
    true = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    predicted = np.array([0, 0, 0, 1, 1, 1, 2, 0])
    scores = character_scores(true, predicted, ["O", "B-LOC", "I-LOC", "B-PER"])
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


def test_confusion_counts_name_every_pair_in_the_labels_order():
    rows = confusion_counts(np.array([0, 0, 2]), np.array([0, 2, 2]), ["O", "B-X", "I-X"])
    assert [(row["actual"], row["predicted"]) for row in rows] == [
        (actual, predicted) for actual in ("O", "B-X", "I-X") for predicted in ("O", "B-X", "I-X")
    ]
    assert [row["count"] for row in rows] == [1, 0, 1, 0, 0, 0, 0, 0, 1]
