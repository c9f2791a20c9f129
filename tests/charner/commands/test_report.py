import sys

import pytest
import yaml

from charner.commands.report import SUMMARY
from tests.helpers import new_repository


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A repository with two commits, each with another corpus and other scores."""
    project = new_repository(tmp_path_factory.mktemp("report") / "project")
    for base, corpus in ((0.1, "sample"), (0.5, "custom")):
        (project.folder / "metrics").mkdir(exist_ok=True)
        rows = [
            f"{split},{name},{base + place / 100 + number / 1000:.6f}"
            for place, split in enumerate(("valid", "test"))
            for number, name in enumerate([*SUMMARY, "another score"])
        ]
        text = "\n".join(["split,score,value", *rows]) + "\n"
        (project.folder / "metrics/scores.csv").write_text(text)
        parameters = {"params.yaml": {"download.corpus": corpus}}
        lock = yaml.safe_dump({"stages": {"evaluate": {"params": parameters}}})
        (project.folder / "dvc.lock").write_text(lock)
        project.commit(f"scores of {base}")
    return project


def report(project, *arguments: str):
    return project.run(sys.executable, "-m", "charner", "report", *arguments, check=False)


def test_the_main_scores_are_shown_with_a_column_for_each_split(project):
    corpus, splits, *lines = report(project).stdout.splitlines()
    assert corpus.split() == ["corpus", "custom"]
    assert splits.split() == ["valid", "test"]
    assert lines[0].split() == ["character", "accuracy", "0.5000", "0.5100"]
    assert lines[-1].split() == ["entity", "F1", "0.5070", "0.5170"]
    assert len(lines) == len(SUMMARY)


def test_those_of_a_revision_are_shown_beside_them(project):
    titles, corpora, splits, *lines = report(project, "HEAD~1").stdout.splitlines()
    assert titles.split() == ["HEAD~1", "now"]
    assert corpora.split() == ["corpus", "sample", "custom"]
    assert splits.split() == ["valid", "test", "valid", "test"]
    assert lines[-1].split() == ["entity", "F1", "0.1070", "0.1170", "0.5070", "0.5170"]
    assert len({len(line) for line in (titles, corpora, splits, *lines)}) == 1


def test_a_lock_with_conflict_marks_tells_no_corpus(project):
    lock = project.folder / "dvc.lock"
    text = lock.read_text()
    lock.write_text(f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> other\n")
    shown = report(project).stdout
    lock.write_text(text)
    splits, *lines = shown.splitlines()
    assert splits.split() == ["valid", "test"]
    assert len(lines) == len(SUMMARY)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["v9"], "v9: git and DVC know no such revision"),
        (["HEAD~2"], "HEAD~2: has no metrics/scores.csv"),
        (["--metrics", "docs"], "docs/scores.csv: no scores here; `dvc repro` makes them"),
        (["--metrics", "old"], "old/scores.csv: scores from another version of this project"),
    ],
)
def test_what_cannot_be_shown_is_told_in_a_line(project, arguments, expected):
    (project.folder / "old").mkdir(exist_ok=True)
    (project.folder / "old/scores.csv").write_text("split,value\nvalid,1\n")
    done = report(project, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {expected}")
    assert done.stderr.count("\n") == 1
