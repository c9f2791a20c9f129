import numpy as np
import pytest

from charner.prediction import Predictor
from tests.charner.test_examples import example
from tests.charner.test_model import BOTH, build

EXAMPLES = [
    example("abc", "d", document=1),
    example("a", document=1),
    example("ef", "ab", "c", document=2),
]


@pytest.mark.parametrize("architecture", BOTH)
def test_every_sentence_gets_its_own_prediction(architecture):
    built = build(architecture)
    found = Predictor(built, batch_size=1)(EXAMPLES)
    assert sorted(len(p.example.tokens) for p in found) == [1, 2, 3]
    for unit in built.units(EXAMPLES):
        inputs = built.encode([unit])
        for alone in built.predictions([unit], inputs, built(inputs)):
            (prediction,) = [p for p in found if p.example is alone.example]
            assert prediction.tags == alone.tags
            assert prediction.label_ids.tolist() == alone.label_ids.tolist()


@pytest.mark.parametrize("architecture", BOTH)
def test_the_batch_size_changes_no_loss(architecture):
    built = build(architecture)
    weights = np.array([0] + [1] * (len(built.tags) - 1), np.float32)

    def loss(batch_size: int) -> tuple[float, float]:
        parts = Predictor(built, batch_size, weights).with_loss(EXAMPLES)
        return tuple(np.sum([sums for _, *sums in parts], axis=0))

    assert loss(1) == pytest.approx(loss(10), rel=1e-5)
