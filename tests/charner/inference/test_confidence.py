from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from charner.inference.confidence import entity_probabilities, path_log_probabilities
from charner.tags.decoding import decode, legal_transitions
from charner.tags.schemes import to_iob2
from charner.tags.spans import entities

SCHEMES = {
    "IOB2": ["<PAD>", "O", "B-X", "I-X", "B-Y", "I-Y"],
    "BIOES": ["<PAD>", "O", "B-X", "I-X", "E-X", "S-X", "S-Y"],
}


def random_scores(scheme: str, lengths: list[int], seed: int):
    """The tags of a scheme, and random scores: of transitions and sentences, and decoded."""
    tags = SCHEMES[scheme]
    generator = np.random.default_rng(seed)
    legal = legal_transitions(tags, scheme)
    transitions = np.where(legal, generator.normal(size=legal.shape), -np.inf)
    sentences = [generator.normal(size=(length, len(tags))) * 3 for length in lengths]
    decoded = decode(sentences, transitions, tags)
    return tags, transitions, sentences, decoded


@pytest.mark.parametrize("scheme", SCHEMES)
@given(lengths=st.lists(st.integers(1, 4), min_size=1, max_size=3), seed=st.integers(0, 2**32 - 1))
def test_it_is_the_share_of_all_sequences_that_have_the_entity(scheme, lengths, seed):
    tags, transitions, sentences, decoded = random_scores(scheme, lengths, seed)
    found = entity_probabilities(decoded, transitions, tags)
    assert len(found) == len(decoded.locations)
    for probability, (sentence, start, end), entity_type in zip(
        found, decoded.locations, decoded.types, strict=True
    ):
        everything = with_entity = 0.0
        for path in product(range(1, len(tags)), repeat=lengths[sentence]):
            steps = sum(transitions[a, b] for a, b in pairwise([0, *path, 0]))
            score = np.exp(steps + sentences[sentence][range(len(path)), path].sum())
            everything += score
            if score and (entity_type, start, end) in entities(
                to_iob2([tags[tag] for tag in path])
            ):
                with_entity += score
        assert probability == pytest.approx(with_entity / everything)


@pytest.mark.parametrize("scheme", SCHEMES)
@given(
    lengths=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    seed=st.integers(0, 2**32 - 1),
    temperature=st.floats(0.5, 5),
)
def test_the_probability_of_the_best_tags_is_their_share_of_all_sequences(
    scheme, lengths, seed, temperature
):
    tags, transitions, sentences, decoded = random_scores(scheme, lengths, seed)
    found = path_log_probabilities(decoded, transitions, temperature)
    for number, length in enumerate(lengths):
        scores = {
            path: sum(transitions[a, b] for a, b in pairwise([0, *path, 0]))
            + sentences[number][range(length), path].sum()
            for path in product(range(1, len(tags)), repeat=length)
        }
        best = tuple(decoded.paths[number][:length])
        everything = np.logaddexp.reduce([*scores.values()] / np.float64(temperature))
        assert found[number] == pytest.approx(scores[best] / temperature - everything, abs=1e-9)


def test_scores_far_apart_give_certainty():
    tags = SCHEMES["IOB2"]
    transitions = np.where(legal_transitions(tags, "IOB2"), 0, -np.inf)
    sentence = np.full((50, 6), -2000.0)
    sentence[:, 1] = 0
    sentence[7, 2] = 3000
    decoded = decode([sentence], transitions, tags)
    assert decoded.locations.tolist() == [[0, 7, 8]]
    assert entity_probabilities(decoded, transitions, tags).tolist() == [1.0]


def test_a_tag_far_ahead_that_cannot_stand_there_changes_nothing():
    tags = SCHEMES["BIOES"]
    transitions = np.where(legal_transitions(tags, "BIOES"), 0, -np.inf)
    sentence = np.zeros((3, 7))
    sentence[:, tags.index("B-X")] = 3000  # nothing can begin and not end at the last token
    decoded = decode([sentence], transitions, tags)
    assert decoded.locations.tolist() == [[0, 0, 2]]
    # One B-X: before E-X and one of three tags, after one of three and before E-X, or before I-X.
    assert entity_probabilities(decoded, transitions, tags) == pytest.approx(3 / 7)
