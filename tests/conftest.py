"""Fixtures of several tests."""

from pathlib import Path

import hypothesis
import pytest

from tests.helpers import STAGES, Project, copy_of_project, new_repository

# Its limit for one example would depend on what else the machine does.
hypothesis.settings.register_profile("no_deadline", deadline=None)
hypothesis.settings.load_profile("no_deadline")


@pytest.fixture
def fresh_project(tmp_path) -> Project:
    """The project without its outputs, and without git and dvc."""
    return copy_of_project(tmp_path / "project")


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory) -> Project:
    """A repository in which the pipeline ran once, all committed."""
    project = new_repository(tmp_path_factory.mktemp("pipeline") / "project")
    assert project.repro() == STAGES
    project.commit("first run")
    return project


@pytest.fixture
def project(pipeline):
    """The same, brought back to its first run after the test."""
    head = pipeline.run("git", "rev-parse", "HEAD").stdout.strip()
    yield pipeline
    pipeline.run("git", "reset", "--quiet", "--hard", head)
    pipeline.run("git", "clean", "--quiet", "--force", "-d")
    pipeline.run("dvc", "checkout", "--quiet")


@pytest.fixture
def write(tmp_path):
    """Writes text or bytes to a file of the temporary folder, and returns its path."""

    def write(content: str | bytes, name: str = "corpus.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
