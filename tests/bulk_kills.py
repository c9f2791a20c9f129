"""Kills workers and the scheduler of `charner tag-all` for real, and the command itself.

Whatever is killed, each row must be in the output once, in the bytes of a run of one process.
By hand, with more runs than the tests: python -m tests.bulk_kills FOLDER --runs 10
"""

import argparse
import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.helpers import ROOT, write_small_model

ROWS = 2000
SECONDS = 300  # before a hanging run is given up


def prepare(folder: Path) -> dict[str, bytes]:
    """Writes a model and an input; returns the output of one process, which is never killed."""
    (folder / "models").mkdir(parents=True)
    write_small_model(folder / "models")
    chance = random.Random(1)
    with (folder / "input.jsonl").open("w") as file:
        for number in range(ROWS):
            words = chance.choices(["ab", "cd", "gh", "AB", "c."], k=chance.randint(1, 60))
            file.write(json.dumps({"id": number, "text": " ".join(words)}) + "\n")
    done = subprocess.run(command(folder, "expected", "--workers", "1"), cwd=ROOT)
    assert done.returncode == 0
    return contents(folder / "expected")


def command(folder: Path, output: str, *arguments: str) -> list[str]:
    """The command that tags the input into a folder."""
    return [
        *(sys.executable, "-m", "charner", "tag-all", str(folder / "input.jsonl")),
        *("--output", str(folder / output), "--model", str(folder / "models")),
        *("--part-size", "0.02", *arguments),
    ]


def contents(folder: Path) -> dict[str, bytes]:
    """All files that a run leaves, but those of its model."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "_model"
    }


class Cluster:
    """A scheduler and two workers, each in processes of its own."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._file = folder / f"scheduler-{time.monotonic_ns()}.json"
        self._scheduler = self._start(
            "scheduler", "--port", "0", "--scheduler-file", str(self._file)
        )
        self.address = self._address()
        self._workers = [self._worker(), self._worker()]

    def _address(self) -> str:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(FileNotFoundError, ValueError):  # not written yet
                return json.loads(self._file.read_text())["address"]
            time.sleep(0.05)
        raise TimeoutError("the scheduler did not start")

    def _worker(self) -> subprocess.Popen:
        return self._start("worker", self.address, "--nthreads", "1")

    def _start(self, program: str, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", f"distributed.cli.dask_{program}", *arguments),
                *("--host", "127.0.0.1", "--no-dashboard"),
            ],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill_a_worker(self, chance: random.Random) -> None:
        """Kills a worker with its nanny; another one takes its place."""
        number = chance.randrange(len(self._workers))
        _kill(self._workers[number])
        self._workers[number] = self._worker()

    def kill_scheduler(self) -> None:
        _kill(self._scheduler)

    def close(self) -> None:
        for process in [*self._workers, self._scheduler]:
            _kill(process)


def _kill(process: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextlib.contextmanager
def cluster_in(folder: Path) -> Iterator[Cluster]:
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        cluster.close()


def killed_at_random(folder: Path, output: str, chance: random.Random) -> Counter[str]:
    """Tags the input; first the scheduler is killed, then the command, and workers all the time.

    Returns:
        How often what was killed.
    """
    counts: Counter[str] = Counter()
    for victim in ("scheduler", "command", None):
        with cluster_in(folder) as cluster, (folder / "errors").open("w+") as errors:
            process = subprocess.Popen(
                command(folder, output, "--cluster", cluster.address),
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
            try:
                counts += kill(cluster, process, victim, folder / output / "_receipts", chance)
                process.wait(SECONDS)
            finally:
                process.kill()
                process.wait()
            errors.seek(0)
            told = errors.read()
        assert "Traceback" not in told, told[:5000]
        if victim == "scheduler":
            assert process.returncode == 1
            assert re.fullmatch("error: the scheduler is gone .*", told.splitlines()[-1])
    assert process.returncode == 0, told
    return counts


def kill(
    cluster: Cluster,
    process: subprocess.Popen,
    victim: str | None,
    receipts: Path,
    chance: random.Random,
) -> Counter[str]:
    """Kills a worker and the victim after the first parts; without one, workers to the end."""
    before = len([*receipts.glob("*")])
    deadline = time.monotonic() + SECONDS
    while process.poll() is None and len([*receipts.glob("*")]) < before + 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    killed: Counter[str] = Counter()
    while process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(chance.uniform(0, 0.5))
        cluster.kill_a_worker(chance)
        killed["worker"] += 1
        time.sleep(chance.uniform(0, 0.5 if victim else 5))
        if victim == "scheduler":
            cluster.kill_scheduler()
        elif victim == "command":
            process.kill()
        if victim:
            killed[victim] += 1
            break
    return killed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="an empty or new folder to work in")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    expected = prepare(arguments.folder)
    total: Counter[str] = Counter()
    for run in range(arguments.runs):
        total += killed_at_random(
            arguments.folder, f"run-{run}", random.Random(arguments.seed + run)
        )
        assert contents(arguments.folder / f"run-{run}") == expected
    print(f"{arguments.runs} runs ended with the same bytes; killed: {dict(total)}")
