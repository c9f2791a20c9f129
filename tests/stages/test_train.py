import re
import subprocess
import sys

import pandas as pd
import yaml

from charner.training.recorded_run import recorded_output

OTHER_WEIGHTS = "the weights are not those of dvc.lock"


def test_what_is_told(project):
    project.set_params({"train": {"epochs": 2, "batch_size": 16, "min_steps": 30}})
    told = project.stage("train").stdout
    assert "train: 260 sentences, 25 documents; valid: 64 sentences, 7 documents\n" in told
    assert re.search(r"^entities in train: LOC [1-9]\d+, MISC [1-9]", told, re.MULTILINE)
    assert re.search(r"^types with fewer than 20 entities in train: ", told, re.MULTILINE)
    assert re.search(r"^entities of valid that are not in train: \d+ of \d+ ", told, re.MULTILINE)
    steps = re.search(
        r"^steps: (\d+) in 2 epochs; an epoch reads train (\d) times, in (\d+) batches of about 8",
        told,
        re.MULTILINE,
    )
    assert steps
    total, times, batches = map(int, steps.groups())
    assert times > 1
    assert batches >= 30
    assert total == 2 * batches
    assert re.search(r"^model: cnn_lstm_crf, [\d,]+ parameters$", told, re.MULTILINE)
    first, second = re.findall(r"^epoch \d: .* \| \d+ s, (.*) left at most$", told, re.MULTILINE)
    assert re.fullmatch(r"[1-9]\d* s", first)
    assert second == "0 s"


def test_the_history_of_a_training_that_is_under_way_can_be_read(project):
    model = project.contents("models")
    project.set_params({"train": {"epochs": 500, "patience": 500}})
    training = subprocess.Popen(
        [sys.executable, "-m", "stages.train"],
        cwd=project.folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert training.stdout is not None
    path = project.folder / "metrics/history.csv"
    for line in training.stdout:
        if found := re.match(r"epoch (\d+):", line):
            # Never less than what was told, and never a line in part.
            assert len(pd.read_csv(path).dropna()) >= int(found[1])
            if found[1] == "3":
                break
    training.kill()
    training.wait()
    assert project.contents("models") == model


def test_a_change_of_parameters_during_the_training_is_told(project):
    """Otherwise dvc.lock would say that the model was trained with the new ones."""
    model = project.contents("models")
    (project.folder / "models/weights.safetensors").unlink()
    training = subprocess.Popen(
        [sys.executable, "-m", "stages.train"],
        cwd=project.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert training.stdout is not None
    assert any(line.startswith("steps: ") for line in training.stdout)  # it has read them
    project.set_params({"train": {"epochs": 1}})
    told = training.communicate()[1]
    assert training.returncode == 1
    assert told.splitlines()[-1].startswith("error: params.yaml: changed while this ")
    assert not (project.folder / "models/weights.safetensors").exists()

    project.run("git", "restore", "params.yaml")
    told = project.stage("train").stdout
    assert "it resumes after epoch 2\n" in told
    assert OTHER_WEIGHTS not in told
    assert project.contents("models") == model


def test_other_weights_than_those_of_the_lock_are_told(project):
    lock = project.folder / "dvc.lock"
    of_stage = yaml.safe_load(lock.read_text())["stages"]["train"]
    weights = "models/weights.safetensors"
    (recorded,) = (out["md5"] for out in of_stage["outs"] if out["path"] == weights)
    lock.write_text(lock.read_text().replace(recorded, "f" * 32))
    assert OTHER_WEIGHTS in project.stage("train").stdout

    # Those of other code or parameters are not compared.
    parameters = of_stage["params"]["params.yaml"]
    assert recorded_output(lock, "train", parameters, weights) == "f" * 32
    whole = lock.read_text()
    for damaged in (f"<<<<<<< HEAD\n{whole}", "", "stages:\n  train: 1\n", "- 1\n"):
        lock.write_text(damaged)
        assert recorded_output(lock, "train", parameters, weights) is None
    lock.write_text(whole)
    assert recorded_output(lock, "train", {**parameters, "train": {}}, weights) is None
    code = project.folder / "charner/models/crf.py"
    code.write_text(code.read_text() + "# a change")
    assert recorded_output(lock, "train", parameters, weights) is None
