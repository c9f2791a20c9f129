"""All that changes while a model is trained, and its checkpoint on disk."""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy
import scipy
import sklearn

from charner.models.architecture import Architecture
from charner.models.backend import keras, tf
from charner.params import Train
from charner.support.files import check_is_replaceable, replacing
from charner.support.kernels import VARIABLES, kind_of_processor
from charner.support.stage_inputs import StageInputs
from charner.training.adam import Adam

_LIBRARIES = (keras, np, safetensors, scipy, sklearn, tf)
_DIGEST_SIZE = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Epoch:
    """The scores of an epoch; those of train are measured during training, with dropout."""

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
    """The source of all randomness, except for that inside of the model."""
    epochs: list[Epoch] = field(default_factory=list)
    """The finished epochs."""
    best_weights: list[np.ndarray] = field(default_factory=list)
    seconds: float = 0
    """How long the training has taken so far."""

    @classmethod
    def start(cls, model: Architecture, settings: Train) -> "TrainingState":
        """The state before the first epoch of an untrained model."""
        optimizer = Adam(settings.learning_rate, global_clipnorm=settings.clip_norm)
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

    def is_over(self, epochs: int, patience: int) -> bool:
        """Whether there were enough epochs, or `patience` of them since the best one."""
        done = len(self.epochs)
        return done == epochs or (done > 0 and done - self.best.number >= patience)

    def score_rows(self) -> Iterator[dict[str, str | float]]:
        """The rows of metrics/training.csv."""
        kept = self.best
        training = {
            "epochs": len(self.epochs),
            "kept_epoch": kept.number,
            "parameters": self.model.count_params(),
        }
        for split, scores in (("training", training), ("train", kept.train), ("valid", kept.valid)):
            for name, value in scores.items():
                yield {"split": split, "score": name, "value": value}

    @property
    def _variables(self) -> dict[str, keras.Variable]:
        """Weights, the states of random numbers in layers, the variables of the optimizer."""
        owners = {"model": self.model.variables, "optimizer": self.optimizer.variables}
        return {f"{owner} {i}": v for owner, listed in owners.items() for i, v in enumerate(listed)}


def fingerprint(inputs: StageInputs) -> str:
    """A digest of all that decides what a training ends with."""
    parts = [
        inputs.everything,
        [sys.version, *(library.__version__ for library in _LIBRARIES)],
        [kind_of_processor(), *(os.environ.get(name) for name in VARIABLES)],
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Checkpoint:
    """The file with the state of a training, so that a stopped training can resume.

    It holds safetensors, then their SHA-256. It is no output of the pipeline: git and DVC ignore
    it.
    """

    def __init__(self, path: Path, fingerprint: str):
        """Nothing is read or written yet.

        Args:
            path: the file; its folder holds nothing else.
            fingerprint: of the training; the state of another training is never restored.
        """
        self._path = path
        self._fingerprint = fingerprint

    def save(self, state: TrainingState) -> None:
        """Writes the state; a process that is killed meanwhile leaves the file as it was."""
        rest = {
            "fingerprint": self._fingerprint,
            "generator": state.generator.bit_generator.state,
            "epochs": [asdict(epoch) for epoch in state.epochs],
            "seconds": state.seconds,
        }
        arrays = {name: np.asarray(value.numpy()) for name, value in state._variables.items()}
        arrays |= {f"best {i}": weight for i, weight in enumerate(state.best_weights)}
        arrays["rest"] = np.frombuffer(json.dumps(rest).encode(), np.uint8)
        content = safetensors.numpy.save(arrays)
        with replacing(self._path) as path, path.open("wb") as file:
            file.write(content + hashlib.sha256(content).digest())
            file.flush()
            os.fsync(file.fileno())  # so that it is whole even if the machine crashes

    def restore(self, state: TrainingState) -> bool:
        """Sets a state to what was saved, if there is a file of the same training.

        A file that is there but not used is reported.

        Returns:
            Whether the state was set.

        Raises:
            InputError: something other than a file is there.
        """
        check_is_replaceable(self._path)
        if not self._path.is_file():
            return False
        content = self._path.read_bytes()
        content, digest = content[:-_DIGEST_SIZE], content[-_DIGEST_SIZE:]
        if hashlib.sha256(content).digest() != digest:
            print(f"{self._path}: damaged; this training starts anew", flush=True)
            return False
        saved = safetensors.numpy.load(content)
        rest = json.loads(saved["rest"].tobytes())
        if rest["fingerprint"] != self._fingerprint:
            print(
                f"{self._path}: of a training with other parameters, data, code or libraries; this"
                " one starts anew",
                flush=True,
            )
            return False
        state.generator.bit_generator.state = rest["generator"]
        state.epochs = [Epoch(**epoch) for epoch in rest["epochs"]]
        state.seconds = rest["seconds"]
        state.best_weights = [saved[f"best {i}"] for i in range(len(state.model.get_weights()))]
        for name, variable in state._variables.items():
            variable.assign(saved[name])
        return True

    def forget(self) -> None:
        """Deletes the file, and its folder if nothing else is there."""
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._path.parent.rmdir()
