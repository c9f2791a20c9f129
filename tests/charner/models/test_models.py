import math
from collections import Counter

import numpy as np
import pytest

from charner.encoding.character_segments import CONTEXT
from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.inference.char_lstm import NumpyCharLstm
from charner.models.build import build
from charner.params import CharLstmSettings
from charner.training.loop import predictions
from tests.helpers import (
    ARCHITECTURES,
    VECTORS,
    Example,
    example,
    outputs_of,
    small_model,
    small_settings,
)


def test_with_the_articles_sizes_it_is_the_articles_model():
    """The shapes are those of the Keras model: see tests/charner/inference/test_networks.py."""
    articles = CharLstmSettings(
        embedding_dim=256,
        lstm_units=1024,
        lstm_layers=1,
        bidirectional=False,
        dropout=0.0,
        character_dropout=0.0,
    )
    # CoNLL-2003 has 84 characters beside the space.
    alphabet = "".join(chr(ord("!") + i) for i in range(84))
    vocabulary = Vocabulary.build({alphabet: 1}, ["LOC", "MISC", "ORG", "PER"])
    parameters: Counter[str] = Counter()
    shapes = NumpyCharLstm.weight_shapes(articles, vocabulary, WordVectors.none())
    for name, shape in shapes.items():
        parameters[name.split(".")[0]] += math.prod(shape)
    assert parameters == {"embedding": 22_272, "lstm_1": 5_246_976, "labels": 10_250}
    assert parameters.total() == 5_279_498


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_padding_changes_nothing_for_characters(bidirectional, layers):
    built = small_model("char_lstm", bidirectional=bidirectional, lstm_layers=layers)
    one, other = [example("abc", "d")], [example("h", "gfedcba", "ab")]
    (alone,) = outputs_of(built, one)
    together, _ = outputs_of(built, one, other)
    np.testing.assert_allclose(alone, together, atol=1e-6)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("units", [0, 4])
def test_other_documents_of_the_batch_change_nothing(layers, units):
    built = small_model("cnn_lstm_crf", lstm_layers=layers, character_lstm_units=units)
    one = [example("abc", "d"), example("e")]
    other = [example("h", "gfedcba", "ab", "d", "ABC"), example("e", "a")]
    alone = outputs_of(built, one)
    together = outputs_of(built, other, one)[2:]
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("bidirectional", [True, False])
def test_only_both_directions_see_what_follows(bidirectional):
    built = small_model("char_lstm", bidirectional=bidirectional)
    one, other = outputs_of(built, [example("abc")], [example("abd")])
    assert (not np.allclose(one[0], other[0])) == bidirectional


def test_pad_is_impossible_as_a_character():
    (rows,) = outputs_of(small_model("char_lstm"), [example("abc", "d")])
    np.testing.assert_allclose(np.exp(rows).sum(axis=1), 1, atol=1e-5)
    assert (np.exp(rows[:, 0]) == 0).all()


def test_a_token_sees_its_characters_its_sentence_and_its_document():
    """With no vector of its own, no topic and no states of the document, only what it should."""
    plain = {"token_dim": 1, "token_dropout_alpha": 1e9, "topic_dim": 0, "document_states": False}
    built = small_model("cnn_lstm_crf", window=4, **plain)
    built.tokens.set_weights([np.zeros_like(built.tokens.get_weights()[0])])

    def first_token(*sentences: Example) -> np.ndarray:
        return outputs_of(built, [*sentences])[0][0]

    same = first_token(example("bcd", "e"), example("fg"))
    assert np.allclose(same, first_token(example("bcd", "e"), example("gh")))  # another row
    assert not np.allclose(same, first_token(example("bce", "e"), example("fg")))
    assert not np.allclose(same, first_token(example("bcd", "f"), example("fg")))

    built = small_model("cnn_lstm_crf", window=8, **plain)
    same = first_token(example("bcd", "e"), example("fg"))
    assert not np.allclose(same, first_token(example("bcd", "e"), example("gh")))  # the same row

    built = small_model("cnn_lstm_crf", window=4, **{**plain, "document_states": True})
    same = first_token(example("bcd", "e"), example("fg", "h"))
    assert np.allclose(same, first_token(example("bcd", "e"), example("gh", "h")))
    assert not np.allclose(same, first_token(example("bcd", "e"), example("BCD", "h")))


def test_the_character_lstm_sees_the_text_around_a_token():
    """The token's own states, which the LSTM over tokens does not change."""
    built = small_model("cnn_lstm_crf", filter_widths=[], character_lstm_units=4)

    def states(*tokens: str) -> np.ndarray:
        inputs = built.encode([[example("h", *tokens, "h")]])
        return np.array(built._read_characters(inputs, training=False))[0, 2]

    assert not np.allclose(states("cd", "e"), states("cf", "e"))
    (forward, backward), (same, other) = (np.split(states("cd", then), 2) for then in ("e", "f"))
    assert np.allclose(forward, same)
    assert not np.allclose(backward, other)
    far = "g" * CONTEXT
    assert np.allclose(states("cd", far, far, "e"), states("cd", far, far, "f"))


@pytest.mark.parametrize("units", [0, 4])
def test_the_end_of_a_long_token_is_not_read(units):
    built = small_model("cnn_lstm_crf", max_token_length=3, character_lstm_units=units)
    (same,) = outputs_of(built, [example("hgfb")])
    assert np.allclose(same, outputs_of(built, [example("hgfc")])[0])
    assert not np.allclose(same, outputs_of(built, [example("hgbb")])[0])


@pytest.mark.parametrize("sizes", [[1], [9], [2, 4], [1, 9], [3, 3], [7, 7]])
def test_a_row_of_tokens_is_as_long_as_told_or_shorter(sizes):
    built = small_model("cnn_lstm_crf", window=8)
    chunk = [example(*["b"] * size) for size in sizes]
    rows = built.encode([chunk])["tokens"]
    if len(rows) == 1 or max(sizes) >= 7:
        assert rows.shape[1] == built.row_length(chunk)
    else:
        assert rows.shape[1] < built.row_length(chunk) == 8


def test_the_topic_is_that_of_the_document():
    sport, politics = [example("b", "c"), example("b", "d")], [example("e", "f"), example("f")]
    vocabulary = Vocabulary.build(dict.fromkeys("bcdef", 2), ["X"])
    built = build(
        small_settings("cnn_lstm_crf", document_states=False, window=4), vocabulary, VECTORS
    )
    before = outputs_of(built, sport)[0]
    built.adapt([sport, politics] * 3)
    assert not np.allclose(before, outputs_of(built, sport)[0])
    # The first sentence is the same, and in a row of its own.
    mixed = [sport[0], politics[1]]
    assert not np.allclose(outputs_of(built, sport)[0], outputs_of(built, mixed)[0])


@pytest.mark.parametrize(
    ("chunks", "has_topics"),
    [
        ([[example("b"), example("c")]] * 4, True),
        ([[example("b"), example("c")]] * 3, False),  # fewer than topic_dim
        ([[example("b", "c")]] * 9, False),  # each of one sentence
    ],
)
def test_topics_need_enough_documents_of_several_sentences(chunks, has_topics):
    vocabulary = Vocabulary.build(dict.fromkeys("bc", 2), ["X"])
    built = build(small_settings("cnn_lstm_crf", topic_dim=4), vocabulary, VECTORS)
    built.adapt(chunks)
    assert built.topics.get_weights()[0].any() == has_topics


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_sentence_gets_the_same_prediction_and_loss_in_any_batch(architecture):
    chunks = [[example("abc", "d")], [example("a")], [example("ef", "ab", "c")]]
    built = small_model(architecture)
    tag_weights = np.array([0] + [1] * (len(built.tags) - 1), np.float32)

    def run(*batch: list[Example]) -> tuple[list, np.ndarray]:
        inputs = built.encode([*batch])
        outputs = built(inputs)
        losses = np.array(built.loss_and_weight(inputs, outputs, tag_weights))
        return predictions(built, [*batch], inputs, outputs, built.transitions), losses

    together, losses = run(*chunks)
    for (chunk,), (tags, labels) in zip(chunks, together, strict=True):
        ((tags_alone, labels_alone),), _ = run([chunk])
        assert tags == tags_alone
        assert labels.tolist() == labels_alone.tolist()
        assert len(labels) == chunk.length
    np.testing.assert_allclose(losses, sum(run(chunk)[1] for chunk in chunks), rtol=1e-5)


def test_word_vectors_are_read():
    built = small_model("cnn_lstm_crf")
    inputs = built.encode([[example("ab", "b", "zz")]])
    vectors = inputs["word_vectors"]
    assert vectors.any(axis=1).tolist() == [False, True, True, False]  # PAD, and what is no word
    without = built({**inputs, "word_vectors": np.zeros_like(vectors)})
    assert not np.allclose(built(inputs), without, atol=1e-3)
