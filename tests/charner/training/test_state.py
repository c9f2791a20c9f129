import functools
import importlib
from pathlib import Path

import pytest

from charner.models.backend import keras
from charner.support.errors import InputError
from charner.support.stage_inputs import StageInputs
from charner.training.batches import Batches
from charner.training.loop import train
from charner.training.state import Checkpoint, Epoch, TrainingState, fingerprint
from tests.helpers import ARCHITECTURES, small_model
from tests.small_training import TRAIN, sentences

SETTINGS = TRAIN.model_copy(
    update={
        "epochs": 3,
        "mention_replacement": 0.5,
        "min_steps": 20,
        "case_change": 0.3,
        "tokens_with_typo": 0.3,
        "oversample_threshold": 0.3,
    }
)


def new_state(architecture: str, seed: int) -> TrainingState:
    keras.utils.set_random_seed(seed)
    return TrainingState.start(small_model(architecture), SETTINGS)


def epochs_of(state: TrainingState):
    batches = Batches(state.model, sentences(30, 0), SETTINGS)
    return train(state, batches, sentences(20, 1), SETTINGS)


def everything(state: TrainingState) -> list:
    arrays = [v.numpy() for v in [*state.model.variables, *state.optimizer.variables]]
    return [
        *(array.tobytes() for array in [*arrays, *state.best_weights]),
        state.generator.bit_generator.state,
        [*state.epochs],
    ]


@functools.cache
def whole_training(architecture: str) -> list:
    whole = new_state(architecture, 1)
    assert len([*epochs_of(whole)]) == 3
    return everything(whole)


@pytest.fixture
def checkpoint(tmp_path) -> Checkpoint:
    return Checkpoint(tmp_path / "folder/training.safetensors", "this")


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize(
    "stopped_after", [1, *(pytest.param(epoch, marks=pytest.mark.slow) for epoch in (2, 3))]
)
def test_a_stopped_training_ends_as_one_that_was_not(architecture, stopped_after, checkpoint):
    stopped = new_state(architecture, 1)
    for epoch in epochs_of(stopped):
        if epoch.number == stopped_after:
            break
    checkpoint.save(stopped)
    goes_on = new_state(architecture, 2)  # with other weights and random states
    assert checkpoint.restore(goes_on)
    assert everything(goes_on) == everything(stopped)
    assert len([*epochs_of(goes_on)]) == 3 - stopped_after
    assert everything(goes_on) == whole_training(architecture)


@pytest.fixture
def saved(checkpoint) -> Path:
    """The file of a training after its first epoch."""
    state = new_state("char_lstm", 1)
    next(epochs_of(state))
    checkpoint.save(state)
    return checkpoint._path


@pytest.fixture(scope="module")
def fresh() -> TrainingState:
    """A state before the first epoch; no test changes it."""
    return new_state("char_lstm", 1)


def starts_anew(checkpoint: Checkpoint, state: TrainingState) -> bool:
    """Whether the checkpoint is not used, and all stays as it was."""
    before = everything(state)
    return not checkpoint.restore(state) and everything(state) == before


def test_a_training_without_a_checkpoint_starts_anew(checkpoint, fresh, capsys):
    assert starts_anew(checkpoint, fresh)
    assert capsys.readouterr().out == ""


def test_the_checkpoint_of_another_training_is_reported(saved, fresh, capsys):
    assert starts_anew(Checkpoint(saved, "another"), fresh)
    assert capsys.readouterr().out.startswith(f"{saved}: of a training with other parameters")


def test_a_damaged_checkpoint_is_reported(checkpoint, saved, fresh, capsys):
    content = saved.read_bytes()

    def flipped(i: int) -> bytes:
        return content[:i] + bytes([content[i] ^ 1]) + content[i + 1 :]

    places = [0, 100, len(content) // 2, len(content) - 40, len(content) - 1]
    cut = [content[:-1], content[:100], content + b"a", b"\xff" * 100]
    for damaged in [*cut, *map(flipped, places)]:
        saved.write_bytes(damaged)
        assert starts_anew(checkpoint, fresh)
        assert capsys.readouterr().out == f"{saved}: damaged; this training starts anew\n"


def test_only_the_checkpoint_is_deleted(checkpoint, saved):
    other = saved.with_name("mine")
    other.touch()
    checkpoint.forget()
    assert [*saved.parent.iterdir()] == [other]
    other.unlink()
    checkpoint.forget()
    assert not saved.parent.exists()


@pytest.mark.parametrize("is_link", [True, False])
def test_a_folder_in_place_of_the_checkpoint_is_refused_and_kept(checkpoint, tmp_path, is_link):
    path = checkpoint._path
    folder = tmp_path / "mine" if is_link else path
    folder.mkdir(parents=True)
    (folder / "file").touch()
    if is_link:
        path.parent.mkdir()
        path.symlink_to(folder)
    with pytest.raises(InputError, match="is a folder"):
        checkpoint.restore(new_state("char_lstm", 1))
    assert (path / "file").exists()


def test_the_fingerprint_is_of_what_the_stage_reads_and_of_kernels(tmp_path, monkeypatch):
    data = tmp_path / "data"
    data.write_text("a")

    def found(settings: dict) -> str:
        return fingerprint(StageInputs([data], settings))

    first = found({"epochs": 1})
    assert found({"epochs": 1}) == first
    others = {found({"epochs": 2})}
    data.write_text("b")
    others.add(found({"epochs": 1}))
    data.write_text("a")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Zen")
    others.add(found({"epochs": 1}))
    monkeypatch.undo()
    assert found({"epochs": 1}) == first
    assert len({first, *others}) == 4


@pytest.mark.parametrize(
    "library", ["keras", "numpy", "safetensors", "scipy", "sklearn", "tensorflow"]
)
def test_the_fingerprint_is_of_the_libraries_that_compute(library, monkeypatch):
    first = fingerprint(StageInputs([]))
    monkeypatch.setattr(importlib.import_module(library), "__version__", "0")
    assert fingerprint(StageInputs([])) != first


class Weights:
    """Stands for a model: its weights are the number of the epoch that made them."""

    number = 0

    def get_weights(self) -> int:
        return self.number


@pytest.mark.parametrize(
    ("f1s", "patience", "epochs", "best"),
    [
        ([0.1, 0.3, 0.2, 0.2, 0.9], 2, 4, 2),
        ([0.1, 0.3, 0.2, 0.2, 0.9], 3, 5, 5),
        ([0.1, 0.3, 0.3], 5, 3, 2),
        ([0.0, 0.0], 1, 2, 1),
    ],
)
def test_a_training_is_over_when_no_epoch_is_better(f1s, patience, epochs, best):
    state = TrainingState(Weights(), None, None)
    while not state.is_over(len(f1s), patience):
        state.model.number = number = len(state.epochs) + 1
        scores = {"loss": 1.0, "accuracy": 0.5, "entity_f1": f1s[number - 1]}
        state.add(Epoch(number, 0.1, scores, scores))
    assert (len(state.epochs), state.best.number, state.best_weights) == (epochs, best, best)
