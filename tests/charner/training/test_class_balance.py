import numpy as np
import pytest

from charner.training.class_balance import class_weights, draw_repeats, repeat_factors

LABELS = np.repeat([1, 2, 4], [90, 9, 1])


def test_without_weights_all_labels_count_alike():
    assert class_weights(LABELS, 5, "none").tolist() == [0, 1, 1, 0, 1]


def test_balanced_weights_give_every_label_the_same_total():
    weights = class_weights(LABELS, 5, "balanced")
    np.testing.assert_allclose(weights[[1, 2, 4]] * [90, 9, 1], 100 / 3, rtol=1e-6)
    assert weights[[0, 3]].tolist() == [0, 0]


def test_square_root_weights_lie_between():
    weights = class_weights(LABELS, 5, "square_root")
    assert weights[4] / weights[1] == pytest.approx(np.sqrt(90))
    assert weights[LABELS].mean() == pytest.approx(1)


SENTENCES = [np.array([1, 1])] * 96 + [np.array([1, 2, 2])] * 4


def test_sentences_with_rare_labels_are_repeated():
    factors = repeat_factors(SENTENCES, threshold=0.16)
    np.testing.assert_allclose(factors, [1] * 96 + [2] * 4)  # sqrt(0.16 / 0.04)


def test_threshold_0_repeats_nothing():
    assert (repeat_factors(SENTENCES, threshold=0) == 1).all()


def test_draws_are_as_frequent_as_their_factors():
    generator = np.random.default_rng(0)
    drawn = np.concatenate([draw_repeats(np.array([1, 2.25]), generator) for _ in range(4000)])
    counts = np.bincount(drawn) / 4000
    assert counts[0] == 1
    assert counts[1] == pytest.approx(2.25, abs=0.05)
