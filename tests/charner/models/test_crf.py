from itertools import pairwise, product

import numpy as np

from charner.models.crf import Crf

TAGS = 4
TOKENS = [2, 1, 3]


def rows() -> np.ndarray:
    """Random scores of rows with that many tokens; where there is none, PAD alone is possible."""
    scores = np.random.default_rng(0).normal(size=(3, 5, TAGS)).astype(np.float32)
    for row, tokens in zip(scores, TOKENS, strict=True):
        row[1 : tokens + 1, 0] = -1e4
        row[0, 1:] = row[tokens + 1 :, 1:] = -1e4
        row[0, 0] = row[tokens + 1 :, 0] = 0
    return scores


def crf(legal: np.ndarray) -> Crf:
    layer = Crf(legal, name="crf")
    layer.set_weights([np.random.default_rng(1).normal(size=legal.shape)])
    return layer


def probability(layer: Crf, row: np.ndarray, tokens: int, tags: tuple) -> float:
    """By counting all sequences, whatever the layer does."""
    transitions = np.array(layer.transitions)

    def weight(path: tuple) -> float:
        steps = sum(transitions[a, b] for a, b in pairwise([0, *path, 0]))
        return np.exp(steps + sum(row[i, tag] for i, tag in enumerate(path, start=1)))

    paths = product(range(1, TAGS), repeat=tokens)
    return weight(tags) / sum(weight(path) for path in paths)


def test_the_loss_is_the_probability_among_all_sequences():
    layer = crf(np.ones((TAGS, TAGS), bool))
    tag_ids = np.array([[0, 1, 2, 0, 0], [0, 3, 0, 0, 0], [0, 2, 2, 1, 0]])
    losses = np.array(layer(rows(), tag_ids))
    # The step from PAD to PAD after a short row's end is the same in all its sequences.
    for loss, row, tokens, tags in zip(losses, rows(), TOKENS, tag_ids, strict=True):
        expected = -np.log(probability(layer, row, tokens, tuple(tags[1 : tokens + 1])))
        np.testing.assert_allclose(loss, expected, rtol=1e-4)


def test_what_is_illegal_has_no_probability():
    legal = np.ones((TAGS, TAGS), bool)
    legal[2, 1] = False
    layer = crf(legal)
    scores = rows()[2:]
    total = 0.0
    for tags in product(range(1, TAGS), repeat=3):
        found = np.exp(-np.array(layer(scores, np.array([[0, *tags, 0]])))[0])
        assert (found == 0) == ((2, 1) in pairwise(tags))
        total += found
    np.testing.assert_allclose(total, 1, rtol=1e-4)
