import re
import sys

import pandas as pd

from charner.support.process import raise_on_ctrl_c
from tests.helpers import Project, example


def start(project: Project):
    return project.start(sys.executable, "-m", "stages.train")


def test_what_is_told(first_run):
    told = (first_run / "first_run.txt").read_text()
    assert "train: 260 sentences, 25 documents; valid: 64 sentences, 7 documents\n" in told
    assert "\n1 of 260 sentences of train are cut to 150 characters\n" in told
    assert re.search(r"^entities in train: LOC [1-9]\d+, MISC [1-9]", told, re.MULTILINE)
    assert re.search(r"^types with fewer than 20 entities in train: ", told, re.MULTILINE)
    assert re.search(r"^entities of valid that are not in train: \d+ of \d+ ", told, re.MULTILINE)
    steps = re.search(
        r"^steps: (\d+) in 3 epochs; an epoch reads train (\d) times, in (\d+) batches of about 4",
        told,
        re.MULTILINE,
    )
    assert steps
    total, times, batches = map(int, steps.groups())
    assert times > 1
    assert batches >= 50
    assert total == 3 * batches
    assert re.search(r"^model: cnn_lstm_crf, [\d,]+ parameters$", told, re.MULTILINE)
    first, _, last = re.findall(r"^epoch \d: .* \| \d+ s, (.*) left at most$", told, re.MULTILINE)
    assert re.fullmatch(r"[1-9]\d* s", first)
    assert last == "0 s"


def test_a_corpus_without_documents_and_types_that_train_has_not():
    from stages.train import overview

    raise_on_ctrl_c()  # which ends the process at once since the import
    train, valid = [example("ab"), example("b")] * 20, [example("ab"), example("ac", "ad")]
    assert [*overview(train, valid, ["X", "Y"])] == [
        "train: 40 sentences, no documents, each sentence by itself;"
        " valid: 2 sentences, no documents, each sentence by itself",
        "entities in train: X 20, Y 0",
        "types with fewer than 20 entities in train: Y",
        "entities of valid that are not in train: 2 of 3 (67%)",
    ]
    *_, rare, _ = overview(train, valid, ["X"])
    assert rare == "types with fewer than 20 entities in train: none"


def test_a_training_that_was_killed_and_then_failed_ends_with_the_same_bytes(project):
    """In another folder, and at another time, than the first run."""
    model = project.contents("models")
    history = project.folder / "metrics/history.csv"
    weights = project.folder / "models/weights.safetensors"

    with start(project) as training:
        for line in training.stdout:
            if epoch := re.match(r"epoch (\d+):", line):
                # Never less than what was told, and never a line in part.
                assert len(pd.read_csv(history).dropna()) >= int(epoch[1])
                training.kill()
    assert training.returncode < 0
    assert project.contents("models") == model

    weights.unlink()
    with start(project) as training:
        told = ""
        for line in training.stdout:
            told += line
            if line.startswith("steps: "):  # it has read the parameters
                project.set_params({"train": {"epochs": 1}})
    assert training.returncode == 1
    assert re.search(r"^this training was stopped: it resumes after epoch \d$", told, re.MULTILINE)
    # Otherwise dvc.lock would say that the model was trained with the new ones.
    assert told.splitlines()[-1].startswith("error: params.yaml: changed while this ")
    assert not weights.exists()

    project.run("git", "restore", "params.yaml")
    assert "it resumes after epoch 3\n" in project.stage("train").stdout
    assert project.contents("models") == model
