"""Sweeps on this machine and on a cluster, and the table of their scores."""

import contextlib
import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.sweep import RUNS
from tests.bulk_kills import cluster_in
from tests.helpers import Project

pytestmark = pytest.mark.slow

SECONDS = 1200  # before a hanging job is given up
NONE_FINISHED = "DVC's queue has no finished experiment on the last commit\n"


def test_a_sweep_on_a_cluster_is_that_of_one_machine(fast_project, tmp_path, monkeypatch):
    """Two workers, one of which is killed with its job; on one machine, one of the trainings."""
    project = fast_project
    settings = ("-S", "train.epochs=3", "-S", "train.learning_rate=0.01")
    git = tmp_path / "git"
    project.run("git", "init", "--quiet", "--bare", str(git))
    project.run("git", "remote", "add", "origin", str(git))
    project.run("dvc", "remote", "add", "--default", "store", str(tmp_path / "store"))
    project.commit("remotes")
    project.run("git", "push", "--quiet", "origin", "HEAD")
    project.run("dvc", "push")
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # in which the workers have their folders
    waits = tmp_path / "waits"
    waits.touch()
    monkeypatch.setenv("TRAINING_WAITS", str(waits))
    with (
        cluster_in(tmp_path) as cluster,
        sweep_on(cluster.address, project, *settings, "-S", "train.seed=1,2") as sweep,
    ):
        while len(trainings(tmp_path)) < 2:
            assert sweep.poll() is None
            time.sleep(0.1)
        cluster.kill_a_worker(random.Random(1))
        waits.unlink()
        on_cluster, told = sweep.communicate(timeout=SECONDS)
    assert sweep.returncode == 0, told
    assert told.count(": done") == 2
    of_cluster = experiments(project, "dvc.lock")
    scores = [json.loads(text)["f1"] for text in experiments(project, "metrics/test.json")]
    project.run("dvc", "exp", "remove", "--all-commits")
    assert not experiments(project, "dvc.lock")

    project.run("dvc", "exp", "run", "--queue", *settings, "-S", "train.seed=2")
    assert table_error(project) == NONE_FINISHED
    waits.touch()
    with project.start(sys.executable, "-m", "dvc", "exp", "run", "--run-all") as queue:
        while "Running" not in project.run("dvc", "queue", "status").stdout:
            assert queue.poll() is None
        assert table_error(project) == NONE_FINISHED
        waits.unlink()
        queue.communicate()
    assert queue.returncode == 0
    (of_this_machine,) = experiments(project, "dvc.lock")
    assert of_this_machine in of_cluster

    *_, shown = cells(on_cluster)
    settings_of_row, seeds, _, test, seconds, commit, _ = shown
    head = project.run("git", "rev-parse", "--short=7", "HEAD").stdout.strip()
    changes = "learning_rate=0.01"
    assert settings_of_row == changes
    assert (seeds, commit) == ("2", head)
    assert test == f"{statistics.mean(scores):.4f} ± {statistics.stdev(scores):.4f}"
    assert float(seconds) > 0
    *_, shown = table(project)
    settings_of_row, seeds, _, test, _, commit, _ = shown
    assert settings_of_row == changes
    assert (seeds, commit) == ("1", head)
    (score,) = (json.loads(text)["f1"] for text in experiments(project, "metrics/test.json"))
    assert test == f"{score:.4f}"

    kept = json.loads((project.folder / RUNS).read_text())
    everything = table(project, "--keep")
    assert shown in everything
    assert table(project, "--keep") == everything
    assert len(json.loads((project.folder / RUNS).read_text())) == len(kept) + 1


def table(project: Project, *arguments: str) -> list[list[str]]:
    return cells(project.run(sys.executable, "-m", "benchmarks.sweep", *arguments).stdout)


def table_error(project: Project) -> str:
    done = project.run(sys.executable, "-m", "benchmarks.sweep", check=False)
    assert done.returncode == 1
    return done.stderr


def cells(shown: str) -> list[list[str]]:
    return [line.strip("| ").split(" | ") for line in shown.splitlines()]


@contextlib.contextmanager
def sweep_on(address: str, project: Project, *settings: str) -> Iterator[subprocess.Popen]:
    """A sweep on a cluster; killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.cluster_sweep", address, *settings],
        cwd=project.folder,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def trainings(folder: Path) -> list[Path]:
    """The clones of workers in which the train stage runs."""
    return [
        clone
        for clone in folder.glob("dask-scratch-space*/worker-*/*")
        if (clone / "data/encoded/vocabulary.json").exists()
        and not (clone / "models/model.json").exists()
    ]


def test_a_cluster_that_does_not_answer_is_told(fast_project, tmp_path):
    fast_project.run("git", "init", "--quiet", "--bare", str(tmp_path / "git"))
    fast_project.run("git", "remote", "add", "origin", str(tmp_path / "git"))
    fast_project.run("git", "push", "--quiet", "origin", "HEAD")
    with sweep_on("tcp:/127.0.0.1", fast_project, "-S", "train.seed=1") as sweep:
        _, told = sweep.communicate(timeout=SECONDS)
    assert sweep.returncode == 1
    assert told.splitlines()[-1].startswith("error: tcp:/127.0.0.1: ")
    assert "Traceback" not in told


def experiments(project: Project, name: str) -> list[str]:
    """The contents of a file in the experiments on the last commit."""
    head = project.run("git", "rev-parse", "HEAD").stdout.strip()
    refs = project.run(
        "git", "for-each-ref", "--format=%(refname)", f"refs/exps/{head[:2]}/{head[2:]}/"
    ).stdout.split()
    return sorted(project.run("git", "show", f"{ref}:{name}").stdout for ref in refs)
