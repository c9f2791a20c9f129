import numpy as np
import pytest

from charner import model_files
from charner.errors import InputError
from charner.model import named_weights
from charner.model_files import TrainedModel
from tests.charner.test_examples import VOCABULARY
from tests.charner.test_model import BOTH, build, settings


def trained(architecture: str) -> TrainedModel:
    """An untrained one."""
    weights = named_weights(build(architecture))
    return TrainedModel(settings(architecture), VOCABULARY, weights, 1.25)


@pytest.mark.parametrize("architecture", BOTH)
def test_a_model_comes_back_from_its_folder(architecture, tmp_path):
    saved = trained(architecture)
    model_files.save(tmp_path, saved)
    loaded = model_files.load(tmp_path)
    assert (loaded.settings, loaded.vocabulary) == (saved.settings, saved.vocabulary)
    assert loaded.temperature == 1.25
    assert loaded.weights.keys() == saved.weights.keys()
    for name, weights in saved.weights.items():
        np.testing.assert_array_equal(loaded.weights[name], weights)


@pytest.mark.parametrize("architecture", BOTH)
def test_the_same_model_is_saved_as_the_same_bytes(architecture, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    model_files.save(first, trained(architecture))
    model_files.save(second, model_files.load(first))
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()


@pytest.mark.parametrize("architecture", BOTH)
def test_what_else_was_built_changes_no_names(architecture):
    assert named_weights(build(architecture)).keys() == named_weights(build(architecture)).keys()


@pytest.mark.parametrize("missing", ["model.json", "weights.safetensors"])
def test_without_a_model_it_says_what_makes_one(missing, tmp_path):
    model_files.save(tmp_path, trained("char_lstm"))
    (tmp_path / missing).unlink()
    with pytest.raises(InputError, match=rf"{missing}: no model is here; `dvc repro` makes one"):
        model_files.load(tmp_path)


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("model.json", "{", "no model"),
        ("model.json", "[]", "another version"),
        ("model.json", '{"model": {}}', "another version"),
        ("weights.safetensors", "not weights", "no model"),
    ],
)
def test_what_is_no_model_is_told(file, content, expected, tmp_path):
    model_files.save(tmp_path, trained("char_lstm"))
    (tmp_path / file).write_text(content)
    with pytest.raises(InputError, match=f"{expected}.*dvc repro"):
        model_files.load(tmp_path)
