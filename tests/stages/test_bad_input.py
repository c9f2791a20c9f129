"""A mistake of the user ends a stage with one clear line, and leaves its outputs alone."""

import fcntl
import os
import subprocess
import sys

import pytest
import yaml

from tests.helpers import STAGES


@pytest.fixture
def downloaded(fresh_project):
    fresh_project.stage_in_this_process("download")
    (fresh_project.folder / "data/encoded").mkdir()
    (fresh_project.folder / "data/encoded/old").touch()
    return fresh_project


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return str(folder / "bin/python")


def fails(fresh_project, stage: str, *expected: str) -> None:
    done = fresh_project.stage(stage, check=False)
    assert done.returncode == 1
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    for part in expected:
        assert part in lines[0]


def replace_line(path, number: int, line: str | bytes) -> None:
    lines = path.read_bytes().split(b"\n")
    lines[number - 1] = line if isinstance(line, bytes) else line.encode()
    path.write_bytes(b"\n".join(lines))


@pytest.mark.parametrize("stage", ["download", "evaluate"])
def test_an_unknown_parameter_of_another_stage(fresh_project, stage):
    fresh_project.set_params({"train": {"sed": 1}})
    fails(fresh_project, stage, "params.yaml: train.sed: unknown key", "seed")
    assert not (fresh_project.folder / "data/raw").exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"train": {"epochs": 0}}, "train.epochs"), ({}, "data/encoded/vocabulary.json")],
)
def test_what_train_cannot_use_is_told_before_tensorflow_is_loaded(
    fresh_project, changes, expected
):
    fresh_project.set_params(changes)
    fails(fresh_project, "train", expected)
    loaded = fresh_project.run(sys.executable, "-v", "-m", "stages.train", check=False).stderr
    assert "import 'charner.params'" in loaded
    assert "import 'charner.models.backend'" not in loaded  # TensorFlow's own import is silenced


@pytest.mark.parametrize("stage", STAGES)
def test_a_python_without_the_requirements(fresh_project, bare_python, stage):
    done = fresh_project.run(bare_python, "-m", f"stages.{stage}", check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {bare_python} lacks ")
    assert "make repro" in line


@pytest.mark.slow
def test_a_file_in_place_of_a_folder_of_outputs_is_reported_before_the_training(fresh_project):
    (fresh_project.folder / "models").touch()
    fails(fresh_project, "train", "models: is not a folder, and weights.safetensors belongs there")


def test_a_second_training_in_the_same_folder_is_refused(fresh_project):
    folder = os.open(fresh_project.folder, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    fails(fresh_project, "train", "a training already runs in this folder")
    os.close(folder)


@pytest.mark.parametrize("path", ["data/raw", "data/raw/mine", "data/../data/raw/"])
def test_a_corpus_in_the_folder_that_download_replaces(fresh_project, path):
    folder = fresh_project.folder / "data/raw/mine"
    folder.mkdir(parents=True)
    (folder / "train.txt").write_text("a user's")
    fresh_project.set_params({"download": {"corpus": "custom", "path": path}})
    fails(fresh_project, "download", "download.path: ", "is in data/raw, which this stage replaces")
    assert (folder / "train.txt").read_text() == "a user's"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "data/vectors/mine.vec: No such file or directory"),
        ("the 1 2\nof 1\n", "data/vectors/mine.vec:2: found 1 value; should be 2"),
    ],
)
def test_word_vectors_that_cannot_be_read(downloaded, content, expected):
    if content:
        (downloaded.folder / "data/vectors/mine.vec").write_text(content)
    downloaded.set_params({"char_encode": {"vectors": "mine.vec"}})
    fails(downloaded, "char_encode", expected)
    assert os.listdir(downloaded.folder / "data/encoded") == ["old"]


def test_a_missing_folder_of_ones_own(fresh_project):
    fresh_project.set_params({"download": {"corpus": "custom", "path": "my/corpus"}})
    fails(fresh_project, "download", "my/corpus: No such file")
    assert not (fresh_project.folder / "data/raw").exists()


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("char_encode", "data/raw has no file for train"),
        ("train", "data/encoded/vocabulary.json: is missing; `dvc repro char_encode` makes it"),
        ("calibrate", "models/model.json: no model is here; `dvc repro` makes one, `dvc checkout`"),
        ("evaluate", "models/model.json: no model is here; `dvc repro` makes one, `dvc checkout`"),
    ],
)
def test_a_stage_before_its_input_is_there(fresh_project, stage, expected):
    fails(fresh_project, stage, expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Lisbon", "data/raw/valid.txt:3: 1 column(s) are too few"),
        ("Lisbon I-LOC", "data/raw/valid.txt:3: tag I-LOC at the start of a sentence"),
        ("Lisbon I-LOC", "char_encode.mistakes: repair reads such tags as conlleval does"),
        ("Lisbon LOC", "data/raw/valid.txt:3: 'LOC' is not a tag"),
        (b"Lisb\xf3n B-LOC", "data/raw/valid.txt:3: byte 0xf3 is not UTF-8"),
    ],
)
def test_a_bad_line(downloaded, line, expected):
    replace_line(downloaded.folder / "data/raw/valid.txt", 3, line)
    replace_line(downloaded.folder / "data/raw/valid.txt", 4, "")
    fails(downloaded, "char_encode", expected)
    assert [path.name for path in (downloaded.folder / "data/encoded").iterdir()] == ["old"]


@pytest.mark.parametrize(
    ("split", "content", "expected"),
    [
        ("valid", "", "holds no sentence"),
        ("train", "one O\ntwo O\n", "all tags are O"),
        ("test", "one O\ntwo O\n", "all tags are O"),
    ],
)
def test_a_useless_split(downloaded, split, content, expected):
    (downloaded.folder / f"data/raw/{split}.txt").write_text(content)
    fails(downloaded, "char_encode", f"data/raw/{split}.txt: ", expected)


def test_a_scheme_that_the_corpus_has_not(downloaded):
    downloaded.set_params({"char_encode": {"tag_scheme": "BIOES"}})
    fails(downloaded, "char_encode", "data/raw/train.txt:", "not legal in BIOES")


@pytest.mark.slow
def test_a_model_that_does_not_fit_into_the_memory(fresh_project):
    fresh_project.stage_in_this_process("download")
    fresh_project.stage_in_this_process("char_encode")
    fresh_project.set_params({"model": {"architecture": "char_lstm"}})
    small = yaml.safe_load((fresh_project.folder / "params.yaml").read_text())["model"]["char_lstm"]
    fresh_project.set_params({"model": {"char_lstm": {**small, "lstm_units": 1_000_000}}})
    command = f"ulimit -v 40000000; exec '{sys.executable}' -m stages.train"
    done = fresh_project.run("sh", "-c", command, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "error: there is not enough memory"  # Keras warns, too
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_learning_rate_that_destroys_the_model(fresh_project):
    fresh_project.stage_in_this_process("download")
    fresh_project.stage_in_this_process("char_encode")
    fresh_project.set_params({"train": {"learning_rate": 1e38, "clip_norm": None}})
    fails(fresh_project, "train", "smaller train.learning_rate")
    assert not (fresh_project.folder / "models").exists()
