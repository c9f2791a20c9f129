import numpy as np
import pytest

from charner.inference.calibration import fit_temperature, scores_and_right
from charner.inference.token_tagger import Entity, TaggedSentence, TokenTagger
from tests.helpers import example, random_document, random_model


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


def test_without_entities_the_temperature_is_1():
    assert fit_temperature(TokenTagger(random_model("cnn_lstm_crf")), []) == 1.0


@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.0])
def test_the_temperature_of_the_truth_is_found(temperature):
    """Tags are drawn as a model of that temperature says; then it is to be found again."""
    tagger = TokenTagger(random_model("cnn_lstm_crf"), temperature)
    generator = np.random.default_rng(3)
    documents = [random_document(generator, number) for number in range(1, 150)]
    tokens = [[one.tokens for one in document] for document in documents]
    examples = []
    for number, document in enumerate(tagger.tag_tokens(tokens), start=1):
        for sentence in document:
            tags = ["O"] * len(sentence.tokens)
            for entity in sentence.entities:
                if generator.random() < entity.score:
                    tags[entity.start : entity.end] = sentence.tags[entity.start : entity.end]
            examples.append(example(*sentence.tokens, document=number, tags=tags))
    assert fit_temperature(tagger, examples) == pytest.approx(temperature, rel=0.2)
