"""Training until the scores on valid get no better, and the weights of the best epoch."""

from collections.abc import Callable, Iterable

from charner.models.architecture import Architecture
from charner.training.loop import Epoch


def train_until_no_better(
    model: Architecture,
    epochs: Iterable[Epoch],
    patience: int,
    on_epoch: Callable[[Epoch], None] = lambda epoch: None,
) -> tuple[list[Epoch], Epoch]:
    """Trains until entity F1 on valid was not better for `patience` epochs, or all are done.

    The model is left with the weights of the best epoch, of equals the first.

    Args:
        model: the one that `epochs` trains.
        epochs: what `training.loop.train` gives; at least one.
        patience: in epochs.
        on_epoch: called after each.

    Returns:
        All epochs that were done, and the best.
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
