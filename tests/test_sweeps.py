"""Sweeps on this machine and on a cluster, and the table of their scores."""

import json
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.sweep import RUNS
from tests.bulk_kills import cluster_in
from tests.helpers import Project

SECONDS = 200  # before a hanging job is given up


def test_a_sweep_on_a_cluster_is_that_of_one_machine(project, tmp_path, monkeypatch):
    """Two workers, one of which is killed with its job."""
    settings = ("-S", "train.seed=1,2", "-S", "train.learning_rate=0.03")
    git, clones = tmp_path / "git", tmp_path / "clones"
    project.run("git", "init", "--quiet", "--bare", str(git))
    project.run("git", "remote", "add", "origin", str(git))
    project.run("dvc", "remote", "add", "--default", "store", str(tmp_path / "store"))
    project.commit("remotes")
    project.run("git", "push", "--quiet", "origin", "HEAD")
    project.run("dvc", "push")
    clones.mkdir()
    monkeypatch.setenv("TMPDIR", str(clones))
    try:
        with cluster_in(tmp_path) as cluster:
            sweep = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.cluster_sweep", cluster.address, *settings],
                cwd=project.folder,
                env=project.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            while sweep.poll() is None and len(running(clones)) < 2:
                time.sleep(0.1)
            cluster.kill_a_worker(random.Random(1))
            on_cluster, told = sweep.communicate(timeout=SECONDS)
        assert sweep.returncode == 0, told
        assert told.count(": done") == 2
        assert len([*clones.glob("charner-sweep-*")]) == 1  # that of the killed job
        of_cluster = experiments(project, "dvc.lock")
        project.run("dvc", "exp", "remove", "--all-commits")
        assert not experiments(project, "dvc.lock")

        project.run("dvc", "exp", "run", "--queue", *settings)
        assert len(table(project)) == 2  # none has finished
        project.run("dvc", "exp", "run", "--run-all")
        assert experiments(project, "dvc.lock") == of_cluster
    finally:
        project.run("git", "remote", "remove", "origin")

    *_, shown = table(project)
    *_, shown_by_cluster = cells(on_cluster)
    assert without_costs(shown_by_cluster) == without_costs(shown)
    scores = [json.loads(text)["f1"] for text in experiments(project, "metrics/test.json")]
    settings_of_row, seeds, _, test, seconds, commit, _ = shown
    head = project.run("git", "rev-parse", "--short=7", "HEAD").stdout.strip()
    assert (settings_of_row, seeds, commit) == ("train.learning_rate=0.03", "2", head)
    assert test == f"{statistics.mean(scores):.4f} ± {statistics.stdev(scores):.4f}"
    assert float(seconds) > 0

    kept = json.loads((project.folder / RUNS).read_text())
    everything = table(project, "--keep")
    assert shown in everything
    assert table(project, "--keep") == everything
    assert len(json.loads((project.folder / RUNS).read_text())) == len(kept) + 2


def table(project: Project, *arguments: str) -> list[list[str]]:
    return cells(project.run(sys.executable, "-m", "benchmarks.sweep", *arguments).stdout)


def cells(shown: str) -> list[list[str]]:
    return [line.strip("| ").split(" | ") for line in shown.splitlines()]


def without_costs(row: list[str]) -> list[str]:
    """The cells of a row without seconds and processor."""
    return [*row[:4], row[5]]


def running(clones: Path) -> list[Path]:
    """The clones in which the train stage runs."""
    return [
        path
        for path in clones.glob("charner-sweep-*")
        if not (path / "models/model.json").exists()
        and (path / "data/encoded/vocabulary.json").exists()
    ]


def experiments(project: Project, name: str) -> list[str]:
    """The contents of a file in the experiments on the last commit."""
    head = project.run("git", "rev-parse", "HEAD").stdout.strip()
    refs = project.run(
        "git", "for-each-ref", "--format=%(refname)", f"refs/exps/{head[:2]}/{head[2:]}/"
    ).stdout.split()
    return sorted(project.run("git", "show", f"{ref}:{name}").stdout for ref in refs)
