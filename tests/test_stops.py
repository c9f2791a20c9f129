"""A pipeline that is stopped loses no work; tests/stops.py kills more often."""

import contextlib
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.helpers import STAGES, Project
from tests.stops import (
    ALL_OUTPUTS,
    PARTIAL,
    SETTINGS,
    killed_again_and_again,
    killed_in_every_stage,
    prepared,
)

CHECKPOINT = PARTIAL.with_name("training.safetensors")


def test_a_training_that_is_killed_ends_with_the_same_bytes(tmp_path):
    counts = killed_again_and_again(prepared(tmp_path / "project"), kills=3, seed=1)
    assert counts["after an epoch"] + counts["in a write"] > 0


def test_a_pipeline_that_is_killed_in_every_stage_ends_with_the_same_bytes(project, tmp_path):
    counts = killed_in_every_stage(project, tmp_path / "clone", random.Random(1))
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


def test_a_full_disk_is_told_and_leaves_nothing_half_written(project):
    def with_little_space() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    def files() -> dict[Path, bytes]:
        folders = ("data", "models", "metrics", "reports", ".checkpoint")
        paths = [path for name in folders for path in (project.folder / name).rglob("*")]
        of_epochs = project.folder / "metrics/history.csv"
        return {path: path.read_bytes() for path in paths if path.is_file() and path != of_epochs}

    before = files()
    for stage in STAGES:
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


@contextlib.contextmanager
def training(project: Project, epochs: int, *command: str) -> Iterator[subprocess.Popen]:
    """A run of dvc whose training has finished an epoch; killed at the end of the block.

    Nothing that is in DVC's cache has this number of epochs.
    """
    project.set_params(SETTINGS)
    project.set_params({"train": {"epochs": epochs, "patience": epochs}})
    before = finished_epochs(project)
    process = subprocess.Popen(
        [sys.executable, "-m", "dvc", *command],
        cwd=project.folder,
        env=project.environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and finished_epochs(project) == before:
        time.sleep(0.05)
    assert process.poll() is None
    try:
        yield process
        assert process.poll() is None
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # dvc and the stage
        process.wait()


def finished_epochs(project: Project) -> bytes:
    """The checkpoint of a training that is under way or was killed."""
    checkpoint = project.folder / CHECKPOINT
    return checkpoint.read_bytes() if checkpoint.exists() else b""


def test_dvc_goes_on_with_a_training_that_was_killed(project):
    """Each command goes on with a training that the other has begun."""
    train = ("--force", "--single-item", "train")
    for command in (("exp", "run"), ("repro",)):
        with training(project, 6, *command, *train):
            pass
    told = project.run("dvc", "exp", "run", *train).stdout
    resumed = re.search(
        r"^this training was stopped: it resumes after epoch (\d)", told, re.MULTILINE
    )
    assert resumed
    assert int(resumed[1]) > 1  # the second one resumed, too
    assert not (project.folder / CHECKPOINT).exists()
    killed_twice = project.contents("models", "metrics")
    from_the_start = project.run("dvc", "repro", *train).stdout
    assert "it resumes after" not in from_the_start
    assert project.contents("models", "metrics") == killed_twice


def test_a_training_refuses_another_and_the_last_model_comes_back_meanwhile(project):
    model = project.contents("models")
    with training(project, 100, "repro") as process:
        another = project.run("dvc", "repro", check=False)
        assert another.returncode != 0
        assert f"(PID {process.pid})" in another.stderr
        assert project.contents("models") != model
        project.run("dvc", "checkout", "train", "calibrate")
        assert project.contents("models") == model
