"""The pipeline as its user runs it: a real dvc in a repository of its own, on the sample."""

import json
import re
import shutil
import sys

import pandas as pd
import pytest
import vl_convert
import yaml

from tests.helpers import STAGES, Project, new_repository, stages_that_ran


def read_json(project: Project, name: str, revision: str | None = None) -> dict:
    if revision:
        return json.loads(project.run("git", "show", f"{revision}:{name}").stdout)
    return json.loads((project.folder / name).read_text())


def test_a_run_leaves_nothing_to_add_but_text(project):
    tracked = project.run("git", "ls-files", "metrics", "data", "models").stdout.split()
    assert sorted(tracked) == sorted(
        [
            "data/.gitignore",
            *(f"data/sample/{split}.txt" for split in ("train", "valid", "test")),
            *(f"metrics/{name}.json" for name in ("train", "calibrate", "valid", "test")),
            "data/custom/README.md",
            "metrics/confusion_matrix.json",
            "metrics/entity_types.json",
            "metrics/history.csv",
            "metrics/reliability.json",
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
        ("train", "seed", 2, STAGES[2:]),
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
    assert project.repro() == ["download"]  # the same text as the sample's
    with open(project.folder / "mine/test.txt", "a") as file:
        file.write("\nOslo B-LOC\n")
    assert project.repro() == ["download", "char_encode", "evaluate"]


def test_robustness_is_the_score_of_a_corpus_written_so(project):
    project.set_params({"train": {"epochs": 20, "patience": 20, "batch_size": 4}})
    project.repro()
    before = read_json(project, "metrics/test.json")
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
    after = read_json(project, "metrics/test.json")
    assert after["entity"]["f1"] == before["robustness"]["lower_case"]
    assert after["entity"]["f1"] != before["entity"]["f1"]
    assert after["robustness"]["upper_case"] == before["robustness"]["upper_case"]
    shown = json.loads(project.run("dvc", "plots", "show", "--json").stdout)["data"]
    (reliability,) = shown["metrics/reliability.json"]
    assert vl_convert.vegalite_to_svg(reliability["content"], vl_version="5.21").count("<path") > 4
    assert (
        read_json(project, "metrics/valid.json")["robustness"].keys() == after["robustness"].keys()
    )


def test_what_the_command_tags_has_the_scores_that_were_measured(project, tmp_path):
    """By a scorer that is not ours."""
    project.set_params({"train": {"epochs": 20, "patience": 20, "batch_size": 4}})
    project.repro()
    for split in ("valid", "test"):
        expected = read_json(project, f"metrics/{split}.json")["entity"]
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
        (row,) = re.findall(r"^all +(.*)$", scored, re.MULTILINE)
        scores = [f"{expected[name]:.4f}" for name in ("precision", "recall", "f1")]
        assert row.split() == [*scores, f"{expected['support']:,}"]


def test_another_folder_at_another_time_gives_the_same_bytes(project, tmp_path):
    other = new_repository(tmp_path / "elsewhere")
    assert other.repro() == STAGES
    outputs = ("metrics", "models", "data/encoded", "data/raw")
    assert other.contents(*outputs) == project.contents(*outputs)


def test_scores_agree_with_the_confusion_matrix(project):
    test = read_json(project, "metrics/test.json")
    table = pd.DataFrame(read_json(project, "metrics/confusion_matrix.json"))
    assert "<PAD>" not in {*table.actual, *table.predicted}
    counts = table.pivot(index="actual", columns="predicted", values="count")
    right = sum(counts.loc[label, label] for label in counts.index)
    encoded = pd.read_parquet(project.folder / "data/encoded/test.parquet")
    assert counts.to_numpy().sum() == encoded.label_ids.map(len).sum()
    assert test["char"]["accuracy"] == pytest.approx(right / counts.to_numpy().sum(), abs=1e-6)
    for label, scores in test["char"]["labels"].items():
        assert scores["support"] == counts.loc[label].sum()
    assert test["entity"]["support"] == sum(
        tag.startswith("B-") for tags in encoded.tags for tag in tags
    )


def test_the_kept_epoch_is_the_best_on_valid(project):
    history = pd.read_csv(project.folder / "metrics/history.csv")
    kept = read_json(project, "metrics/train.json")
    assert list(history.epoch) == [1, 2]
    best = history.loc[history.valid_entity_f1.idxmax()]
    assert kept["best_epoch"] == best.epoch
    assert kept["valid"]["entity_f1"] == best.valid_entity_f1
    valid = read_json(project, "metrics/valid.json")
    assert valid["entity"]["f1"] == best.valid_entity_f1
    assert valid["char"]["accuracy"] == best.valid_accuracy


def test_the_temperature_of_the_model_is_the_one_that_is_reported(project):
    project.set_params({"train": {"epochs": 20, "patience": 20, "batch_size": 4}})
    project.repro()
    temperature = read_json(project, "models/temperature.json")["temperature"]
    assert read_json(project, "metrics/calibrate.json") == {"temperature": temperature}
    assert temperature != 1  # entities are found, so that there is something to fit


def test_metrics_and_plots_of_two_revisions_are_compared(project):
    project.set_params({"char_encode": {"space_tag": "inside"}})
    project.repro()
    project.commit("second run")
    metrics = json.loads(project.run("dvc", "metrics", "diff", "HEAD~1", "--json").stdout)
    old_accuracy = read_json(project, "metrics/test.json", "HEAD~1")["char"]["accuracy"]
    new_accuracy = read_json(project, "metrics/test.json", "HEAD")["char"]["accuracy"]
    assert old_accuracy != new_accuracy
    change = metrics["metrics/test.json"]["char.accuracy"]
    assert (change["old"], change["new"]) == (old_accuracy, new_accuracy)
    assert change["diff"] == pytest.approx(new_accuracy - old_accuracy)
    assert "char.labels.I-LOC.support" in metrics["metrics/test.json"]
    assert "entity.types.LOC.support" not in metrics["metrics/test.json"]  # it did not change

    plots = json.loads(project.run("dvc", "plots", "diff", "HEAD~1", "HEAD", "--json").stdout)
    assert sorted(plots["data"]) == [
        "accuracy",
        "entity_f1",
        "loss",
        "metrics/confusion_matrix.json",
        "metrics/entity_types.json",
        "metrics/history.csv",
        "metrics/reliability.json",
    ]
    # So little training finds no entity, whose scores could be drawn.
    assert plots["data"].pop("metrics/reliability.json") == []
    for (plot,) in plots["data"].values():
        assert sorted(plot["revisions"]) == ["HEAD", "HEAD~1"]
        assert vl_convert.vegalite_to_svg(plot["content"], vl_version="5.21").count("<path") > 10
    rows = plots["data"]["metrics/confusion_matrix.json"][0]["content"]["data"]["values"]
    for revision in ("HEAD", "HEAD~1"):
        shown = {(r["actual"], r["predicted"]): r["count"] for r in rows if r["rev"] == revision}
        counted = read_json(project, "metrics/confusion_matrix.json", revision)
        assert shown == {(r["actual"], r["predicted"]): r["count"] for r in counted}


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
        row["count"] for row in read_json(project, "metrics/confusion_matrix.json")
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
