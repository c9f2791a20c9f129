import json

import numpy as np
import pytest

from charner.encoding import model_files
from charner.encoding.model_files import MODEL_FILES
from charner.inference.token_tagger import TokenTagger
from charner.support.errors import InputError
from tests.helpers import ARCHITECTURES, SMALL, random_model, save_model, small_model


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_model_comes_back_from_its_folder(architecture, tmp_path):
    saved = random_model(architecture)
    save_model(tmp_path, saved, temperature=1.25)
    loaded = model_files.load(tmp_path)
    assert loaded.architecture == architecture
    assert (loaded.settings, loaded.vocabulary) == (saved.settings, saved.vocabulary)
    assert model_files.load_temperature(tmp_path) == 1.25
    assert loaded.weights.keys() == saved.weights.keys()
    for name, weights in saved.weights.items():
        np.testing.assert_array_equal(loaded.weights[name], weights)
    tokens = ["ab", "b", "?"]
    np.testing.assert_array_equal(loaded.vectors(tokens), saved.vectors(tokens))


@pytest.mark.parametrize(("architecture", "dimensions"), [("char_lstm", 0), ("cnn_lstm_crf", 4)])
def test_only_a_model_that_reads_vectors_has_them(architecture, dimensions, tmp_path):
    save_model(tmp_path, random_model(architecture))
    assert model_files.load(tmp_path).vectors.dimensions == dimensions


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_same_model_is_saved_as_the_same_bytes(architecture, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    save_model(first, random_model(architecture))
    save_model(second, model_files.load(first))
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_else_was_built_changes_no_names(architecture):
    first, second = (small_model(architecture).named_weights() for _ in range(2))
    assert first.keys() == second.keys()


@pytest.mark.parametrize("missing", MODEL_FILES)
def test_without_a_model_it_says_where_to_get_one(missing, tmp_path):
    save_model(tmp_path, random_model("char_lstm"))
    (tmp_path / missing).unlink()
    expected = f"{missing}: no model is here; `dvc repro` makes one, `dvc checkout` brings back"
    with pytest.raises(InputError, match=expected):
        TokenTagger.load(tmp_path)


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("model.json", "{", "not part of a model"),
        ("model.json", "[]", "another version"),
        ("model.json", '{"model": {}}', "another version"),
        ("weights.safetensors", "not weights", "not part of a model"),
        ("temperature.json", "[]", "another version"),
        ("temperature.json", '{"temperature": 0}', "found temperature 0.0"),
        ("temperature.json", '{"temperature": NaN}', "found temperature nan"),
    ],
)
def test_what_is_no_model_is_told(file, content, expected, tmp_path):
    save_model(tmp_path, random_model("char_lstm"))
    (tmp_path / file).write_text(content)
    with pytest.raises(InputError, match=rf"{file}: .*{expected}"):
        TokenTagger.load(tmp_path)


def test_only_the_chosen_architectures_settings_are_kept(tmp_path):
    save_model(tmp_path, random_model("char_lstm"))
    description = json.loads((tmp_path / "model.json").read_text())
    assert description["architecture"] == "char_lstm"
    assert description["settings"] == SMALL["model"]["char_lstm"]
