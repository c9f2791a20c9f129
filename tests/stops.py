"""Kills trainings and the pipeline for real, to see that they end as if never stopped.

By hand, with more kills than the tests: python -m tests.stops FOLDER --kills 20 --rounds 4
"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.helpers import STAGES, Project, copy_of_project, new_repository, stages_that_ran

OUTPUTS = ("models", "metrics")
ALL_OUTPUTS = ("data/raw", "data/encoded", *OUTPUTS, "reports")
DVC_LOCK = Path(".dvc/tmp/rwlock")
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
# With batches this small, an epoch takes about a second.
SETTINGS = {"train": {"epochs": 4, "patience": 4, "batch_size": 8}}
PARTIAL = Path(".checkpoint/.training.safetensors.charner.partial")


def prepared(folder: Path) -> Project:
    """A copy of the project, ready for the train stage."""
    project = copy_of_project(folder)
    project.set_params(SETTINGS)
    for stage in ("download", "char_encode"):
        project.stage(stage)
    return project


def start(project: Project) -> subprocess.Popen:
    """Starts the train stage in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "stages.train"],
        cwd=project.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def kill(project: Project, chance: random.Random, longest: float) -> str | None:
    """Runs the stage and kills it: at a random moment, or while it writes its checkpoint.

    Returns:
        Where it was killed; None if it ended before.
    """
    process = start(project)
    in_a_write = chance.random() < 0.3
    deadline = time.monotonic() + (600 if in_a_write else chance.uniform(0, longest))
    partial = project.folder / PARTIAL
    while process.poll() is None and time.monotonic() < deadline:
        if in_a_write and partial.exists():
            break
        if not in_a_write:
            time.sleep(0.01)
    if process.poll() is not None:
        assert process.returncode == 0, process.communicate()[0]
        return None
    os.killpg(process.pid, signal.SIGKILL if in_a_write else chance.choice(SIGNALS))
    told = process.communicate()[0]
    assert "Traceback" not in told, told
    if partial.exists():
        return "in a write"
    return "after an epoch" if re.search(r"^epoch \d", told, re.MULTILINE) else "before an epoch"


def killed_again_and_again(project: Project, kills: int, seed: int) -> Counter[str]:
    """Kills the stage that often; each time that it ends, its outputs must be the same bytes.

    Returns:
        How often it was killed where, and how often it ended.
    """
    project.stage("train")
    expected = project.contents(*OUTPUTS)

    def check_and_delete() -> None:
        assert project.contents(*OUTPUTS) == expected
        assert not (project.folder / PARTIAL.parent).exists()
        for path in expected:  # as DVC does before it runs a stage
            (project.folder / path).unlink()

    check_and_delete()
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    killed = 0
    while killed < kills:
        where = kill(project, chance, 15.0)
        counts[where or "ended"] += 1
        if where:
            killed += 1
        else:
            check_and_delete()
    project.stage("train")
    counts["ended"] += 1
    check_and_delete()
    return counts


def killed_in_every_stage(project: Project, folder: Path, chance: random.Random) -> Counter[str]:
    """Kills `dvc repro` once in each stage, in a clone that has no cache; then lets it end.

    All outputs must be the bytes of the given project, and dvc.lock and metrics those of its last
    commit.

    Returns:
        How often which stage was killed.
    """
    project.run("git", "clone", "--quiet", str(project.folder), str(folder))
    clone = Project(folder)
    counts: Counter[str] = Counter()
    for stage in STAGES:
        process = subprocess.Popen(
            [sys.executable, "-m", "dvc", "repro"],
            cwd=clone.folder,
            env={**clone.environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert process.stdout
        for line in process.stdout:
            running = stages_that_ran(line)
            if running and STAGES.index(running[0]) >= STAGES.index(stage):
                time.sleep(chance.uniform(0, 4))  # of one that has ended, the next one is killed
                os.killpg(process.pid, chance.choice(SIGNALS))
                *_, killed = [*running, *stages_that_ran(process.stdout.read())]
                counts[killed] += 1
        process.wait()
        # DVC's own gaps, told in docs/guarantees.md.
        lock = clone.folder / DVC_LOCK
        if lock.exists() and not lock.read_text():
            lock.unlink()
            counts["while DVC wrote its lock file"] += 1
        if not (clone.folder / "dvc.lock").read_text():
            clone.run("git", "restore", "dvc.lock")
            counts["while DVC wrote dvc.lock"] += 1
    clone.repro()
    assert clone.contents(*ALL_OUTPUTS) == project.contents(*ALL_OUTPUTS)
    assert clone.run("git", "status", "--porcelain").stdout == ""
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="an empty or new folder to work in")
    parser.add_argument("--kills", type=int, default=20, help="of the train stage")
    parser.add_argument("--rounds", type=int, default=4, help="of a kill in each stage")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    # Of a program in the background, Ctrl-C may be ignored, and then by all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder, seed = arguments.folder, arguments.seed
    print(killed_again_and_again(prepared(folder / "training"), arguments.kills, seed), flush=True)
    pipeline = new_repository(folder / "pipeline")
    pipeline.repro()
    pipeline.commit("outputs")
    chance = random.Random(seed)
    for number in range(1, arguments.rounds + 1):
        counts = killed_in_every_stage(pipeline, folder / f"clone-{number}", chance)
        print(counts, flush=True)
