"""All that changes while a model is trained."""

from dataclasses import dataclass, field

import numpy as np

from charner.models.architecture import Architecture
from charner.models.backend import keras
from charner.params import Train


@dataclass(frozen=True)
class Epoch:
    """The scores of one epoch; those of train are measured during training, with dropout."""

    number: int
    learning_rate: float  # of its last step
    train: dict[str, float]
    valid: dict[str, float]


@dataclass
class TrainingState:
    """A model under training, and all from which the next epoch follows."""

    model: Architecture
    optimizer: keras.optimizers.Optimizer
    generator: np.random.Generator
    """The source of all randomness but that inside of the model."""
    epochs: list[Epoch] = field(default_factory=list)
    """The finished ones."""
    best_weights: list[np.ndarray] = field(default_factory=list)
    seconds: float = 0
    """How long the training has taken so far."""

    @classmethod
    def start(cls, model: Architecture, settings: Train) -> "TrainingState":
        """The state before the first epoch of an untrained model."""
        optimizer = keras.optimizers.Adam(settings.learning_rate)
        optimizer.build(model.trainable_variables)
        return cls(model, optimizer, np.random.default_rng(settings.seed))

    @property
    def best(self) -> Epoch:
        """The epoch with the best entity F1 on valid, the first of several equal ones."""
        return max(self.epochs, key=lambda epoch: epoch.valid["entity_f1"])

    def add(self, epoch: Epoch) -> None:
        """Adds the epoch that the model has just finished."""
        self.epochs.append(epoch)
        if self.best is epoch:
            self.best_weights = self.model.get_weights()
