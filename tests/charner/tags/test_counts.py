import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqscore.scoring import score_label_sequences

from charner.tags.counts import Counts, EntityScores
from charner.tags.spans import entities

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
        scores.add(entities(true), entities(predicted))
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
