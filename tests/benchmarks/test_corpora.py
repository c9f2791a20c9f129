"""What `benchmarks.corpora` keeps, and the tables that it prints of it."""

import pytest
import yaml

from benchmarks import corpora
from benchmarks.corpora import PRESETS, Record, keep, preset, recorded, score_table
from benchmarks.sweep import flat
from tests.helpers import ROOT


def record(corpus: str, system: str, seed: int, test: float) -> Record:
    return Record(corpus, len(corpus), system, seed, "abc", test, test, 1.0, 1.0, 1.0)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_changes_parameters_that_exist(name):
    committed = flat(yaml.safe_load((ROOT / "params.yaml").read_text("utf-8")))
    changes = preset(name)
    assert changes.keys() <= committed.keys()
    assert changes != {key: committed[key] for key in changes}


def test_of_one_training_the_last_record_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(corpora, "RECORDED", tmp_path / "corpora.json")
    longer, first, second = (
        record("longer", "spaCy", 1, 0.25),
        record("short", "default", 1, 0.5),
        record("short", "default", 2, 0.5),
    )
    for one in (longer, second, first._replace(test=0.75), first):
        keep(one)
    assert recorded() == [first, second, longer]


def test_a_row_for_each_corpus_and_a_column_for_each_system():
    records = [
        record("short", "default", 1, 0.5),
        record("short", "default", 2, 0.7),
        record("longer", "spaCy", 1, 0.25),
        record("other", "default", 1, 0.9),
        record("other", "spaCy", 1, 0.75),
        record("short", "small", 1, 0.1),  # on one corpus alone
    ]
    names, _, *rows = score_table(records).splitlines()
    assert names == "| corpus | sentences in train | default | spaCy |"
    assert rows == [
        "| short | 5 | 0.6000 ± 0.1414 |  |",
        "| longer | 6 |  | 0.2500 |",
        "| other | 5 | 0.9000 | 0.7500 |",
    ]
