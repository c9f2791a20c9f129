"""The tables of the docs that are made from recorded runs."""

import json
import re
import subprocess

import pytest
import yaml

from benchmarks.corpora import RECORDED, Record, preset, score_table
from benchmarks.sweep import RUNS, flat, table
from tests.helpers import ROOT

PRESETS = ("quick",)


def run(f1: float, seconds: int | None = 10, **settings: str) -> dict:
    record = {"settings": settings, "seconds": seconds, "commit": "abc", "processor": "P"}
    return {**record, "valid": {"f1": f1}, "test": {"f1": f1 / 2}}


def test_runs_that_differ_in_the_seed_alone_are_one_row():
    runs = [
        run(0.4, 10, **{"train.seed": "1"}),
        run(0.6, 20, **{"train.seed": "2"}),
        run(0.8, None, **{"train.seed": "1", "train.epochs": "5"}),
    ]
    _, _, first, second = table(runs).splitlines()
    assert first == "| default | 2 | 0.5000 ± 0.1414 | 0.2500 ± 0.0707 | 15 | abc | P |"
    assert second == "| epochs=5 | 1 | 0.8000 | 0.4000 |  | abc | P |"


def test_the_documented_table_is_that_of_the_recorded_runs():
    runs = json.loads((ROOT / RUNS).read_text("utf-8"))
    assert table(runs) in (ROOT / "docs/results.md").read_text("utf-8")


def test_the_documented_table_of_corpora_is_that_of_the_records():
    records = [Record(**row) for row in json.loads((ROOT / RECORDED).read_text("utf-8"))]
    documented = (ROOT / "docs/results.md").read_text("utf-8")
    assert score_table(records) in documented
    assert all(record.commit in documented for record in records)


@pytest.mark.parametrize("name", PRESETS)
def test_make_help_has_the_recorded_scores_of_a_preset(name):
    committed = flat(yaml.safe_load((ROOT / "params.yaml").read_text("utf-8")))
    changes = {k: v for k, v in preset(name).items() if v != committed[k]}
    assert changes
    runs = json.loads((ROOT / RUNS).read_text("utf-8"))
    (preset_run,) = (
        run for run in runs if run["settings"] == {**changes, "train.seed": committed["train.seed"]}
    )
    line = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    assert re.search(rf"^{name} .*F1 {preset_run['test']['f1']:.3f}", line, re.MULTILINE)
