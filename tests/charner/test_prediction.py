import numpy as np
import pytest

from charner.examples import Prediction
from charner.model import Architecture
from charner.prediction import Predictor
from tests.charner.test_examples import Example, example
from tests.charner.test_model import BOTH, build

EXAMPLES = [
    example("abc", "d", document=1),
    example("a", document=1),
    example("ef", "ab", "c", document=2),
]


def predict(
    built: Architecture, examples: list[Example], batch_size: int
) -> tuple[list[Prediction], float, float]:
    """All predictions, and the sums of loss and weight, each label of weight 1."""
    weights = np.array([0] + [1] * (len(built.tags) - 1), np.float32)
    predictions, losses, sums = zip(*Predictor(built, batch_size, weights)(examples), strict=True)
    return [p for batch in predictions for p in batch], sum(losses), sum(sums)


@pytest.mark.parametrize("architecture", BOTH)
def test_every_sentence_gets_its_own_prediction(architecture):
    built = build(architecture)
    found, _, _ = predict(built, EXAMPLES, batch_size=1)
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
    one_by_one, together = (predict(built, EXAMPLES, size)[1:] for size in (1, 10))
    assert one_by_one == pytest.approx(together, rel=1e-5)
