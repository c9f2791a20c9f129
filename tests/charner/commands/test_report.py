import sys

import pytest
import yaml

from charner.commands.report import SUMMARY
from charner.evaluation.report import TITLES
from tests.helpers import Project, copy_of_project, new_repository, start_repository


@pytest.fixture(scope="module", params=["whole", "subfolder"])
def project(request, tmp_path_factory) -> Project:
    """A repository with two commits and an experiment, each with another corpus and other scores.

    The project is the whole repository, or lies in a subfolder of it.
    """
    root = tmp_path_factory.mktemp("report") / "project"
    if request.param == "whole":
        project = new_repository(root)
    else:
        project = copy_of_project(root / "a/b")
        start_repository(Project(root))
    # DVC saves an experiment only if all outputs are there: this stage has one.
    metrics = [{"metrics/scores.csv": {"cache": False}}]
    stages = {
        "stages": {"evaluate": {"cmd": "true", "params": ["download.corpus"], "metrics": metrics}}
    }
    (project.folder / "dvc.yaml").write_text(yaml.safe_dump(stages))
    for base, corpus in ((0.1, "sample"), (0.5, "custom")):
        write_scores(project, base, corpus)
        project.commit(f"scores of {base}")
    write_scores(project, 0.3, "conll2003")
    project.run("dvc", "exp", "save", "--name", "promising")
    project.run("git", "restore", ".")
    project.run("git", "tag", "v1", "HEAD~1")
    project.run("git", "branch", "old", "HEAD~1")
    return project


def write_scores(project: Project, base: float, corpus: str) -> None:
    (project.folder / "metrics").mkdir(exist_ok=True)
    # Older revisions have titles.
    names = [TITLES[name] for name in SUMMARY] if corpus == "sample" else SUMMARY
    rows = [
        f"{split},{name},{base + place / 100 + number / 1000:.6f}"
        for place, split in enumerate(("valid", "test"))
        for number, name in enumerate([*names, "another score"])
    ]
    text = "\n".join(["split,score,value", *rows]) + "\n"
    (project.folder / "metrics/scores.csv").write_text(text)
    project.set_params({"download": {"corpus": corpus}})
    parameters = {"params.yaml": {"download.corpus": corpus}}
    stage = {"cmd": "true", "params": parameters}
    lock = {"schema": "2.0", "stages": {"evaluate": stage}}
    (project.folder / "dvc.lock").write_text(yaml.safe_dump(lock))


def report(project, *arguments: str):
    return project.run(sys.executable, "-m", "charner", "report", *arguments, check=False)


def test_the_main_scores_are_shown_with_a_column_for_each_split(project):
    corpus, splits, *lines = report(project).stdout.splitlines()
    assert corpus.split() == ["corpus", "custom"]
    assert splits.split() == ["valid", "test"]
    assert lines[0].split() == ["character", "accuracy", "0.5000", "0.5100"]
    assert lines[-1].split() == ["entity", "F1", "0.5070", "0.5170"]
    assert len(lines) == len(SUMMARY)


@pytest.mark.parametrize(
    ("revision", "corpus", "scores"),
    [
        ("HEAD~1", "sample", ["0.1070", "0.1170"]),
        ("v1", "sample", ["0.1070", "0.1170"]),
        ("old", "sample", ["0.1070", "0.1170"]),
        ("promising", "conll2003", ["0.3070", "0.3170"]),
    ],
)
def test_those_of_a_revision_are_shown_beside_them(project, revision, corpus, scores):
    titles, corpora, splits, *lines = report(project, revision).stdout.splitlines()
    assert titles.split() == [revision, "now"]
    assert corpora.split() == ["corpus", corpus, "custom"]
    assert splits.split() == ["valid", "test", "valid", "test"]
    assert lines[-1].split() == ["entity", "F1", *scores, "0.5070", "0.5170"]
    assert len({len(line) for line in (titles, corpora, splits, *lines)}) == 1


@pytest.mark.parametrize("damage", ["conflict", "empty", "bytes", "list", "deep", "digits"])
def test_a_damaged_lock_tells_no_corpus(project, damage):
    lock = project.folder / "dvc.lock"
    text = lock.read_bytes()
    damaged = {
        "conflict": b"<<<<<<< HEAD\n" + text + b"=======\n" + text + b">>>>>>> other\n",
        "empty": b"",
        "bytes": b"\xff",
        "list": b"- 1",
        "deep": b"stages: " + b"[" * 20_000,
        "digits": b"stages: " + b"9" * 5_000,
    }
    lock.write_bytes(damaged[damage])
    shown = report(project).stdout
    lock.write_bytes(text)
    splits, *lines = shown.splitlines()
    assert splits.split() == ["valid", "test"]
    assert len(lines) == len(SUMMARY)


def test_a_lock_cannot_command_the_terminal(project):
    lock = project.folder / "dvc.lock"
    text = lock.read_bytes()
    lock.write_text(
        'stages: {evaluate: {params: {params.yaml: {download.corpus: "a\\e[2J\\nb"}}}}\n'
    )
    shown = report(project).stdout
    lock.write_bytes(text)
    assert shown.splitlines()[0].split() == ["corpus", "a\ufffd[2J", "b"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["\udcff"], "\ufffd: git and DVC know no such revision"),
        (["v9"], "v9: git and DVC know no such revision"),
        (["HEAD~2"], "HEAD~2: has no metrics/scores.csv"),
        (["--metrics", "docs"], "docs/scores.csv: no scores here; `dvc repro` makes them"),
        (["--metrics", "bytes"], "bytes/scores.csv: scores from another version of this project"),
        (["--metrics", "old"], "old/scores.csv: scores from another version of this project"),
    ],
)
def test_what_cannot_be_shown_is_reported_in_a_line(project, arguments, expected):
    (project.folder / "old").mkdir(exist_ok=True)
    (project.folder / "old/scores.csv").write_text("split,value\nvalid,1\n")
    (project.folder / "bytes").mkdir(exist_ok=True)
    (project.folder / "bytes/scores.csv").write_bytes(b"split,value\xff\n" + b"a" * 200_000)
    done = report(project, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {expected}")
    assert done.stderr.count("\n") == 1
