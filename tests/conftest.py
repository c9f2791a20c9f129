"""Fixtures for several tests."""

from pathlib import Path

import hypothesis
import pytest

from tests.helpers import STAGES, Project, copy_of_project, new_repository

# Its time limit for one example would depend on what else runs on the machine.
hypothesis.settings.register_profile("no_deadline", deadline=None)
hypothesis.settings.load_profile("no_deadline")


@pytest.fixture
def fresh_project(tmp_path) -> Project:
    """A copy of the project without its outputs, git and dvc."""
    return copy_of_project(tmp_path / "project")


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory) -> Project:
    """A repository in which the pipeline has run once; everything is committed."""
    project = new_repository(tmp_path_factory.mktemp("pipeline") / "project")
    assert project.repro() == STAGES
    project.commit("first run")
    return project


@pytest.fixture
def project(pipeline):
    """The same repository; after the test it is reset to its first run."""
    head = pipeline.run("git", "rev-parse", "HEAD").stdout.strip()
    yield pipeline
    pipeline.run("git", "reset", "--quiet", "--hard", head)
    pipeline.run("git", "clean", "--quiet", "--force", "-d")
    pipeline.run("git", "clean", "--quiet", "--force", "-x", "data/custom")  # git ignores its files
    pipeline.run("dvc", "checkout", "--quiet")


@pytest.fixture
def write(tmp_path):
    """A function that writes text or bytes to a file in the temporary folder; returns its path."""

    def write(content: str | bytes, name: str = "corpus.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
