from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charner.tags.decoding import (
    decode,
    legal_transitions,
    mean_of_characters,
    padded_scores,
    viterbi,
)
from charner.tags.schemes import is_legal, to_iob2
from charner.tags.spans import entities

TAGS = ["<PAD>", "O", "B-LOC", "I-LOC", "B-PER", "I-PER"]


def test_a_tokens_score_is_the_mean_of_its_characters():
    characters = np.arange(12.0).reshape(6, 2)  # tokens of 2, 1 and 1 characters
    scores = mean_of_characters(characters, np.array([2, 1, 1]))
    np.testing.assert_allclose(scores, [characters[:2].mean(axis=0), characters[3], characters[5]])


@pytest.mark.parametrize("scheme", ["IOB1", "IOB2"])
def test_legal_transitions(scheme):
    legal = legal_transitions(TAGS, scheme)
    names = [None, *TAGS[1:]]
    for (i, previous), (j, tag) in product(enumerate(names), repeat=2):
        assert legal[i, j] == is_legal(scheme, previous, tag)


@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 2**32 - 1))
def test_the_best_of_all_sequences_is_found(lengths, seed):
    generator = np.random.default_rng(seed)
    sentences = [generator.normal(size=(length, 4)) for length in lengths]
    transitions = generator.normal(size=(4, 4))
    transitions[generator.random((4, 4)) < 0.2] = -np.inf
    transitions[1, :] = transitions[:, 1] = 0  # so that one sequence is always allowed

    def score(path: tuple, scores: np.ndarray) -> float:
        steps = sum(transitions[a, b] for a, b in pairwise([0, *path, 0]))
        return steps + scores[range(len(path)), path].sum()

    found = viterbi(padded_scores(sentences), transitions)
    for path, scores in zip(found.tolist(), sentences, strict=True):
        paths = product([1, 2, 3], repeat=len(scores))
        best = max(paths, key=lambda path: score(path, scores))
        assert path[: len(scores)] == [*best]


def test_the_best_legal_tags_may_not_be_the_most_probable_ones():
    # Alone, each token would be I-PER; I-PER may not begin, and B-PER is the next best.
    scores = np.log([[0.001, 0.05, 0.05, 0.05, 0.3, 0.549]] * 2)
    transitions = np.where(legal_transitions(TAGS, "IOB2"), 0, -np.inf)
    assert decode([scores], transitions, TAGS).spans() == [[("PER", 0, 2)]]


@pytest.mark.parametrize("scheme", ["IOB2", "BIOES"])
@given(st.integers(0, 2**32 - 1))
def test_places_of_entities_are_those_of_the_tags(scheme, seed):
    prefixes = "BI" if scheme == "IOB2" else "BIES"
    tags = ["<PAD>", "O", *(f"{p}-{name}" for name in ("LOC", "PER") for p in prefixes)]
    generator = np.random.default_rng(seed)
    sentences = [generator.normal(size=(length, len(tags))) for length in (1, 7, 3)]
    transitions = np.where(legal_transitions(tags, scheme), 0, -np.inf)
    decoded = decode(sentences, transitions, tags)
    names = [
        [tags[tag] for tag in path[: len(scores)]]
        for path, scores in zip(decoded.paths, sentences, strict=True)
    ]
    expected = [entities(to_iob2(of_sentence)) for of_sentence in names]
    assert decoded.spans() == expected
    assert decoded.locations.tolist() == [
        [sentence, start, end]
        for sentence, of_sentence in enumerate(expected)
        for _, start, end in of_sentence
    ]
