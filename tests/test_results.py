"""The tables of docs/results.md that are made from recorded runs."""

import json

from benchmarks.sweep import RUNS, table
from tests.helpers import ROOT


def run(f1: float, seconds: int = 10, **settings: str) -> dict:
    record = {"settings": settings, "seconds": seconds, "commit": "abc", "processor": "P"}
    return {**record, "valid": {"f1": f1}, "test": {"f1": f1 / 2}}


def test_runs_that_differ_in_the_seed_alone_are_one_row():
    runs = [
        run(0.4, 10, **{"train.seed": "1"}),
        run(0.6, 20, **{"train.seed": "2"}),
        run(0.8, 30, **{"train.seed": "1", "train.epochs": "5"}),
    ]
    _, _, first, second = table(runs).splitlines()
    assert first == "| default | 2 | 0.5000 ± 0.1414 | 0.2500 ± 0.0707 | 15 | abc | P |"
    assert second == "| train.epochs=5 | 1 | 0.8000 | 0.4000 | 30 | abc | P |"


def test_the_documented_table_is_that_of_the_recorded_runs():
    runs = json.loads((ROOT / RUNS).read_text("utf-8"))
    assert table(runs) in (ROOT / "docs/results.md").read_text("utf-8")
