"""The state of a training that is under way, on disk, so that a stopped one can resume.

A checkpoint is one file, replaced after each epoch: safetensors, then their SHA-256. It is
no output of the pipeline: git and DVC ignore it.
"""

import contextlib
import hashlib
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy
import scipy
import sklearn

from charner.models.backend import keras, tf
from charner.support.files import check_is_replaceable, replacing
from charner.support.kernels import VARIABLES, kind_of_processor
from charner.support.stage_inputs import StageInputs
from charner.training.state import Epoch, TrainingState
from charner.training.workers import from_chief

_LIBRARIES = (keras, np, safetensors, scipy, sklearn, tf)
_DIGEST_SIZE = hashlib.sha256().digest_size


def fingerprint(inputs: StageInputs) -> str:
    """A digest of all that decides what a training ends with."""
    parts = [
        inputs.everything,
        [sys.version, *(library.__version__ for library in _LIBRARIES)],
        [kind_of_processor(), *(os.environ.get(name) for name in VARIABLES)],
        tf.distribute.get_strategy().num_replicas_in_sync,
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Checkpoint:
    """The file that holds the state of a training."""

    def __init__(self, path: Path, fingerprint: str):
        """Nothing is read or written yet.

        Args:
            path: the file; its folder holds nothing else.
            fingerprint: of the training; the state of another one is never restored.
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
        with replacing(self._path) as path:
            arrays = {name: np.asarray(value.numpy()) for name, value in _variables(state).items()}
            arrays |= {f"best {i}": weight for i, weight in enumerate(state.best_weights)}
            arrays["rest"] = np.frombuffer(json.dumps(rest).encode(), np.uint8)
            content = safetensors.numpy.save(arrays)
            with path.open("wb") as file:
                file.write(content)
                file.write(hashlib.sha256(content).digest())
                file.flush()
                os.fsync(file.fileno())  # so that it is whole even if the machine crashes

    def restore(self, state: TrainingState) -> bool:
        """Sets a state to what was saved, if there is such a file of the same training.

        A file that is there but not used is reported. Of several workers, all are set to what the
        chief has saved.

        Returns:
            Whether the state was set.

        Raises:
            InputError: something other than a file is there.
        """
        check_is_replaceable(self._path)
        content = from_chief(self._path.read_bytes() if self._path.is_file() else b"")
        if not content:
            return False
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
        for name, variable in _variables(state).items():
            variable.assign(saved[name])
        return True

    def forget(self) -> None:
        """Deletes the file, and its folder if nothing else is there."""
        self._path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._path.parent.rmdir()


def _variables(state: TrainingState) -> dict[str, keras.Variable]:
    """Weights, the states of the random numbers in layers, and the variables of the optimizer."""
    variables = {"model": state.model.variables, "optimizer": state.optimizer.variables}
    return {f"{owner} {i}": v for owner, found in variables.items() for i, v in enumerate(found)}
