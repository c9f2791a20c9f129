"""A pipeline that is stopped loses no work; tests/stops.py kills more often."""

import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers import STAGES
from tests.stops import PARTIAL, SETTINGS, killed_again_and_again, prepared

CHECKPOINT = PARTIAL.with_name("training.safetensors")


def test_a_training_that_is_killed_ends_with_the_same_bytes(tmp_path):
    counts = killed_again_and_again(prepared(tmp_path / "project"), kills=3, seed=1)
    assert counts["after an epoch"] + counts["in a write"] > 0


def test_a_full_disk_is_told_and_leaves_nothing_half_written(fresh_project):
    def with_little_space() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    def files() -> set[Path]:
        folders = ("data", "models", "metrics", "reports", ".checkpoint")
        return {path for name in folders for path in (fresh_project.folder / name).rglob("*")}

    for stage in STAGES:
        before = files()
        full = subprocess.run(
            [sys.executable, "-m", f"stages.{stage}"],
            cwd=fresh_project.folder,
            preexec_fn=with_little_space,
            capture_output=True,
            text=True,
        )
        if stage != "calibrate":  # it writes a few bytes
            assert full.returncode == 1
            assert re.search(r"^error: .*File too large", full.stderr, re.MULTILINE)
            assert "Traceback" not in full.stderr
            written = {path.name for path in files() - before if path.is_file()}
            assert written <= {"history.csv"}
        fresh_project.stage(stage)


@pytest.mark.parametrize(("seed", "command"), [(2, ("repro",)), (3, ("exp", "run"))])
def test_dvc_goes_on_with_a_training_that_was_killed(project, seed, command):
    project.set_params(SETTINGS)
    project.set_params({"train": {"seed": seed}})  # one that DVC has not in its cache
    process = subprocess.Popen(
        [sys.executable, "-m", "dvc", *command],
        cwd=project.folder,
        env=project.environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and not (project.folder / CHECKPOINT).exists():
        time.sleep(0.05)
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)  # dvc and the stage
    process.wait()

    told = project.run("dvc", *command).stdout
    assert re.search(r"^this training was stopped: goes on after epoch \d", told, re.MULTILINE)
    assert not (project.folder / CHECKPOINT).exists()
    outputs = project.contents("models", "metrics")
    from_the_start = project.run("dvc", "repro", "--force").stdout
    assert "goes on after" not in from_the_start
    assert project.contents("models", "metrics") == outputs
