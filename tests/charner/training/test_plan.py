import pytest

from charner.params.train import Train
from charner.training.plan import plan_epochs
from tests.helpers import SMALL, example


@pytest.mark.parametrize(
    ("sentences", "min_steps", "expected"),
    [(40, 1, (1, 10)), (40, 10, (1, 10)), (40, 11, (2, 20)), (3, 25, (25, 25))],
)
def test_a_small_corpus_is_read_several_times(sentences, min_steps, expected):
    settings = Train(**SMALL["train"]).model_copy(update={"batch_size": 4, "min_steps": min_steps})
    assert plan_epochs([[example("a")]] * sentences, len, settings) == expected
