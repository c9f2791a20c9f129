"""The models in NumPy give what Keras' give."""

import numpy as np
import pytest

from charner import model
from charner.model import named_weights
from charner.numpy_char_lstm import NumpyCharLstm
from charner.numpy_cnn_lstm_crf import TOKENS_KEPT, NumpyCnnLstmCrf
from charner.vocabulary import UNK
from tests.charner.test_examples import VOCABULARY, Example, example
from tests.charner.test_model import build, outputs_of, settings

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
        {"document_states": False},
        {"topic_dim": 0},
        {"window": 5, "max_token_length": 4},
        {"document_tokens": 6},
    ],
}
NUMPY = {"char_lstm": NumpyCharLstm, "cnn_lstm_crf": NumpyCnnLstmCrf}


def random_document(generator: np.random.Generator, number: int) -> list[Example]:
    def token() -> str:
        return "".join(generator.choice([*"abcdefgh ABé"], generator.integers(1, 9))).strip() or "a"

    return [
        example(*(token() for _ in range(generator.integers(1, 9))), document=number)
        for _ in range(generator.integers(1, 6))
    ]


def shaken(built: model.Architecture) -> dict[str, np.ndarray]:
    """Gives the model random weights, always the same, and returns them."""
    generator = np.random.default_rng(1)
    for layer in built.layers:
        weights = [generator.normal(0, 0.3, w.shape) for w in layer.get_weights()]
        if layer.name == "topics":
            weights[0][: UNK + 1] = 0  # as `topic_vectors` makes them
        layer.set_weights(weights)
    return named_weights(built)


@pytest.mark.parametrize(
    ("architecture", "changes"),
    [(name, changes) for name, of_name in CHANGES.items() for changes in of_name],
)
def test_scores_are_those_of_keras(architecture, changes):
    built = build(architecture, **changes)
    weights = shaken(built)
    own_settings = getattr(settings(architecture, **changes), architecture)
    in_numpy = NUMPY[architecture](own_settings, VOCABULARY, weights)
    generator = np.random.default_rng(2)
    documents = [random_document(generator, number) for number in range(1, 80)]

    units = [unit for document in documents for unit in built.units(document)]
    tokens = [
        unit for document in documents for unit in in_numpy.units([one.tokens for one in document])
    ]
    assert tokens == [[one.tokens for one in unit] for unit in units]
    expected = [output for unit in units for output in outputs_of(built, unit)]
    one_by_one = [found for unit in tokens for found in in_numpy([unit])]
    for found in (in_numpy(tokens), one_by_one):
        for of_sentence, output in zip(found, expected, strict=True):
            if architecture == "char_lstm":
                assert of_sentence.character_labels.tolist() == output.argmax(axis=1).tolist()
            else:
                assert of_sentence.character_labels is None
                np.testing.assert_allclose(of_sentence.tokens[:, 1:], output[:, 1:], atol=1e-4)


def test_scores_of_tokens_are_those_of_their_characters():
    built = build("char_lstm")
    in_numpy = NumpyCharLstm(settings("char_lstm").char_lstm, VOCABULARY, shaken(built))
    sentence = example("abc", "d")
    (output,) = outputs_of(built, [sentence])
    (found,) = in_numpy([[sentence.tokens]])
    expected = [output[:3, 1:].mean(axis=0), output[4, 1:]]
    np.testing.assert_allclose(found.tokens[:, 1:], expected, atol=1e-5)


def test_transitions_are_those_of_keras():
    built = build("cnn_lstm_crf")
    weights = shaken(built)
    in_numpy = NumpyCnnLstmCrf(settings("cnn_lstm_crf").cnn_lstm_crf, VOCABULARY, weights)
    expected = np.array(built.crf.transitions)
    legal = expected > -1000
    np.testing.assert_allclose(in_numpy.transitions[legal], expected[legal])
    assert (in_numpy.transitions[~legal] == -np.inf).all()


def test_more_tokens_than_are_kept_change_nothing():
    built = build("cnn_lstm_crf")
    in_numpy = NumpyCnnLstmCrf(settings("cnn_lstm_crf").cnn_lstm_crf, VOCABULARY, shaken(built))
    unit = [["ab", "cd", "a"]]
    (before,) = in_numpy([unit])
    many = [[str(number) for number in range(TOKENS_KEPT + 1)]]
    assert len(in_numpy([many])[0].tokens) == TOKENS_KEPT + 1
    (after,) = in_numpy([unit])
    np.testing.assert_allclose(before.tokens, after.tokens, atol=1e-5)
