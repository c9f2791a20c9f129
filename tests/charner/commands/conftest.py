"""Fixtures for the tests of the commands."""

from pathlib import Path

import pytest

from tests.helpers import write_small_model


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A model with random weights, which finds many entities."""
    folder = tmp_path_factory.mktemp("model")
    write_small_model(folder)
    return folder
