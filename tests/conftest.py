"""Fixtures of several tests."""

from pathlib import Path

import hypothesis
import pytest

from tests.helpers import Project

# Its limit for one example would depend on what else the machine does.
hypothesis.settings.register_profile("no_deadline", deadline=None)
hypothesis.settings.load_profile("no_deadline")


@pytest.fixture
def project(tmp_path) -> Project:
    """The project without its outputs."""
    return Project(tmp_path / "project")


@pytest.fixture
def write(tmp_path):
    """Writes text or bytes to a file of the temporary folder, and returns its path."""

    def write(content: str | bytes, name: str = "corpus.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
