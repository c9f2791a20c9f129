import pytest

from charner.training.predictor import predictions
from tests.helpers import ARCHITECTURES, example, predict, small_model

EXAMPLES = [
    example("abc", "d", document=1),
    example("a", document=1),
    example("ef", "ab", "c", document=2),
]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_sentence_gets_its_own_prediction(architecture):
    built = small_model(architecture)
    found, _, _ = predict(built, EXAMPLES, batch_size=1)
    assert sorted(len(p.example.tokens) for p in found) == [1, 2, 3]
    for chunk in built.chunks(EXAMPLES):
        inputs = built.encode([chunk])
        for alone in predictions(built, [chunk], inputs, built(inputs)):
            (prediction,) = [p for p in found if p.example is alone.example]
            assert prediction.tags == alone.tags
            assert prediction.label_ids.tolist() == alone.label_ids.tolist()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_batch_size_changes_no_loss(architecture):
    built = small_model(architecture)
    one_by_one, together = (predict(built, EXAMPLES, size)[1:] for size in (1, 10))
    assert one_by_one == pytest.approx(together, rel=1e-5)
