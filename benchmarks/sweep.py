"""Runs the pipeline with several settings as DVC experiments, and prints a table of the scores.

Settings are those of `dvc exp run`; each combination of their values is run, one after the other:

    python -m benchmarks.sweep -S train.seed=1,2,3 -S model.cnn_lstm_crf.lstm_units=150,200
    python -m benchmarks.sweep        # the table alone

Scores and settings are taken from `dvc exp show`, and kept in benchmarks/runs.json together with
the time, the commit and the processor. Run it from the project's root, with nothing else running.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from itertools import groupby, product
from pathlib import Path
from typing import Any

RUNS = Path("benchmarks/runs.json")
SPLITS = ("valid", "test")
SEED = "train.seed"
DVC = (sys.executable, "-m", "dvc")


def run(settings: dict[str, str]) -> dict[str, Any]:
    """Runs an experiment; returns its settings, scores, time, commit and processor."""
    changes = [argument for pair in settings.items() for argument in ("-S", "=".join(pair))]
    started = time.perf_counter()
    subprocess.run([*DVC, "exp", "run", *changes], check=True)
    seconds = time.perf_counter() - started
    shown = subprocess.run([*DVC, "exp", "show", "--json"], check=True, stdout=subprocess.PIPE)
    workspace, head, *_ = json.loads(shown.stdout)
    metrics = workspace["data"]["metrics"]
    return {
        "settings": settings,
        "seconds": round(seconds),
        "commit": head["rev"][:7],
        "processor": processor(),
        **{split: metrics[f"metrics/{split}.json"]["data"] for split in SPLITS},
    }


def processor() -> str:
    """The name of this machine's processor."""
    names = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    return names[0].split(": ")[1] if names else platform.processor()


def table(runs: list[dict[str, Any]]) -> str:
    """A table with a row for each group of runs that differ in the seed alone."""

    def of_row(record: dict[str, Any]) -> tuple[str, str, str]:
        others = (f"{k}={v}" for k, v in sorted(record["settings"].items()) if k != SEED)
        return " ".join(others), record["commit"], record["processor"]

    rows = [
        "| settings | seeds | entity F1, valid | entity F1, test | seconds | commit | processor |",
        "|---|---:|---:|---:|---:|---|---|",
    ]
    for (settings, commit, name), group in groupby(sorted(runs, key=of_row), of_row):
        records = [*group]
        valid, test = (mean([record[split]["f1"] for record in records]) for split in SPLITS)
        seconds = statistics.median(record["seconds"] for record in records)
        rows.append(
            f"| {settings or 'default'} | {len(records)} | {valid} | {test} | {seconds:.0f} |"
            f" {commit} | {name} |"
        )
    return "\n".join(rows)


def mean(scores: list[float]) -> str:
    """Mean and standard deviation."""
    deviation = f" ± {statistics.stdev(scores):.4f}" if len(scores) > 1 else ""
    return f"{statistics.mean(scores):.4f}{deviation}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("-S", "--set-param", action="append", default=[], metavar="KEY=VALUE,...")
    arguments = parser.parse_args()
    names, choices = [], []
    for setting in arguments.set_param:
        name, _, values = setting.partition("=")
        names.append(name)
        choices.append(values.split(","))
    runs = json.loads(RUNS.read_text("utf-8")) if RUNS.exists() else []
    for values in product(*choices) if names else []:
        runs.append(run(dict(zip(names, values, strict=True))))
        RUNS.write_text(json.dumps(runs, indent=1) + "\n", "utf-8")
    print(table(runs))


if __name__ == "__main__":
    main()
