"""A pipeline that is stopped loses no work; tests/stops.py kills more often."""

import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers import STAGES, python_path
from tests.stops import (
    ALL_OUTPUTS,
    PARTIAL,
    killed_again_and_again,
    killed_in_every_stage,
    prepared,
)

CHECKPOINT = PARTIAL.with_name("training.safetensors")
# Loaded by each Python that starts: DVC and the stage are killed when the checkpoint of this epoch,
# counted from the start of the process, is complete but does not have its name yet.
KILL = f"""
import os, signal, sys

def kill(event, arguments):
    global left
    if event == "os.rename" and str(arguments[1]).endswith("{CHECKPOINT.name}"):
        left -= 1
        if not left:
            os.killpg(os.getpgid(0), signal.SIGKILL)

left = 2
sys.addaudithook(kill)
"""


@pytest.mark.slow
def test_a_training_that_is_killed_ends_with_the_same_bytes(tmp_path):
    counts = killed_again_and_again(prepared(tmp_path / "project"), kills=3, seed=21)
    assert counts["after an epoch"] + counts["in a write"] > 0


@pytest.mark.slow
def test_a_pipeline_that_is_killed_in_every_stage_ends_with_the_same_bytes(fast_project, tmp_path):
    counts = killed_in_every_stage(fast_project, tmp_path / "clone", random.Random(1))
    assert counts.total() >= len(STAGES) - 1  # some stages are short


def test_outputs_that_were_deleted_or_damaged_come_back(project):
    outputs = project.contents(*ALL_OUTPUTS)
    for name in ("data/raw", "data/encoded/valid.parquet", "models", "metrics/test.json"):
        path = project.folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    project.repro()
    assert project.contents(*ALL_OUTPUTS) == outputs
    for name in ("data/raw/test.txt", "models/weights.safetensors", "metrics/scores.csv"):
        path = project.folder / name
        half = path.read_bytes()[: path.stat().st_size // 2]
        path.unlink()  # it may be a link to DVC's cache
        path.write_bytes(half)
    project.repro()
    assert project.contents(*ALL_OUTPUTS) == outputs


@pytest.mark.parametrize(
    "stage", [pytest.param(s, marks=pytest.mark.slow if s == "train" else ()) for s in STAGES]
)
def test_a_full_disk_is_told_and_leaves_nothing_half_written(project, stage):
    def with_little_space() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    def files() -> dict[Path, bytes]:
        folders = ("data", "models", "metrics", "reports", ".checkpoint")
        paths = [path for name in folders for path in (project.folder / name).rglob("*")]
        of_epochs = project.folder / "metrics/history.csv"
        return {path: path.read_bytes() for path in paths if path.is_file() and path != of_epochs}

    before = files()
    full = subprocess.run(
        [sys.executable, "-m", f"stages.{stage}"],
        cwd=project.folder,
        # Python would keep the half of a compiled module, and never again import it.
        env={**project.environment, "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=with_little_space,
        capture_output=True,
        text=True,
    )
    if stage != "calibrate":  # it writes a few bytes
        assert full.returncode == 1
        assert re.search(r"^error: .*File too large", full.stderr, re.MULTILINE)
        assert "Traceback" not in full.stderr
    assert files() == before


@pytest.mark.slow
def test_dvc_goes_on_with_a_training_that_was_killed(project, tmp_path):
    """Each command goes on with a training that the other has begun."""
    trained = project.contents("models", "metrics")
    (tmp_path / "sitecustomize.py").write_text(KILL)
    train = ("--force", "--single-item", "train")
    for command in ("exp run", "repro"):
        killed = subprocess.run(
            [sys.executable, "-m", "dvc", *command.split(), *train],
            cwd=project.folder,
            env={**project.environment, "PYTHONPATH": python_path(tmp_path)},
            start_new_session=True,
        )
        assert killed.returncode == -signal.SIGKILL
    told = project.run("dvc", "exp", "run", *train).stdout
    # The second one resumed, too.
    assert "\nthis training was stopped: it resumes after epoch 2\n" in told
    assert not (project.folder / CHECKPOINT).exists()
    assert project.contents("models", "metrics") == trained


@pytest.mark.slow
def test_a_training_refuses_another_and_the_last_model_comes_back_meanwhile(project):
    model = project.contents("models")
    project.set_params({"train": {"epochs": 1000, "patience": 1000}})
    process = project.start(sys.executable, "-m", "dvc", "repro")
    try:
        while not (project.folder / CHECKPOINT).exists():
            assert process.poll() is None
            time.sleep(0.05)
        another = project.run("dvc", "repro", check=False)
        assert another.returncode != 0
        assert f"(PID {process.pid})" in another.stderr
        assert project.contents("models") != model
        project.run("dvc", "checkout", "train", "calibrate")
        assert project.contents("models") == model
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # dvc and the stage
        process.communicate()
