"""Early stopping, and the weights of the best epoch."""

from collections.abc import Callable, Iterator

from charner.training.state import Epoch, TrainingState


def train_until_no_better(
    state: TrainingState,
    epochs: Iterator[Epoch],
    patience: int,
    on_epoch: Callable[[Epoch], None] = lambda epoch: None,
) -> None:
    """Trains until entity F1 on valid has not improved for `patience` epochs, or to the end.

    Then the model has the weights of the best epoch, see `TrainingState.best`.

    Args:
        state: the state that `epochs` changes; the finished epochs are added to it.
        epochs: the result of `training.loop.train`.
        patience: the number of epochs without improvement.
        on_epoch: called after each epoch.
    """
    while not _is_over(state, patience) and (epoch := next(epochs, None)):
        state.add(epoch)
        on_epoch(epoch)
    state.model.set_weights(state.best_weights)


def _is_over(state: TrainingState, patience: int) -> bool:
    return bool(state.epochs) and state.epochs[-1].number - state.best.number >= patience
