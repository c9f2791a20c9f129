from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charner.decoding import Decoder, legal_transitions, token_scores, viterbi
from charner.tag_schemes import is_legal

LABELS = ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]


def test_a_tokens_score_is_the_mean_of_its_characters():
    characters = np.arange(12.0).reshape(6, 2)  # tokens of 2, 1 and 1 characters
    scores = token_scores(characters, np.array([2, 1, 1]))
    np.testing.assert_allclose(scores, [characters[:2].mean(axis=0), characters[3], characters[5]])


@pytest.mark.parametrize("scheme", ["IOB1", "IOB2"])
def test_transitions_forbid_exactly_what_is_illegal(scheme):
    start, transitions, end = legal_transitions(LABELS, scheme)
    for j, label in enumerate(LABELS):
        assert np.isfinite(start[j]) == is_legal(scheme, None, label)
        assert np.isfinite(end[j]) == is_legal(scheme, label, None)
        for i, previous in enumerate(LABELS):
            assert np.isfinite(transitions[i, j]) == is_legal(scheme, previous, label)


@given(st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_viterbi_finds_the_best_of_all_sequences(length, seed):
    generator = np.random.default_rng(seed)
    scores = generator.normal(size=(length, 3))
    start, end = generator.normal(size=3), generator.normal(size=3)
    transitions = generator.normal(size=(3, 3))
    transitions[generator.random((3, 3)) < 0.2] = -np.inf
    np.fill_diagonal(transitions, 0)  # so that one sequence is always allowed

    def score(path: tuple) -> float:
        steps = sum(transitions[a, b] for a, b in pairwise(path))
        return start[path[0]] + steps + end[path[-1]] + scores[range(length), path].sum()

    best = max(product(range(3), repeat=length), key=score)
    assert tuple(viterbi(scores, start, transitions, end)) == best


def test_the_best_legal_tags_may_not_be_the_most_probable_ones():
    # Alone, each token would be I-PER; I-PER may not begin, and B-PER is the next best.
    probabilities = np.array([0.05, 0.05, 0.05, 0.3, 0.55])
    characters = np.log(np.tile(probabilities, (5, 1)))
    assert Decoder(LABELS).tags(characters, np.array([2, 2])) == ["B-PER", "I-PER"]
