import pytest

from charner.training.early_stopping import train_until_no_better
from charner.training.state import Epoch, TrainingState


class Weights:
    """Stands for a model: its weights are the number of the epoch that made them."""

    def __init__(self):
        self.value = 0

    def get_weights(self) -> int:
        return self.value

    def set_weights(self, value: int) -> None:
        self.value = value


def epochs(model: Weights, f1s: list[float]):
    for number, f1 in enumerate(f1s, start=1):
        model.value = number
        scores = {"loss": 1.0, "accuracy": 0.5, "entity_f1": f1}
        yield Epoch(number, 0.1, scores, scores)


@pytest.mark.parametrize(
    ("f1s", "patience", "epochs_done", "kept"),
    [
        ([0.1, 0.3, 0.2, 0.2, 0.9], 2, 4, 2),
        ([0.1, 0.3, 0.2, 0.2, 0.9], 3, 5, 5),
        ([0.1, 0.3, 0.3], 5, 3, 2),
        ([0.0, 0.0], 1, 2, 1),
    ],
)
def test_the_best_epoch_is_kept(f1s, patience, epochs_done, kept):
    model = Weights()
    state = TrainingState(model, None, None)
    train_until_no_better(state, epochs(model, f1s), patience)
    assert (len(state.epochs), state.best.number, model.value) == (epochs_done, kept, kept)


def test_a_training_that_was_over_does_not_go_on():
    model = Weights()
    state = TrainingState(model, None, None)
    train_until_no_better(state, epochs(model, [0.1, 0.3, 0.2]), 1)
    train_until_no_better(state, epochs(model, [0.9]), 1)
    assert (len(state.epochs), model.value) == (3, 2)
