"""Kills trainings and the pipeline for real, to see that they end as if never stopped.

By hand, with more kills than the tests: python -m tests.stops FOLDER --kills 20 --rounds 4
"""

import argparse
import contextlib
import itertools
import os
import random
import re
import signal
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


# A training is killed in its first seconds, while it writes its checkpoint, or up to a second after
# it has printed a line that begins so.
IN_A_WRITE, IN_THE_START = "in a write", "in the start"
MOMENTS = (IN_THE_START, IN_A_WRITE, "model: ", "steps: ", "epoch 1: ", "epoch 2: ", "epoch 3: ")


def kill(project: Project, chance: random.Random, moment: str) -> str | None:
    """Runs the stage and kills it.

    Returns:
        Where it was killed; None if it ended before.
    """
    process = project.start(sys.executable, "-m", "stages.train")
    partial = project.folder / PARTIAL
    told = ""
    if moment == IN_A_WRITE:
        while process.poll() is None and not partial.exists():
            pass
    elif moment == IN_THE_START:
        time.sleep(chance.uniform(0, 5))
    else:
        for line in process.stdout:
            told += line
            if line.startswith(moment):
                time.sleep(chance.random())
                break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL if moment == IN_A_WRITE else chance.choice(SIGNALS))
    told += process.communicate()[0]
    assert "Traceback" not in told, told
    if process.returncode == 0:
        return None
    if partial.exists():
        return IN_A_WRITE
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
    moments = itertools.cycle(chance.sample(MOMENTS, len(MOMENTS)))
    while killed < kills:
        where = kill(project, chance, next(moments))
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
    clone = project.clone(folder)
    counts: Counter[str] = Counter()
    for stage in STAGES:
        process = clone.start(sys.executable, "-m", "dvc", "repro")
        for line in process.stdout:
            running = stages_that_ran(line)
            if running and STAGES.index(running[0]) >= STAGES.index(stage):
                time.sleep(chance.uniform(0, 2))  # of one that has ended, the next one is killed
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
