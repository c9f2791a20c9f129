import numpy as np
import pytest

from charner.calibration import expected_error, fit_temperature, reliability, scores_and_right
from charner.model_files import TrainedModel
from charner.token_tagger import Entity, TaggedSentence, TokenTagger
from tests.charner.test_examples import VOCABULARY, example
from tests.charner.test_model import build, settings
from tests.charner.test_numpy_models import random_document, shaken


def test_an_entity_is_right_if_type_and_both_ends_are():
    true = example("ab", "c", "a")  # entities at 0 and 2
    found = [
        Entity("X", 0, 1, "ab", 0.9),
        Entity("X", 1, 3, "c a", 0.5),
        Entity("Y", 2, 3, "a", 0.4),
    ]
    scores, right = scores_and_right([true], [TaggedSentence(true.tokens, true.tags, found)])
    assert scores.tolist() == [0.9, 0.5, 0.4]
    assert right.tolist() == [True, False, False]


def test_reliability_counts_each_range_by_itself():
    scores = np.array([0.0, 0.1, 0.5, 0.74, 0.75, 1.0])
    right = np.array([False, False, True, False, True, True])
    rows = reliability(scores, right, bins=4)
    assert [row["count"] for row in rows] == [2, 2, 2]
    assert [row["precision"] for row in rows] == [0, 0.5, 1]
    assert [row["score"] for row in rows] == pytest.approx([0.05, 0.62, 0.875])
    expected = (2 * 0.05 + 2 * 0.12 + 2 * 0.125) / 6
    assert expected_error(rows) == pytest.approx(expected)


def test_scores_that_are_true_have_no_error():
    generator = np.random.default_rng(0)
    scores = generator.random(100_000)
    right = generator.random(100_000) < scores
    assert expected_error(reliability(scores, right, 10)) < 0.01
    assert expected_error(reliability(scores**3, right, 10)) > 0.1


def test_without_entities_nothing_is_wrong():
    none = np.array([]), np.array([], bool)
    assert expected_error(reliability(*none, 10)) == 0
    trained = TrainedModel(settings("cnn_lstm_crf"), VOCABULARY, shaken(build("cnn_lstm_crf")))
    assert fit_temperature(trained, []) == 1.0


@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.0])
def test_the_temperature_of_the_truth_is_found(temperature):
    """Tags are drawn as a model of that temperature says; then it is to be found again."""
    weights = shaken(build("cnn_lstm_crf"))
    trained = TrainedModel(settings("cnn_lstm_crf"), VOCABULARY, weights, temperature)
    generator = np.random.default_rng(3)
    documents = [random_document(generator, number) for number in range(1, 150)]
    tokens = [[one.tokens for one in document] for document in documents]
    examples = []
    for number, document in enumerate(TokenTagger(trained).tag_tokens(tokens), start=1):
        for sentence in document:
            tags = ["O"] * len(sentence.tokens)
            for entity in sentence.entities:
                if generator.random() < entity.score:
                    tags[entity.start : entity.end] = sentence.tags[entity.start : entity.end]
            examples.append(example(*sentence.tokens, document=number, tags=tags))
    assert fit_temperature(trained, examples) == pytest.approx(temperature, rel=0.2)
