import functools
from pathlib import Path

import numpy as np
import pytest

from charner.models.backend import keras
from charner.support.errors import InputError
from charner.support.stage_inputs import StageInputs
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


@pytest.fixture
def saved(checkpoint) -> Path:
    """The file of a training after its first epoch."""
    state = new_state("char_lstm", 1)
    state.add(next(epochs_of(state)))
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

    def flipped(place: int) -> bytes:
        return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]

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
    monkeypatch.setattr(np, "__version__", "0")
    others.add(found({"epochs": 1}))
    monkeypatch.undo()
    assert found({"epochs": 1}) == first
    assert len({first, *others}) == 5
