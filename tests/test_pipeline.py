"""The pipeline as its user runs it: a real dvc in a repository of its own, on the sample."""

import csv
import json
import re
import shutil
import sys

import pandas as pd
import pytest
import vl_convert
import yaml
from dvc.utils.hydra import apply_overrides
from safetensors.numpy import load_file

from tests.helpers import (
    LONGER,
    ROOT,
    STAGES,
    Project,
    commands_of_preset,
    new_repository,
    stages_that_ran,
)

TABLES = [
    *("history", "training", "scores", "characters", "tokens", "entities", "reliability"),
    *("confusion_characters", "confusion_tokens"),
]


def read_json(project: Project, name: str, revision: str | None = None) -> dict:
    if revision:
        return json.loads(project.run("git", "show", f"{revision}:{name}").stdout)
    return json.loads((project.folder / name).read_text())


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


def test_a_run_leaves_nothing_to_add_but_text(project):
    tracked = project.run("git", "ls-files", "metrics", "data", "models").stdout.split()
    assert sorted(tracked) == sorted(
        [
            "data/.gitignore",
            *(f"data/sample/{split}.txt" for split in ("train", "valid", "test")),
            "data/custom/README.md",
            *(f"metrics/{split}.json" for split in ("valid", "test")),
            *(f"metrics/{name}.csv" for name in TABLES),
        ]
    )


def test_a_second_run_runs_nothing(project):
    assert project.repro() == []
    assert "up to date" in project.run("dvc", "status").stdout


@pytest.mark.parametrize(
    ("section", "key", "value", "expected"),
    [
        # A path that `sample` does not use: the stage runs, its output stays.
        ("download", "path", "stages", ["download"]),
        ("char_encode", "space_tag", "inside", STAGES[1:]),
        ("model", "architecture", "char_lstm", STAGES[2:]),
        ("evaluate", "reliability_bins", 5, ["evaluate"]),
    ],
)
def test_a_change_reruns_what_depends_on_it_and_going_back_runs_nothing(
    project, section, key, value, expected
):
    before = project.contents("metrics", "models")
    project.set_params({section: {key: value}})
    assert project.repro() == expected
    assert (project.contents("metrics", "models") != before) == ("train" in expected)
    project.run("git", "checkout", "--quiet", "params.yaml")
    assert project.repro() == []
    assert project.contents("metrics", "models") == before


def test_a_change_in_a_corpus_of_ones_own_is_seen(project):
    shutil.copytree(project.folder / "data/sample", project.folder / "mine")
    project.set_params({"download": {"corpus": "custom", "path": "mine"}})
    # The same text as the sample's; the model card names another corpus.
    assert project.repro() == ["download", "evaluate"]
    with open(project.folder / "mine/test.txt", "a") as file:
        file.write("\nOslo B-LOC\n")
    assert project.repro() == ["download", "char_encode", "evaluate"]


def test_robustness_is_the_score_of_a_corpus_written_so(project):
    project.set_params(LONGER)
    project.repro()
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
    assert project.repro() == ["download", "char_encode", "evaluate"]
    after = read_scores(project)
    assert after["test"]["entity F1"] == before["test"]["entity F1 in lower case"]
    assert after["test"]["entity F1"] != before["test"]["entity F1"]
    assert after["test"]["entity F1 in upper case"] == before["test"]["entity F1 in upper case"]
    assert after["valid"] == before["valid"]
    shown = json.loads(project.run("dvc", "plots", "show", "--json").stdout)["data"]
    (reliability,) = shown["metrics/reliability.csv"]
    assert vl_convert.vegalite_to_svg(reliability["content"], vl_version="6.4").count("<path") > 4


def test_what_the_command_tags_has_the_scores_that_were_measured(project, tmp_path):
    """By a scorer that is not ours."""
    project.set_params(LONGER)
    project.repro()
    for split in ("valid", "test"):
        expected = read_rows(project, "entities", split)["all types"]
        corpus = f"data/raw/{split}.txt"
        command = [sys.executable, "-m", "charner", "tag", "--from", "conll", "--to", "conll"]
        tagged = tmp_path / f"{split}.txt"
        tagged.write_text(project.run(*command, corpus).stdout)
        assert expected["f1"] > 0
        scores = project.run(
            *("seqscore", "score", "--labels", "BIO", "--score-format", "delim"),
            *("--full-precision", "--reference", corpus, str(tagged)),
        ).stdout
        precision, recall, f1 = map(float, re.search(r"ALL\t(\S+)\t(\S+)\t(\S+)", scores).groups())
        found = [round(score, 6) for score in (precision, recall, f1)]
        assert found == [expected["precision"], expected["recall"], expected["f1"]]
        scored = project.run(sys.executable, "-m", "charner", "evaluate", corpus).stdout
        (row,) = re.findall(r"^all types +(.*)$", scored, re.MULTILINE)
        scores = [f"{expected[name]:.4f}" for name in ("precision", "recall", "f1")]
        assert row.split() == [*scores, f"{expected['support']:,}"]


def test_another_folder_at_another_time_gives_the_same_bytes(project, tmp_path):
    other = new_repository(tmp_path / "elsewhere")
    assert other.repro() == STAGES
    outputs = ("metrics", "models", "data/encoded", "data/raw")
    assert other.contents(*outputs) == project.contents(*outputs)


def test_scores_agree_with_the_confusion_matrix(project):
    encoded = pd.read_parquet(project.folder / "data/encoded/test.parquet")
    scores = read_scores(project)["test"]
    sizes = {
        "characters": encoded.label_ids.map(len).sum(),
        "tokens": encoded.tokens.map(len).sum(),
    }
    for unit, size in sizes.items():
        table = pd.read_csv(project.folder / f"metrics/confusion_{unit}.csv")
        assert "<PAD>" not in {*table.actual, *table.predicted}
        counts = table.pivot(index="actual", columns="predicted", values="count")
        right = sum(counts.loc[label, label] for label in counts.index)
        assert counts.to_numpy().sum() == size
        accuracy = scores[f"{unit.removesuffix('s')} accuracy"]
        assert accuracy == pytest.approx(right / size, abs=1e-6)
        for label, row in read_rows(project, unit, "test").items():
            assert row.support == counts.loc[label].sum()
            assert row.recall == pytest.approx(counts.loc[label, label] / row.support, abs=1e-6)
    assert read_rows(project, "entities", "test")["all types"].support == sum(
        tag.startswith("B-") for tags in encoded.tags for tag in tags
    )


def test_the_kept_epoch_is_the_best_on_valid(project):
    history = pd.read_csv(project.folder / "metrics/history.csv")
    training = pd.read_csv(project.folder / "metrics/training.csv").set_index(["split", "score"])
    kept = training.value
    assert list(history.epoch) == [1, 2]
    best = history.loc[history.valid_entity_f1.idxmax()]
    assert kept["training", "epochs"] == 2
    assert kept["training", "kept epoch"] == best.epoch
    valid = read_scores(project)["valid"]
    for split in ("train", "valid"):
        assert kept[split, "entity F1"] == best[f"{split}_entity_f1"]
    assert valid["entity F1"] == best.valid_entity_f1
    assert valid["character accuracy"] == best.valid_accuracy
    weights = load_file(project.folder / "models/weights.safetensors")
    assert kept["training", "parameters"] == sum(array.size for array in weights.values())


def test_the_temperature_of_the_model_is_the_one_that_is_reported(project):
    project.set_params(LONGER)
    project.repro()
    temperature = read_json(project, "models/temperature.json")["temperature"]
    for scores in read_scores(project).values():
        assert scores["temperature"] == temperature
    assert temperature != 1  # entities are found, so that there is something to fit


def test_the_model_card_has_the_data_and_the_scores(project):
    card = (project.folder / "models/README.md").read_text("utf-8")
    _, head, text = card.split("---\n", 2)
    assert yaml.safe_load(head)["license"] == "mit"  # the sample's
    rows = {}
    for line in text.splitlines():
        if line.startswith("| "):
            name, *cells = line.strip("| ").split(" | ")
            rows.setdefault(name, cells)  # `test` heads a later table, too
    for split in ("train", "valid", "test"):
        encoded = pd.read_parquet(project.folder / f"data/encoded/{split}.parquet")
        entities = sum(tag.startswith("B-") for tags in encoded.tags for tag in tags)
        sizes = encoded.document.nunique(), len(encoded), encoded.tokens.map(len).sum(), entities
        assert rows[split] == [f"{size:,}" for size in sizes]
    scores = read_scores(project)
    for name in ("entity F1", "token accuracy", "expected calibration error"):
        assert rows[name] == [f"{scores[split][name]:.4f}" for split in ("valid", "test")]
    for name, row in read_rows(project, "entities", "test").items():
        assert rows[name] == [
            *(f"{row[score]:.4f}" for score in ("precision", "recall", "f1")),
            f"{int(row.support):,}",
        ]
    assert f"F1 {scores['test']['F1 of entities in train']:.4f}, the others" in text


def test_metrics_and_plots_of_two_revisions_are_compared(project):
    project.set_params({"char_encode": {"space_tag": "inside"}})
    project.repro()
    project.commit("second run")
    metrics = json.loads(project.run("dvc", "metrics", "diff", "HEAD~1", "--json").stdout)
    old, new = (
        read_json(project, "metrics/test.json", revision)["char_accuracy"]
        for revision in ("HEAD~1", "HEAD")
    )
    assert old != new
    change = metrics["metrics/test.json"]["char_accuracy"]
    assert (change["old"], change["new"]) == (old, new)
    assert change["diff"] == pytest.approx(new - old)

    plots = json.loads(project.run("dvc", "plots", "diff", "HEAD~1", "HEAD", "--json").stdout)
    assert sorted(plots["data"]) == sorted(
        ["accuracy", "entity_f1", "loss", *(f"metrics/{name}.csv" for name in TABLES)]
    )
    # So little training finds no entity, whose scores could be drawn.
    assert plots["data"].pop("metrics/reliability.csv") == []
    for name, (plot,) in plots["data"].items():
        assert sorted(plot["revisions"]) == ["HEAD", "HEAD~1"]
        drawn = vl_convert.vegalite_to_svg(plot["content"], vl_version="6.4")
        assert drawn.count("<path") > 10, name
    rows = plots["data"]["metrics/confusion_tokens.csv"][0]["content"]["data"]["values"]
    for revision in ("HEAD", "HEAD~1"):
        shown = [row for row in rows if row["rev"] == revision]
        table = project.run("git", "show", f"{revision}:metrics/confusion_tokens.csv").stdout
        counted = [*csv.DictReader(table.splitlines())]
        assert [{name: row[name] for name in counted[0]} for row in shown] == counted


def test_metrics_fit_a_terminal(project):
    lines = project.run("dvc", "metrics", "show").stdout.splitlines()
    assert max(map(len, lines)) <= 120
    assert len(lines) == 3
    project.set_params(LONGER)
    project.repro()
    head, *rows = project.run("dvc", "metrics", "diff").stdout.splitlines()
    assert 10 < len(rows) <= 18
    assert max(map(len, (head, *rows))) <= 80


def test_an_experiment_with_a_small_learning_rate_and_cut_sentences(project):
    done = project.run(
        *("dvc", "exp", "run", "-S", "train.learning_rate=0.00001"),
        *("-S", "train.clip_norm=null", "-S", "train.max_length=20"),
    )
    assert stages_that_ran(done.stdout) == STAGES[2:]
    text = (project.folder / "params.yaml").read_text()
    assert "learning_rate: 1e-05" in text
    assert yaml.safe_load(text)["train"]["clip_norm"] is None
    history = pd.read_csv(project.folder / "metrics/history.csv")
    assert abs(history.train_loss.diff().iloc[1]) < 0.05  # such steps change little
    assert "sentences of train are cut to 20 characters" in done.stdout
    lengths = pd.read_parquet(project.folder / "data/encoded/test.parquet").label_ids.map(len)
    assert lengths.max() > 20
    assert lengths.sum() == sum(
        pd.read_csv(project.folder / "metrics/confusion_characters.csv")["count"]
    )


def test_a_bad_parameter_stops_the_run_and_what_was_there_comes_back(project):
    before = project.contents("metrics", "models")
    project.set_params({"train": {"epochs": 0}})
    done = project.run("dvc", "repro", check=False)
    assert done.returncode != 0
    assert "error: params.yaml: train.epochs: found 0" in done.stdout + done.stderr
    project.run("git", "restore", "params.yaml")
    assert project.repro() == []
    assert project.contents("metrics", "models") == before


def test_dvc_keeps_the_comments_of_params_yaml(tmp_path):
    """It loses a comment after a list."""
    before = (ROOT / "params.yaml").read_text().splitlines()
    (tmp_path / "params.yaml").write_text("\n".join(before))
    apply_overrides(tmp_path / "params.yaml", ["train.epochs=5"])
    after = (tmp_path / "params.yaml").read_text().splitlines()
    assert [line.split(":")[0] for line in before if line not in after] == ["  epochs"]


@pytest.mark.parametrize("preset", ["quick", "small", "character_lstm", "article"])
def test_options_change_the_settings_of_a_preset(preset):
    run, report = commands_of_preset(preset, "-S train.epochs=2")[-2:]
    assert run.endswith(" -S train.epochs=2")
    assert report == ".venv/bin/charner report HEAD"


@pytest.mark.parametrize("option", ["--queue", "--temp"])
def test_a_preset_reports_no_scores_where_the_workspace_has_none_of_it(option):
    *_, last = commands_of_preset("small", f"{option} -S train.epochs=2")
    assert last.endswith(f" {option} -S train.epochs=2")
