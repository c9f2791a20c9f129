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
from itertools import groupby
from pathlib import Path
from typing import Any

RUNS = Path("benchmarks/runs.json")
SPLITS = ("valid", "test")
SEED = "train.seed"
TIME = re.compile(r"trained for (\d+) s")  # a line of stages/train.py


def finished_runs() -> list[dict[str, Any]]:
    """The finished experiments on the last commit, with the settings that differ from it."""
    _, head, *_ = json.loads(dvc("exp", "show", "--json") or sys.exit(1))
    committed = flat(parameters(head))
    runs = []
    for experiment in head["experiments"] or []:
        (run, *_) = experiment["revs"]
        if not run["data"] or not run["data"]["metrics"]:
            continue  # queued, running or failed
        metrics = run["data"]["metrics"]
        settings = flat(parameters(run)).items()
        trained = TIME.search(dvc("queue", "logs", experiment["name"]))
        runs.append(
            {
                "settings": {k: v for k, v in settings if k == SEED or v != committed.get(k)},
                "seconds": int(trained[1]) if trained else None,
                "commit": head["rev"][:7],
                "processor": processor(),
                **{split: metrics[f"metrics/{split}.json"]["data"] for split in SPLITS},
            }
        )
    return runs


def dvc(*arguments: str) -> str:
    """What a command of DVC prints; its errors go to the terminal."""
    command = [sys.executable, "-m", "dvc", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True).stdout


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
        seconds = f"{statistics.median(times):.0f}" if times else ""
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
    print(table(runs))


if __name__ == "__main__":
    main()
