import numpy as np

from charner import model
from charner.prediction import Predictor
from tests.charner.test_batching import example
from tests.charner.test_model import SMALL, VOCABULARY


def test_every_sentence_gets_its_own_log_probabilities():
    examples = [example("abc", "d"), example("a"), example("ef", "ab", "c")]
    built = model.build(SMALL, VOCABULARY)
    predicted = list(Predictor(built, batch_size=2)(examples))
    assert [len(sentence.character_ids) for sentence, _ in predicted] == [1, 5, 7]
    for sentence, scores in predicted:
        assert scores.shape == (len(sentence.character_ids), len(VOCABULARY.labels) - 1)
        np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1, atol=1e-5)  # PAD left out
        logits = built(sentence.character_ids[None]).numpy()[0, :, 1:]
        np.testing.assert_allclose(scores - scores[:, :1], logits - logits[:, :1], atol=1e-5)
