"""No option that names an output, and no output of a stage, takes the place of a user's folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from charner.support.errors import InputError
from tests.helpers import ROOT, Project, copy_of_project

ANNOTATED = ROOT / "data/sample/test.txt"

# The option, and the arguments before it.
OPTIONS = {
    "evaluate --page": ["evaluate", str(ANNOTATED)],
    "tag-all --output": ["tag-all", "in.jsonl"],
}
# Each output of a stage that writes files; download replaces a folder of its own.
STAGES = {
    "char_encode": ["data/encoded/train.parquet", "data/encoded/vocabulary.json"],
    "calibrate": ["models/temperature.json"],
    "evaluate": ["models/README.md", "reports/errors.html", "metrics/test.json"],
}


def folder(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "letters.txt").write_text("a user's")


def link_to_a_folder(path: Path) -> None:
    folder(path.parent / "real")
    path.symlink_to("real")


def link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/null")


THERE = [folder, link_to_a_folder, os.mkfifo, link_to_a_device]


def all_in(path: Path) -> dict[Path, tuple[int, bytes]]:
    """Each file, folder and link below a folder, with the content of files."""
    return {
        one: (one.lstat().st_ino, one.read_bytes() if one.is_file() else b"")
        for one in path.rglob("*")
    }


def is_reported(done: subprocess.CompletedProcess) -> bool:
    (line,) = done.stderr.splitlines()
    return done.returncode == 1 and line.startswith("error: ")


@pytest.mark.parametrize("make", THERE)
@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_leaves_what_is_there(option, make, model, tmp_path):
    if option == "tag-all --output" and make in (folder, link_to_a_folder):
        pytest.skip("its output is a folder")  # tests/charner/bulk/test_output_folder.py
    (tmp_path / "in.jsonl").write_text('{"text": "ab cd"}\n')
    make(tmp_path / "there")
    before = all_in(tmp_path)
    command = [sys.executable, "-m", "charner", *OPTIONS[option], "--model", str(model)]
    for name in ("there", "there/"):
        done = subprocess.run(
            [*command, option.split()[1], name],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        assert is_reported(done)
        assert all_in(tmp_path) == before


@pytest.mark.parametrize("name", ["", ".", ".."])
@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_does_not_take_the_working_folder(option, name, model, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here/in.jsonl").write_text('{"text": "ab cd"}\n')
    before = all_in(tmp_path)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "charner", *OPTIONS[option], "--model", str(model)),
            *(option.split()[1], name),
        ],
        cwd=tmp_path / "here",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert is_reported(done)
    assert all_in(tmp_path) == before


@pytest.fixture(scope="module")
def finished(first_run, tmp_path_factory) -> Project:
    """A project with all that the stages read."""
    project = copy_of_project(tmp_path_factory.mktemp("finished") / "project")
    for name in ("data", "models", "metrics", "reports"):
        subprocess.run(["cp", "-rL", first_run / name, project.folder], check=True)
    return project


@pytest.mark.slow
def test_train_leaves_what_is_there(finished):
    path = finished.folder / "models/model.json"
    kept = path.read_bytes()
    path.unlink()
    folder(path)
    try:
        assert is_reported(finished.stage("train", check=False))
        assert (path / "letters.txt").read_text() == "a user's"
    finally:
        subprocess.run(["rm", "-r", path], check=True)
        path.write_bytes(kept)


@pytest.mark.slow
@pytest.mark.parametrize("make", [folder, link_to_a_folder, os.mkfifo])
@pytest.mark.parametrize(
    ("stage", "output"),
    [(stage, output) for stage, outputs in STAGES.items() for output in outputs],
)
def test_a_stage_leaves_what_is_there(stage, output, make, finished):
    path = finished.folder / output
    kept = path.with_name("kept")
    path.rename(kept)
    try:
        make(path)
        before = all_in(path.parent)
        with pytest.raises(InputError, match=path.name):
            finished.stage_in_this_process(stage)
        assert all_in(path.parent) == before
    finally:
        subprocess.run(["rm", "-rf", path, path.parent / "real"], check=True)
        kept.rename(path)
