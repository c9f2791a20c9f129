"""Prints a table of the experiments that DVC ran from its queue, with their scores and times.

    dvc exp run --queue -S train.seed=1,2,3 -S model.cnn_lstm_crf.lstm_units=150,200
    dvc queue start                      # `dvc queue status` shows when they are done
    python -m benchmarks.sweep           # the experiments on the last commit
    python -m benchmarks.sweep --keep    # adds them to benchmarks/runs.json, prints all of its runs
    python -m benchmarks.sweep --plot train.epochs    # draws entity F1 against it, in epochs.png

Settings and scores come from `dvc exp show`, the time of training from `dvc queue logs`; a model
that DVC took from its cache has no time. Experiments that differ in the seed alone make one row,
with mean and standard deviation. Run it on the machine that ran the experiments.
"""

import argparse
import json
import platform
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from charner.commands.offline_plots import VEGA_LITE

RUNS = Path("benchmarks/runs.json")
SPLITS = ("valid", "test")
SEED = "train.seed"
SECTIONS = re.compile(r"^(char_encode|model\.cnn_lstm_crf|model|train)\.")  # left out of tables
# Those of the templates of DVC's plots, and one more.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
TIME = re.compile(r"trained for (\d+) s")  # a line of charner/training/run.py


class Cost(NamedTuple):
    """The time of a training, None if DVC took it from its cache, and the processor it ran on."""

    seconds: int | None
    processor: str


def cost(output: str) -> Cost:
    """The cost of an experiment on this machine, from its output."""
    trained = TIME.search(output)
    return Cost(int(trained[1]) if trained else None, processor())


def processor() -> str:
    information = Path("/proc/cpuinfo")
    text = information.read_text() if information.exists() else ""
    name = re.search(r"model name\s*: (.*)", text)
    return name[1] if name else platform.processor()


def cost_in_queue(name: str) -> Cost | None:
    """The cost of an experiment of DVC's queue on this machine; None if it was not there."""
    logs = dvc("queue", "logs", name, stderr=subprocess.DEVNULL)
    return cost(logs) if logs else None


def dvc(*arguments: str, stderr: int | None = None) -> str:
    """The standard output of a DVC command."""
    command = [sys.executable, "-m", "dvc", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, text=True).stdout


def finished_runs(
    revision: str = "HEAD", cost_of: Callable[[str], Cost | None] = cost_in_queue
) -> list[dict[str, Any]]:
    """The finished experiments on a commit that have a cost, with the settings that differ."""
    shown = dvc("exp", "show", "--json", "--rev", revision) or sys.exit(1)
    _, head, *_ = json.loads(shown)
    committed = parameters(head)
    runs = []
    for experiment in head["experiments"] or []:
        # Before an experiment has ended, its scores are still those of the commit.
        is_done = not experiment["executor"] or experiment["executor"]["state"] == "success"
        if not is_done or not (training := cost_of(experiment["name"])):
            continue
        run = experiment["revs"][0]
        metrics = run["data"]["metrics"]
        settings = parameters(run).items()
        runs.append(
            {
                "settings": {k: v for k, v in settings if k == SEED or v != committed.get(k)},
                "seconds": training.seconds,
                "commit": head["rev"][:7],
                "processor": training.processor,
                **{split: metrics[f"metrics/{split}.json"]["data"] for split in SPLITS},
            }
        )
    return runs


def parameters(revision: dict[str, Any]) -> dict[str, Any]:
    """The values of params.yaml in a revision of `dvc exp show --json`."""
    return flat(revision["data"]["params"]["params.yaml"]["data"])


def flat(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested values by their names with dots, as `dvc exp run -S` takes them."""
    flattened: dict[str, Any] = {}
    for name, value in values.items():
        is_section = isinstance(value, dict)
        flattened |= flat(value, f"{prefix}{name}.") if is_section else {f"{prefix}{name}": value}
    return flattened


def table(runs: list[dict[str, Any]]) -> str:
    """A table with a row for each group of runs that differ in the seed alone."""

    def group_of(run: dict[str, Any]) -> tuple[str, str, str]:
        others = (
            f"{SECTIONS.sub('', key)}={value}"
            for key, value in sorted(run["settings"].items())
            if key != SEED
        )
        return ", ".join(others), run["commit"], run["processor"]

    rows = [
        "| settings | seeds | entity F1, valid | entity F1, test | seconds | commit | processor |",
        "|---|---:|---:|---:|---:|---|---|",
    ]
    for (settings, commit, name), group in groupby(sorted(runs, key=group_of), group_of):
        records = [*group]
        valid, test = (mean([record[split]["f1"] for record in records]) for split in SPLITS)
        times = [record["seconds"] for record in records if record["seconds"] is not None]
        seconds = f"{statistics.median(times):,.0f}" if times else ""
        rows.append(
            f"| {settings or 'default'} | {len(records)} | {valid} | {test} | {seconds} |"
            f" {commit} | {name} |"
        )
    return "\n".join(rows)


def draw(runs: list[dict[str, Any]], parameter: str) -> Path:
    """Draws entity F1 against a parameter; a line for each of valid and test, by means of seeds.

    Args:
        runs: those of the table; in some of them the parameter may be as it is committed.
        parameter: its name, with dots.

    Returns:
        The picture that was written.
    """
    import vl_convert

    committed = flat(yaml.safe_load(Path("params.yaml").read_text("utf-8")))
    if parameter not in committed:
        sys.exit(f"params.yaml has no parameter {parameter}")
    points = [
        {"value": run["settings"].get(parameter, committed[parameter]), "split": split}
        | {"f1": run[split]["f1"]}
        for run in runs
        for split in SPLITS
    ]
    encoding: dict[str, dict[str, Any]] = {
        "x": {"field": "value", "type": "quantitative", "title": parameter},
        "y": {"field": "f1", "type": "quantitative", "title": "entity F1"},
        "color": {"field": "split", "title": None, "scale": {"range": COLOURS}},
    }
    encoding["y"]["scale"] = {"zero": False}
    means = encoding | {"y": encoding["y"] | {"aggregate": "mean"}}
    picture = {
        "data": {"values": points},
        "width": 400,
        "height": 260,
        "layer": [
            {"mark": {"type": "point", "filled": True}, "encoding": encoding},
            {"mark": "line", "encoding": means},
        ],
    }
    path = Path(f"{parameter.split('.')[-1]}.png")
    path.write_bytes(vl_convert.vegalite_to_png(picture, vl_version=VEGA_LITE))
    return path


def mean(scores: Sequence[float]) -> str:
    """Mean and standard deviation."""
    deviation = f" ± {statistics.stdev(scores):.4f}" if len(scores) > 1 else ""
    return f"{statistics.mean(scores):.4f}{deviation}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--keep", action="store_true", help=f"add the runs to {RUNS}")
    parser.add_argument("--plot", metavar="PARAMETER", help="draw entity F1 against a parameter")
    arguments = parser.parse_args()
    runs = finished_runs()
    if arguments.keep:
        kept = json.loads(RUNS.read_text("utf-8"))
        runs = kept + [run for run in runs if run not in kept]
        RUNS.write_text(json.dumps(runs, indent=1) + "\n", "utf-8")
    if not runs:
        sys.exit("DVC's queue has no finished experiment on the last commit")
    print(table(runs))
    if arguments.plot:
        print(f"drawn: {draw(runs, arguments.plot)}")


if __name__ == "__main__":
    main()
