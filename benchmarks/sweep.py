"""Prints a table of the experiments that DVC ran from its queue, with their scores and times.

    dvc exp run --queue -S train.seed=1,2,3 -S model.cnn_lstm_crf.lstm_units=150,200
    dvc queue start                      # `dvc queue status` tells when they are done
    python -m benchmarks.sweep           # the experiments on the last commit
    python -m benchmarks.sweep --keep    # adds them to benchmarks/runs.json, prints all of its runs

Settings and scores come from `dvc exp show`. The time is that of the train stage, from `dvc queue
logs`; a model that DVC took from its cache has none. Experiments that differ in the seed alone make
one row, with mean and standard deviation. Run it in the project's root, on the machine that ran the
experiments.
"""

import argparse
import json
import platform
import re
import statistics
import subprocess
import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

RUNS = Path("benchmarks/runs.json")
SPLITS = ("valid", "test")
SEED = "train.seed"
TIME = re.compile(r"trained for (\d+) s")  # a line of stages/train.py


class Cost(NamedTuple):
    """What a training took, if it was not taken from DVC's cache, and the processor it ran on."""

    seconds: int | None
    processor: str


def cost(printed: str) -> Cost:
    """The cost of an experiment on this machine, from what it printed."""
    trained = TIME.search(printed)
    return Cost(int(trained[1]) if trained else None, processor())


def cost_in_queue(name: str) -> Cost | None:
    """The cost of an experiment of DVC's queue on this machine; None if it was not there."""
    printed = dvc("queue", "logs", name, errors=subprocess.DEVNULL)
    return cost(printed) if printed else None


def finished_runs(
    revision: str = "HEAD", cost_of: Callable[[str], Cost | None] = cost_in_queue
) -> list[dict[str, Any]]:
    """The finished experiments on a commit, with the settings that differ from it.

    Args:
        revision: the commit.
        cost_of: the cost of an experiment by its name; None: it is left out.
    """
    shown = dvc("exp", "show", "--json", "--rev", revision) or sys.exit(1)
    _, head, *_ = json.loads(shown)
    committed = flat(parameters(head))
    runs = []
    for experiment in head["experiments"] or []:
        (run, *_) = experiment["revs"]
        if experiment["executor"] and experiment["executor"]["state"] != "success":
            continue  # queued, failed, or running: then the scores are still those of the commit
        of_run = cost_of(experiment["name"])
        if of_run is None:
            continue
        metrics = run["data"]["metrics"]
        settings = flat(parameters(run)).items()
        runs.append(
            {
                "settings": {k: v for k, v in settings if k == SEED or v != committed.get(k)},
                "seconds": of_run.seconds,
                "commit": head["rev"][:7],
                "processor": of_run.processor,
                **{split: metrics[f"metrics/{split}.json"]["data"] for split in SPLITS},
            }
        )
    return runs


def dvc(*arguments: str, errors: int | None = None) -> str:
    """What a command of DVC prints; its errors go to the terminal, unless told otherwise."""
    command = [sys.executable, "-m", "dvc", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=errors, text=True).stdout


def parameters(revision: dict[str, Any]) -> dict[str, Any]:
    """The values of params.yaml in a revision of `dvc exp show --json`."""
    return revision["data"]["params"]["params.yaml"]["data"]


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested values by their names with dots, as `dvc exp run -S` takes them."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def processor() -> str:
    """The name of this machine's processor."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(": ")[1] for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def table(runs: list[dict[str, Any]]) -> str:
    """A table with a row for each group of runs that differ in the seed alone."""

    def of_row(run: dict[str, Any]) -> tuple[str, str, str]:
        others = (f"{k}={v}" for k, v in sorted(run["settings"].items()) if k != SEED)
        return ", ".join(others), run["commit"], run["processor"]

    rows = [
        "| settings | seeds | entity F1, valid | entity F1, test | seconds | commit | processor |",
        "|---|---:|---:|---:|---:|---|---|",
    ]
    for (settings, commit, name), group in groupby(sorted(runs, key=of_row), of_row):
        records = [*group]
        valid, test = (mean([record[split]["f1"] for record in records]) for split in SPLITS)
        times = [record["seconds"] for record in records if record["seconds"] is not None]
        seconds = f"{statistics.median(times):,.0f}" if times else ""
        rows.append(
            f"| {settings or 'default'} | {len(records)} | {valid} | {test} | {seconds} |"
            f" {commit} | {name} |"
        )
    return "\n".join(rows)


def mean(scores: list[float]) -> str:
    """Mean and standard deviation."""
    deviation = f" ± {statistics.stdev(scores):.4f}" if len(scores) > 1 else ""
    return f"{statistics.mean(scores):.4f}{deviation}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--keep", action="store_true", help=f"add the runs to {RUNS}")
    keep = parser.parse_args().keep
    runs = finished_runs()
    if keep:
        kept = json.loads(RUNS.read_text("utf-8"))
        runs = kept + [run for run in runs if run not in kept]
        RUNS.write_text(json.dumps(runs, indent=1) + "\n", "utf-8")
    if not runs:
        sys.exit("DVC's queue has no finished experiment on the last commit")
    print(table(runs))


if __name__ == "__main__":
    main()
