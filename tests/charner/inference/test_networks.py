"""The models in NumPy give what Keras' give."""

import numpy as np
import pytest

from charner.inference import segment_lstm
from charner.inference.char_lstm import NumpyCharLstm
from charner.inference.cnn_lstm_crf import TOKENS_CACHED, NumpyCnnLstmCrf
from charner.inference.network import NETWORKS
from tests.helpers import (
    VECTORS,
    VOCABULARY,
    example,
    outputs_of,
    random_document,
    set_random_weights,
    small_model,
    small_settings,
)

CHANGES = {
    "char_lstm": [
        {},
        {"bidirectional": True},
        {"lstm_layers": 3, "bidirectional": True},
    ],
    "cnn_lstm_crf": [
        {},
        {"lstm_layers": 2},
        {"filter_widths": [1]},
        {"filter_widths": [2, 5, 4]},
        {"filter_widths": [], "character_lstm_units": 5},
        {"filter_widths": [2], "character_lstm_units": 3, "window": 5, "max_token_length": 4},
        {"document_states": False},
        {"topic_dim": 0},
        {"window": 5, "max_token_length": 4},
        {"document_tokens": 6},
    ],
}


@pytest.mark.parametrize(
    ("architecture", "changes"),
    [(name, changes) for name, of_name in CHANGES.items() for changes in of_name],
)
def test_scores_are_those_of_keras(architecture, changes):
    built = small_model(architecture, **changes)
    weights = set_random_weights(built)
    own_settings = small_settings(architecture, **changes).chosen
    in_numpy = NETWORKS[architecture](own_settings, VOCABULARY, built.vectors, weights)
    generator = np.random.default_rng(2)
    documents = [random_document(generator, number) for number in range(1, 30)]

    chunks = [chunk for document in documents for chunk in built.chunks(document)]
    tokens = [
        chunk
        for document in documents
        for chunk in in_numpy.chunks([one.tokens for one in document])
    ]
    assert tokens == [[one.tokens for one in chunk] for chunk in chunks]
    inputs = built.encode(chunks)
    expected = [*built.sentence_scores(chunks, inputs, built(inputs))]
    one_by_one = [found for chunk in tokens for found in in_numpy([chunk])]
    for found in (in_numpy(tokens), one_by_one):
        for of_sentence, keras_scores in zip(found, expected, strict=True):
            np.testing.assert_allclose(
                of_sentence.emissions[:, 1:], keras_scores.emissions[:, 1:], atol=1e-4
            )
            np.testing.assert_array_equal(
                of_sentence.character_labels, keras_scores.character_labels
            )


def test_scores_of_tokens_are_those_of_their_characters():
    built = small_model("char_lstm")
    in_numpy = NumpyCharLstm(
        small_settings("char_lstm").chosen, VOCABULARY, built.vectors, set_random_weights(built)
    )
    sentence = example("abc", "d")
    (output,) = outputs_of(built, [sentence])
    (found,) = in_numpy([[sentence.tokens]])
    expected = [output[:3, 1:].mean(axis=0), output[4, 1:]]
    np.testing.assert_allclose(found.emissions[:, 1:], expected, atol=1e-5)


def test_transitions_are_those_of_keras():
    built = small_model("cnn_lstm_crf")
    weights = set_random_weights(built)
    in_numpy = NumpyCnnLstmCrf(small_settings("cnn_lstm_crf").chosen, VOCABULARY, VECTORS, weights)
    expected = np.array(built.crf.transitions)
    legal = expected > -1000
    np.testing.assert_allclose(in_numpy.transitions[legal], expected[legal])
    assert (in_numpy.transitions[~legal] == -np.inf).all()
    np.testing.assert_allclose(in_numpy.transitions, built.transitions)


def test_segments_read_in_parts_change_nothing(monkeypatch):
    changes = {"character_lstm_units": 3}
    weights = set_random_weights(small_model("cnn_lstm_crf", **changes))
    in_numpy = NumpyCnnLstmCrf(
        small_settings("cnn_lstm_crf", **changes).chosen, VOCABULARY, VECTORS, weights
    )
    document = [one.tokens for one in random_document(np.random.default_rng(3), 1)]
    chunks = [document, [["abc"] * 100]]
    at_once = in_numpy(chunks)
    monkeypatch.setattr(segment_lstm, "SEGMENTS_AT_ONCE", 2)
    for found, expected in zip(in_numpy(chunks), at_once, strict=True):
        np.testing.assert_allclose(found.emissions[:, 1:], expected.emissions[:, 1:], atol=1e-5)


def test_more_tokens_than_are_cached_change_nothing():
    built = small_model("cnn_lstm_crf")
    in_numpy = NumpyCnnLstmCrf(
        small_settings("cnn_lstm_crf").chosen, VOCABULARY, VECTORS, set_random_weights(built)
    )
    chunk = [["ab", "cd", "a"]]
    (before,) = in_numpy([chunk])
    many = [[str(number) for number in range(TOKENS_CACHED + 1)]]
    assert len(in_numpy([many])[0].emissions) == TOKENS_CACHED + 1
    (after,) = in_numpy([chunk])
    np.testing.assert_allclose(before.emissions, after.emissions, atol=1e-5)
