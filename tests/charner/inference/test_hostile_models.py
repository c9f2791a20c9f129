"""A model folder may come from anywhere: what is wrong in it is told in one line."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from charner.encoding.word_vectors import WordVectors
from charner.inference.network import NETWORKS
from charner.inference.token_tagger import TokenTagger
from charner.params import SETTINGS
from charner.support.errors import InputError
from tests.helpers import ARCHITECTURES, VECTORS, random_model, save_model


def with_weights(change: Callable[[dict], object]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / "weights.safetensors"
        weights = safetensors.numpy.load_file(path)
        change(weights)
        path.write_bytes(safetensors.numpy.save(weights))

    return spoil


def with_description(change: Callable[[dict], object]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / "model.json"
        description = json.loads(path.read_text())
        change(description)
        path.write_text(json.dumps(description))

    return spoil


def with_vectors(content: bytes | WordVectors) -> Callable[[Path], None]:
    """The description names the new file, so that it is read."""

    def spoil(folder: Path) -> None:
        path = folder / "vectors.safetensors"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content.save(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        with_description(lambda d: d.update(vectors=digest))(folder)

    return spoil


def replaced_by(make: Callable[[Path], object], name: str = "weights.safetensors"):
    def spoil(folder: Path) -> None:
        (folder / name).unlink()
        make(folder / name)

    return spoil


def header(text: str) -> bytes:
    return len(text).to_bytes(8, "little") + text.encode()


HUGE = json.dumps({"scores.bias": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}})
EIGHT_BITS = json.dumps({"scores.bias": {"dtype": "F8_E4M3", "shape": [0], "data_offsets": [0, 0]}})
BIAS = "scores.bias"
SPOILT = {
    "a weight is missing": with_weights(lambda weights: weights.pop(BIAS)),
    "a weight too many": with_weights(lambda weights: weights.update(more=weights[BIAS])),
    "another shape": with_weights(lambda w: w.update({BIAS: w[BIAS][:, None]})),
    "another type": with_weights(lambda w: w.update({BIAS: w[BIAS].astype(np.int32)})),
    "not a number": with_weights(lambda w: w[BIAS].fill(np.nan)),
    "infinite": with_weights(lambda w: w[BIAS].fill(np.inf)),
    "vectors of another model": replaced_by(WordVectors.none().save, "vectors.safetensors"),
    "no vectors": replaced_by(lambda path: None, "vectors.safetensors"),
    "a pipe of vectors": replaced_by(os.mkfifo, "vectors.safetensors"),
    "vectors without dimensions": with_vectors(WordVectors.none()),
    "vectors of more dimensions": with_vectors(
        WordVectors.packed("some", "free", ["a"], np.ones((1, VECTORS.dimensions + 1)))
    ),
    "vectors that are weights": with_vectors(safetensors.numpy.save({"keys": np.ones(3)})),
    "vectors with a huge header": with_vectors(header(HUGE)),
    "numbers that NumPy lacks": replaced_by(lambda path: path.write_bytes(header(EIGHT_BITS))),
    "too many units": with_description(lambda d: d["settings"].update(lstm_units=10**12)),
    "too many layers": with_description(lambda d: d["settings"].update(lstm_layers=10**12)),
    "a million tokens": with_description(
        lambda d: d["vocabulary"]["tokens"].update(dict.fromkeys(map(str, range(10**6)), 1))
    ),
    "tokens that are none": with_description(lambda d: d["vocabulary"].update(tokens=[1, 2])),
    "labels that are none": with_description(lambda d: d["vocabulary"].update(labels=[1, None])),
    "labels without types": with_description(lambda d: d["vocabulary"].update(labels=["Q-X"])),
    "labels in another order": with_description(
        lambda d: d["vocabulary"].update(labels=["<PAD>", "B-X", "I-X", "O"])
    ),
    **{
        f"the entity type {name!r}": with_description(
            lambda d, name=name: d["vocabulary"].update(
                labels=["<PAD>", "O", f"B-{name}", f"I-{name}"]
            )
        )
        for name in ("</script><script>alert(1)</script>", "X\x1b[2J", "X\nY", " X", "X\u00a0", "")
    },
    **{
        f"the language {name!r}": with_description(
            lambda d, name=name: d["vocabulary"].update(language=name)
        )
        for name in ('en"><script>alert(1)</script>', "\ud800", "en\n", "", "EN_us")
    },
    "no unknown character": with_description(lambda d: d["vocabulary"].update(characters=["x"])),
    "characters that are none": with_description(lambda d: d["vocabulary"].update(characters=3)),
    "no object": with_description(lambda d: d.update(vocabulary=[])),
    "another architecture": with_description(lambda d: d.update(architecture="../x")),
    "an architecture that is none": with_description(lambda d: d.update(architecture=[])),
    "huge in the header": replaced_by(lambda path: path.write_bytes(header(HUGE))),
    "a header without end": replaced_by(lambda path: path.write_bytes(b"\xff" * 100)),
    "a link to no end": replaced_by(lambda path: path.symlink_to("/dev/zero")),
    "a link to itself": replaced_by(lambda path: path.symlink_to(path)),
    "a pipe": replaced_by(os.mkfifo),
    "a folder": replaced_by(Path.mkdir),
    "a pipe of JSON": replaced_by(os.mkfifo, "model.json"),
    "deep JSON": replaced_by(lambda path: path.write_text("[" * 10**6), "model.json"),
    "JSON of another kind": replaced_by(lambda path: path.write_text("3"), "model.json"),
    **{
        f"a temperature of {shown}": replaced_by(
            lambda path, number=number: path.write_text(f'{{"temperature": {number}}}'),
            "temperature.json",
        )
        for shown, number in [
            *(("400 zeros", "1" + "0" * 400), ("5,000 zeros", "1" + "0" * 5000)),
            *(("almost 0", "1e-320"), ("infinity", "1e999"), ("true", "true")),
        ]
    },
    "no temperature": replaced_by(lambda path: path.write_text("3"), "temperature.json"),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_what_is_wrong_is_told_in_one_line(spoil, model, tmp_path):
    shutil.copytree(model, tmp_path, dirs_exist_ok=True)
    TokenTagger.load(tmp_path)
    spoil(tmp_path)
    with pytest.raises(InputError) as caught:
        TokenTagger.load(tmp_path)
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(architecture="another"),
        lambda d: d["settings"].update(another=1),
        lambda d: d["settings"].pop("lstm_units"),
        lambda d: d["settings"].update(lstm_units="12"),
        lambda d: d["settings"].update(filter_widths=[2, 2]),
        lambda d: d.update(settings=[]),
        lambda d: d.pop("settings"),
    ],
)
def test_a_description_of_another_version_is_told(change, model, tmp_path):
    shutil.copytree(model, tmp_path, dirs_exist_ok=True)
    with_description(change)(tmp_path)
    with pytest.raises(InputError, match="from another version of this project; `dvc repro`"):
        TokenTagger.load(tmp_path)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_weights_that_are_too_large_are_told_when_they_matter(architecture, tmp_path, recwarn):
    save_model(tmp_path, random_model(architecture))
    with_weights(lambda weights: [weight.fill(1e38) for weight in weights.values()])(tmp_path)
    tagger = TokenTagger.load(tmp_path)
    with pytest.raises(InputError, match="the weights of the model are too large"):
        tagger.tag_tokens([[["ab", "cd"]]])
    assert [str(warning.message) for warning in recwarn] == []


def test_probabilities_that_are_no_numbers_are_told(tmp_path, recwarn):
    save_model(tmp_path, random_model("cnn_lstm_crf"))
    with_weights(lambda weights: weights["crf.transitions"].fill(1000))(tmp_path)
    with pytest.raises(InputError, match="a probability is no number"):
        TokenTagger.load(tmp_path).tag_tokens([[["ab", "cd", "a"] * 5]])
    assert [str(warning.message) for warning in recwarn] == []


@pytest.mark.parametrize("name", ["", "xy"])
def test_a_name_that_is_no_character_is_never_met(name, tmp_path):
    trained = random_model("cnn_lstm_crf", character_lstm_units=3)
    save_model(tmp_path, trained)
    before = TokenTagger.load(tmp_path).tag_tokens([[["ab", "?c"]]])
    position = trained.vocabulary.characters.index("h")
    with_description(lambda d: d["vocabulary"]["characters"].__setitem__(position, name))(tmp_path)
    assert [*TokenTagger.load(tmp_path).tag_tokens([[["ab", "?c"]]])] == [*before]


@pytest.mark.parametrize(
    ("architecture", "changes"),
    [
        *((name, {}) for name in ARCHITECTURES),
        *((name, {"lstm_layers": 3}) for name in ARCHITECTURES),
        ("char_lstm", {"bidirectional": True}),
        ("cnn_lstm_crf", {"topic_dim": 0, "document_states": False}),
        ("cnn_lstm_crf", {"filter_widths": [], "character_lstm_units": 3}),
    ],
)
def test_shapes_are_those_of_the_keras_model(architecture, changes):
    trained = random_model(architecture, **changes)
    found = {name: weight.shape for name, weight in trained.weights.items()}
    settings = SETTINGS[architecture](**trained.settings)
    shapes = NETWORKS[architecture].weight_shapes(settings, trained.vocabulary, trained.vectors)
    assert shapes == found
