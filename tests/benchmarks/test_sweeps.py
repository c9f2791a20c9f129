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

from benchmarks.sweep import RUNS
from tests.bulk_kills import cluster_in
from tests.helpers import Project

SECONDS = 200  # before a hanging job is given up
NONE_FINISHED = "DVC's queue has no finished experiment on the last commit\n"


def test_a_sweep_on_a_cluster_is_that_of_one_machine(project, tmp_path, monkeypatch):
    """Two workers, one of which is killed with its job; on one machine, one of the trainings."""
    # Enough epochs that both trainings run at the same time for a while.
    settings = ("-S", "train.epochs=3", "-S", "train.learning_rate=0.03")
    git = tmp_path / "git"
    project.run("git", "init", "--quiet", "--bare", str(git))
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # in which the workers have their folders
    try:
        project.run("git", "remote", "add", "origin", str(git))
        project.run("dvc", "remote", "add", "--default", "store", str(tmp_path / "store"))
        project.commit("remotes")
        project.run("git", "push", "--quiet", "origin", "HEAD")
        project.run("dvc", "push")
        with (
            cluster_in(tmp_path) as cluster,
            sweep_on(cluster.address, project, *settings, "-S", "train.seed=1,2") as sweep,
        ):
            deadline = time.monotonic() + SECONDS
            while len(trainings(tmp_path)) < 2:
                assert sweep.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            cluster.kill_a_worker(random.Random(1))
            on_cluster, told = sweep.communicate(timeout=SECONDS)
        assert sweep.returncode == 0, told
        assert told.count(": done") == 2
        of_cluster = experiments(project, "dvc.lock")
        scores = [json.loads(text)["f1"] for text in experiments(project, "metrics/test.json")]
        project.run("dvc", "exp", "remove", "--all-commits")
        assert not experiments(project, "dvc.lock")

        project.run("dvc", "exp", "run", "--queue", *settings, "-S", "train.seed=2")
        assert table_error(project) == NONE_FINISHED
        with subprocess.Popen(
            [sys.executable, "-m", "dvc", "exp", "run", "--run-all"],
            cwd=project.folder,
            env=project.environment,
            stdout=subprocess.DEVNULL,
        ) as queue:
            while "Running" not in project.run("dvc", "queue", "status").stdout:
                assert queue.poll() is None
            assert table_error(project) == NONE_FINISHED
        assert queue.returncode == 0
        (of_this_machine,) = experiments(project, "dvc.lock")
        assert of_this_machine in of_cluster
    finally:
        project.run("git", "remote", "remove", "origin")

    *_, shown = cells(on_cluster)
    settings_of_row, seeds, _, test, seconds, commit, _ = shown
    head = project.run("git", "rev-parse", "--short=7", "HEAD").stdout.strip()
    assert settings_of_row == "train.epochs=3, train.learning_rate=0.03"
    assert (seeds, commit) == ("2", head)
    assert test == f"{statistics.mean(scores):.4f} ± {statistics.stdev(scores):.4f}"
    assert float(seconds) > 0
    *_, shown = table(project)
    settings_of_row, seeds, _, test, _, commit, _ = shown
    assert settings_of_row == "train.epochs=3, train.learning_rate=0.03"
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


def test_a_cluster_that_does_not_answer_is_told(project, tmp_path):
    project.run("git", "init", "--quiet", "--bare", str(tmp_path / "git"))
    try:
        project.run("git", "remote", "add", "origin", str(tmp_path / "git"))
        project.run("git", "push", "--quiet", "origin", "HEAD")
        with sweep_on("tcp:/127.0.0.1", project, "-S", "train.seed=1") as sweep:
            _, told = sweep.communicate(timeout=SECONDS)
    finally:
        project.run("git", "remote", "remove", "origin")
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
