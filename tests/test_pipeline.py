"""The pipeline as its user runs it: a real dvc in a repository of its own, on the sample."""

import csv
import json
import re
import shutil
import sys

import pandas as pd
import pytest
import yaml
from safetensors.numpy import load_file

from charner import params
from charner.evaluation.report import TITLES
from tests.helpers import ROOT, STAGES, TRAINING, Project, commands_of_preset, copy_of_project

TABLES = [
    *("history", "training", "scores", "characters", "tokens", "entities", "reliability"),
    *("confusion_characters", "confusion_tokens"),
]


@pytest.fixture
def finished(first_run) -> Project:
    """The repository of the first run, for reading alone."""
    return Project(first_run)


VECTORS = [".gitignore", "README.md", "auto/en.safetensors", "none", "pack_glove.py"]


def read_scores(project: Project) -> dict[str, dict[str, float]]:
    """The single scores of each split."""
    table = pd.read_csv(project.folder / "metrics/scores.csv")
    return {
        split: rows.set_index("score").value.to_dict() for split, rows in table.groupby("split")
    }


def read_rows(project: Project, name: str, split: str) -> dict[str, pd.Series]:
    """The rows of a table of labels or types, by name."""
    table = pd.read_csv(project.folder / f"metrics/{name}.csv")
    return {row["name"]: row for _, row in table[table.split == split].iterrows()}


def test_a_run_leaves_nothing_to_add_but_text(finished):
    tracked = finished.run("git", "ls-files", "metrics", "data", "models").stdout.split()
    assert sorted(tracked) == sorted(
        [
            "data/.gitignore",
            *(f"data/sample/{split}.txt" for split in ("train", "valid", "test")),
            "data/custom/README.md",
            *(f"data/vectors/{name}" for name in VECTORS),
            *(f"metrics/{split}.json" for split in ("valid", "test")),
            *(f"metrics/{name}.csv" for name in TABLES),
        ]
    )


def test_robustness_is_the_score_of_a_corpus_written_so(project):
    before = read_scores(project)
    shutil.copytree(project.folder / "data/sample", project.folder / "mine")
    path = project.folder / "mine/test.txt"
    lines = [line.split() for line in path.read_text().splitlines()]
    lower_case = [
        [token if token == "-DOCSTART-" else token.lower(), *tags]
        for token, *tags in (line or [""] for line in lines)
    ]
    path.write_text("".join(" ".join(line) + "\n" for line in lower_case))
    project.set_params({"download": {"corpus": "custom", "path": "mine"}})
    assert project.repro() == ["download", "char_encode", "evaluate"]  # train is as it was
    after = read_scores(project)
    assert after["test"]["entity_f1"] == before["test"]["lower_case_f1"]
    assert after["test"]["entity_f1"] != before["test"]["entity_f1"]
    assert after["test"]["upper_case_f1"] == before["test"]["upper_case_f1"]
    assert after["valid"] == before["valid"]


@pytest.mark.parametrize("split", ["valid", "test"])
def test_what_the_command_tags_has_the_scores_that_were_measured(finished, tmp_path, split):
    """By a scorer that is not ours."""
    expected = read_rows(finished, "entities", split)["all types"]
    corpus = f"data/raw/{split}.txt"
    command = [sys.executable, "-m", "charner", "tag", "--from", "conll", "--to", "conll"]
    tagged = tmp_path / f"{split}.txt"
    tagged.write_text(finished.run(*command, corpus).stdout)
    assert expected["f1"] > 0
    scores = finished.run(
        *("seqscore", "score", "--labels", "BIO", "--score-format", "delim"),
        *("--full-precision", "--reference", corpus, str(tagged)),
    ).stdout
    precision, recall, f1 = map(float, re.search(r"ALL\t(\S+)\t(\S+)\t(\S+)", scores).groups())
    found = [round(score, 6) for score in (precision, recall, f1)]
    assert found == [expected["precision"], expected["recall"], expected["f1"]]
    scored = finished.run(sys.executable, "-m", "charner", "evaluate", corpus).stdout
    (row,) = re.findall(r"^all types +(.*)$", scored, re.MULTILINE)
    scores = [f"{expected[name]:.4f}" for name in ("precision", "recall", "f1")]
    assert row.split() == [*scores, f"{expected['support']:,}"]


@pytest.mark.slow
def test_another_folder_at_another_time_gives_the_same_bytes(finished, tmp_path):
    other = copy_of_project(tmp_path / "elsewhere")
    other.set_params({"train": TRAINING})
    for stage in STAGES:
        other.stage(stage)
    outputs = ("metrics", "models", "data/encoded", "data/raw", "reports")
    assert other.contents(*outputs) == finished.contents(*outputs)


@pytest.mark.slow
def test_the_other_architecture_is_trained_and_evaluated(project):
    project.set_params({"model": {"architecture": "char_lstm"}})
    assert project.repro() == STAGES[2:]
    assert read_scores(project)["test"]["character_accuracy"] > 0.5


def test_scores_agree_with_the_confusion_matrix(finished):
    encoded = pd.read_parquet(finished.folder / "data/encoded/test.parquet")
    scores = read_scores(finished)["test"]
    sizes = {
        "characters": encoded.label_ids.map(len).sum(),
        "tokens": encoded.tokens.map(len).sum(),
    }
    for unit, size in sizes.items():
        table = pd.read_csv(finished.folder / f"metrics/confusion_{unit}.csv")
        assert "<PAD>" not in {*table.actual, *table.predicted}
        counts = table.pivot(index="actual", columns="predicted", values="count")
        right = sum(counts.loc[label, label] for label in counts.index)
        assert counts.to_numpy().sum() == size
        accuracy = scores[f"{unit.removesuffix('s')}_accuracy"]
        assert accuracy == pytest.approx(right / size, abs=1e-6)
        for label, row in read_rows(finished, unit, "test").items():
            assert row.support == counts.loc[label].sum()
            assert row.recall == pytest.approx(counts.loc[label, label] / row.support, abs=1e-6)
    assert read_rows(finished, "entities", "test")["all types"].support == sum(
        tag.startswith("B-") for tags in encoded.tags for tag in tags
    )


def test_the_kept_epoch_is_the_best_on_valid(finished):
    history = pd.read_csv(finished.folder / "metrics/history.csv")
    training = pd.read_csv(finished.folder / "metrics/training.csv").set_index(["split", "score"])
    kept = training.value
    assert list(history.epoch) == [1, 2, 3]
    best = history.loc[history.valid_entity_f1.idxmax()]
    assert kept["training", "epochs"] == 3
    assert kept["training", "kept_epoch"] == best.epoch
    valid = read_scores(finished)["valid"]
    for split in ("train", "valid"):
        assert kept[split, "entity_f1"] == best[f"{split}_entity_f1"]
    assert valid["entity_f1"] == best.valid_entity_f1
    assert valid["character_accuracy"] == best.valid_accuracy
    weights = load_file(finished.folder / "models/weights.safetensors")
    assert kept["training", "parameters"] == sum(array.size for array in weights.values())


def test_the_temperature_of_the_model_is_the_one_that_is_reported(finished):
    temperature = json.loads((finished.folder / "models/temperature.json").read_text())
    for scores in read_scores(finished).values():
        assert scores["temperature"] == temperature["temperature"]
    assert temperature["temperature"] != 1  # entities are found: there is something to fit


def test_the_model_card_has_the_data_and_the_scores(finished):
    card = (finished.folder / "models/README.md").read_text("utf-8")
    _, head, text = card.split("---\n", 2)
    assert yaml.safe_load(head)["license"] == "mit"  # the sample's
    rows = {}
    for line in text.splitlines():
        if line.startswith("| "):
            name, *cells = line.strip("| ").split(" | ")
            rows.setdefault(name, cells)  # `test` heads a later table, too
    for split in ("train", "valid", "test"):
        encoded = pd.read_parquet(finished.folder / f"data/encoded/{split}.parquet")
        entities = sum(tag.startswith("B-") for tags in encoded.tags for tag in tags)
        sizes = encoded.document.nunique(), len(encoded), encoded.tokens.map(len).sum(), entities
        assert rows[split] == [f"{size:,}" for size in sizes]
    scores = read_scores(finished)
    for name in ("entity_f1", "token_accuracy", "calibration_error"):
        assert rows[TITLES[name]] == [f"{scores[split][name]:.4f}" for split in ("valid", "test")]
    for name, row in read_rows(finished, "entities", "test").items():
        assert rows[name] == [
            *(f"{row[score]:.4f}" for score in ("precision", "recall", "f1")),
            f"{int(row.support):,}",
        ]
    assert f"F1 {scores['test']['seen_f1']:.4f}, the others" in text


def test_metrics_and_plots_of_two_revisions_are_compared(project):
    """The second has other numbers in each file of scores, as after another training."""
    import vl_convert

    for path in (project.folder / "metrics").iterdir():
        path.write_text(re.sub(r"\.\d+", ".4321", path.read_text()))
    project.commit("second run")
    lines = project.run("dvc", "metrics", "show").stdout.splitlines()
    assert max(map(len, lines)) <= 120
    assert len(lines) == 3
    head, *rows = project.run("dvc", "metrics", "diff", "HEAD~1").stdout.splitlines()
    assert 10 < len(rows) <= 18
    assert max(map(len, (head, *rows))) <= 80

    plots = json.loads(project.run("dvc", "plots", "diff", "HEAD~1", "HEAD", "--json").stdout)
    assert sorted(plots["data"]) == sorted(
        ["accuracy", "entity_f1", "loss", *(f"metrics/{name}.csv" for name in TABLES)]
    )
    for name, (plot,) in plots["data"].items():
        assert sorted(plot["revisions"]) == ["HEAD", "HEAD~1"]
        drawn = vl_convert.vegalite_to_svg(plot["content"], vl_version="6.4")
        assert drawn.count("<path") > 4, name
        assert ">y</text>" not in drawn, name  # DVC's name for an axis with several columns
    rows = plots["data"]["metrics/confusion_tokens.csv"][0]["content"]["data"]["values"]
    for revision in ("HEAD", "HEAD~1"):
        shown = [row for row in rows if row["rev"] == revision]
        table = project.run("git", "show", f"{revision}:metrics/confusion_tokens.csv").stdout
        counted = [*csv.DictReader(table.splitlines())]
        assert [{name: row[name] for name in counted[0]} for row in shown] == counted


def test_a_bad_parameter_stops_the_run_and_what_was_there_comes_back(fast_project):
    before = fast_project.contents("metrics", "models")
    fast_project.set_params({"train": {"epochs": 0}})
    done = fast_project.run("dvc", "repro", check=False)
    assert done.returncode != 0
    assert "error: params.yaml: train.epochs: found 0" in done.stdout + done.stderr
    fast_project.run("git", "restore", "params.yaml")
    assert fast_project.repro() == []
    assert fast_project.contents("metrics", "models") == before


def test_parameters_that_dvc_has_written_are_read_and_keep_their_comments(tmp_path, monkeypatch):
    """It writes a small number as `1e-05`, and loses a comment after a list."""
    from dvc.utils.hydra import apply_overrides

    monkeypatch.chdir(tmp_path)
    before = (ROOT / "params.yaml").read_text().splitlines()
    (tmp_path / "params.yaml").write_text("\n".join(before))
    changes = ["train.epochs=5", "train.learning_rate=0.00001", "train.clip_norm=null"]
    apply_overrides(tmp_path / "params.yaml", changes)
    after = (tmp_path / "params.yaml").read_text().splitlines()
    changed = [line.split(":")[0].strip() for line in before if line not in after]
    assert changed == ["epochs", "learning_rate", "clip_norm"]
    settings = params.load().train
    assert (settings.epochs, settings.learning_rate, settings.clip_norm) == (5, 1e-5, None)


@pytest.mark.parametrize("preset", ["quick", "small", "character_lstm", "article"])
def test_options_change_the_settings_of_a_preset(preset):
    run, report = commands_of_preset(preset, "-S train.epochs=2")[-2:]
    assert run.endswith(" -S train.epochs=2")
    assert report == ".venv/bin/charner report HEAD"


@pytest.mark.parametrize("option", ["--queue", "--temp"])
def test_a_preset_reports_no_scores_where_the_workspace_has_none_of_it(option):
    *_, last = commands_of_preset("small", f"{option} -S train.epochs=2")
    assert last.endswith(f" {option} -S train.epochs=2")
