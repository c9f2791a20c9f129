import functools
from pathlib import Path

import numpy as np
import pytest

from charner.models.backend import keras
from charner.training.checkpoint import Checkpoint, fingerprint
from charner.training.early_stopping import train_until_no_better
from charner.training.loop import train
from charner.training.state import TrainingState
from tests.helpers import ARCHITECTURES, small_model
from tests.small_training import TRAIN, sentences

SETTINGS = TRAIN.model_copy(
    update={
        "epochs": 6,
        "mention_replacement": 0.5,
        "case_change": 0.3,
        "tokens_with_typo": 0.3,
        "oversample_threshold": 0.3,
    }
)


def new_state(architecture: str, seed: int) -> TrainingState:
    keras.utils.set_random_seed(seed)
    return TrainingState.start(small_model(architecture), SETTINGS)


def epochs_of(state: TrainingState):
    return train(state, sentences(30, 0), sentences(20, 1), SETTINGS)


def everything(state: TrainingState) -> list:
    arrays = [v.numpy() for v in [*state.model.variables, *state.optimizer.variables]]
    return [
        *(array.tobytes() for array in [*arrays, *state.best_weights]),
        state.generator.bit_generator.state,
        [*state.epochs],
    ]


@functools.cache
def of_a_whole_training(architecture: str) -> list:
    whole = new_state(architecture, 1)
    train_until_no_better(whole, epochs_of(whole), 6)
    return everything(whole)


@pytest.fixture
def checkpoint(tmp_path) -> Checkpoint:
    return Checkpoint(tmp_path / "folder/training.safetensors", "this")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("stopped_after", [1, 4, 6])
def test_a_stopped_training_ends_as_one_that_was_not(architecture, stopped_after, checkpoint):
    stopped = new_state(architecture, 1)
    for epoch in epochs_of(stopped):
        stopped.add(epoch)
        if epoch.number == stopped_after:
            break
    checkpoint.save(stopped)
    goes_on = new_state(architecture, 2)  # with other weights and random states
    assert checkpoint.restore(goes_on)
    assert everything(goes_on) == everything(stopped)
    train_until_no_better(goes_on, epochs_of(goes_on), 6)
    assert everything(goes_on) == of_a_whole_training(architecture)


def test_nothing_is_restored_from_no_other_or_a_damaged_file(checkpoint):
    state = new_state("char_lstm", 1)
    before = everything(state)
    path = checkpoint._path
    assert not checkpoint.restore(state)
    for epoch in epochs_of(state):
        state.add(epoch)
        break
    checkpoint.save(state)
    state = new_state("char_lstm", 1)
    assert not Checkpoint(path, "another").restore(state)
    content = path.read_bytes()
    for damaged in (content[:-1], content[:100], b"", b"\xff" * 100):
        path.write_bytes(damaged)
        assert not checkpoint.restore(state)
    assert everything(state) == before
    checkpoint.forget()
    assert not path.exists()


def test_the_fingerprint_is_of_settings_data_and_kernels(tmp_path, monkeypatch):
    data = tmp_path / "data"
    data.write_text("a")

    def found(settings: dict) -> str:
        return fingerprint(settings, [data])

    first = found({"epochs": 1})
    assert found({"epochs": 1}) == first
    others = {found({"epochs": 2})}
    data.write_text("b")
    others.add(found({"epochs": 1}))
    data.write_text("a")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Zen")
    others.add(found({"epochs": 1}))
    monkeypatch.undo()
    monkeypatch.setattr(np, "__version__", "0")
    others.add(found({"epochs": 1}))
    monkeypatch.undo()
    assert found({"epochs": 1}) == first
    assert len({first, *others}) == 5


def test_the_fingerprint_is_of_the_loaded_code(tmp_path, monkeypatch):
    read: list[Path] = []
    real = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path) or real(path))
    fingerprint({}, [])
    names = {path.name for path in read}
    assert {"loop.py", "crf.py", "vocabulary.py", "train.py"} <= names
    assert not {path for path in read if path.suffix != ".py"}
