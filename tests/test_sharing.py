"""What is trained once is shared: through remotes of DVC, and with other projects."""

import os
import sys

import pytest

from tests.helpers import STAGES, Project


@pytest.fixture
def other(tmp_path) -> Project:
    """Another project, with git and DVC."""
    (tmp_path / "other").mkdir()
    other = Project(tmp_path / "other")
    other.run("git", "init", "--quiet")
    other.run("git", "config", "user.name", "tester")
    other.run("git", "config", "user.email", "tester@localhost")
    other.run("dvc", "init", "--quiet")
    return other


def add_remote(project: Project, url: str) -> None:
    project.run("dvc", "remote", "add", "--default", "store", url)
    if url.startswith("s3:"):
        endpoint = os.environ["AWS_ENDPOINT_URL"]
        project.run("dvc", "remote", "modify", "store", "endpointurl", endpoint)
    project.commit("a remote")


@pytest.mark.slow
def test_a_second_clone_gets_all_from_s3_and_runs_nothing(project, bucket, tmp_path):
    add_remote(project, f"s3://{bucket}/dvc")
    project.run("dvc", "push")
    clone = project.clone(tmp_path / "clone")
    clone.run("dvc", "pull")
    assert clone.contents("models") == project.contents("models")
    assert clone.repro() == []
    (clone.folder / "text.txt").write_text("Anna Berg met Tom Hale in Oslo.\n")
    tagged = clone.run(sys.executable, "-m", "charner", "tag", "text.txt").stdout
    assert '"entities"' in tagged


def test_another_project_gets_the_model(project, other, tmp_path):
    add_remote(project, str(tmp_path / "store"))
    project.run("dvc", "push")
    url = str(project.folder)
    model = project.contents("models")
    other.run("dvc", "get", url, "models")
    assert other.contents("models") == model
    other.run("dvc", "import", url, "models", "--out", "tagger")
    assert {name.split("/")[1]: content for name, content in other.contents("tagger").items()} == {
        name.split("/")[1]: content for name, content in model.items()
    }
    assert (other.folder / "tagger.dvc").is_file()
    program = (
        "import dvc.api, sys;"
        f"content = dvc.api.read('models/model.json', repo={url!r}, mode='rb');"
        "sys.stdout.buffer.write(content)"
    )
    read = other.run(sys.executable, "-c", program).stdout
    assert read.encode() == model["models/model.json"]


def test_a_version_of_the_model_is_a_tag(project, other, tmp_path):
    add_remote(project, str(tmp_path / "store"))
    project.run("dvc", "push")
    model = project.contents("models")
    project.run("gto", "register", "entity-tagger", "--version", "v1.0.0")
    (project.folder / "models/temperature.json").write_text("another model's")
    project.run("dvc", "commit", "--force", "calibrate")
    project.commit("another model")
    url = str(project.folder)
    other.run("dvc", "artifacts", "get", url, "entity-tagger", "--rev", "v1.0.0")
    assert other.contents("models") == model


@pytest.mark.slow
def test_what_one_clone_has_trained_another_with_the_same_cache_need_not(fast_project, tmp_path):
    clone = fast_project.clone(tmp_path / "clone")
    clone.run("dvc", "cache", "dir", "--local", str(fast_project.folder / ".dvc/cache"))
    for project in (fast_project, clone):
        project.set_params({"train": {"seed": 2}})
    assert fast_project.repro() == STAGES[2:]
    assert clone.repro() == []
    assert clone.contents("models", "metrics") == fast_project.contents("models", "metrics")
