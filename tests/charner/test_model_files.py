import numpy as np
import pytest

from charner import model_files
from tests.charner.test_examples import VOCABULARY, example
from tests.charner.test_model import BOTH, build, outputs_of, settings


@pytest.mark.parametrize("architecture", BOTH)
def test_a_saved_model_gives_the_same_scores(architecture, tmp_path):
    built = build(architecture)
    built.adapt([[example("ab", "cd")], [example("e")]])
    model_files.save(tmp_path, built, settings(architecture), VOCABULARY)
    build(architecture)  # another model in the process changes no names
    loaded = model_files.load(tmp_path)
    assert loaded.vocabulary == VOCABULARY
    unit = [example("abc", "d"), example("ab")]
    for one, other in zip(outputs_of(built, unit), outputs_of(loaded, unit), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("architecture", BOTH)
def test_the_same_model_is_saved_as_the_same_bytes(architecture, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    model_files.save(first, build(architecture), settings(architecture), VOCABULARY)
    loaded = model_files.load(first)
    model_files.save(second, loaded, settings(architecture), VOCABULARY)
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()
