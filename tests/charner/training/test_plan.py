import pytest

from charner.params import Train
from charner.training.plan import plan_epochs
from tests.helpers import SMALL, example


@pytest.mark.parametrize(
    ("sentences", "min_steps", "expected"),
    [
        (320, 1, (32, 1, 10)),
        (320, 10, (32, 1, 10)),
        (320, 11, (29, 1, 12)),  # smaller batches
        (320, 40, (8, 1, 40)),
        (320, 41, (8, 2, 80)),  # and more passes
        (3, 25, (8, 25, 25)),
    ],
)
def test_a_small_corpus_has_smaller_batches_and_is_read_several_times(
    sentences, min_steps, expected
):
    settings = Train(**SMALL["train"]).model_copy(update={"batch_size": 32, "min_steps": min_steps})
    assert plan_epochs([[example("a")]] * sentences, len, settings) == expected


def test_batches_are_never_larger_than_asked_for():
    settings = Train(**SMALL["train"]).model_copy(update={"batch_size": 4, "min_steps": 20})
    assert plan_epochs([[example("a")]] * 40, len, settings) == (4, 2, 20)
