"""Early stopping, and the weights of the best epoch."""

from collections.abc import Callable, Iterable

from charner.models.architecture import Architecture
from charner.training.loop import Epoch


def train_until_no_better(
    model: Architecture,
    epochs: Iterable[Epoch],
    patience: int,
    on_epoch: Callable[[Epoch], None] = lambda epoch: None,
) -> tuple[list[Epoch], Epoch]:
    """Trains until entity F1 on valid has not improved for `patience` epochs, or to the end.

    Then the model has the weights of the best epoch (the first of several equal ones).

    Args:
        model: the model that `epochs` trains.
        epochs: the result of `training.loop.train`; at least one epoch.
        patience: the number of epochs without improvement.
        on_epoch: called after each epoch.

    Returns:
        All finished epochs, and the best of them.
    """
    done: list[Epoch] = []
    best, best_weights = None, None
    for epoch in epochs:
        done.append(epoch)
        on_epoch(epoch)
        if best is None or epoch.valid["entity_f1"] > best.valid["entity_f1"]:
            best, best_weights = epoch, model.get_weights()
        if epoch.number - best.number >= patience:
            break
    assert best is not None, "there is at least one epoch"
    assert best_weights is not None
    model.set_weights(best_weights)
    return done, best
