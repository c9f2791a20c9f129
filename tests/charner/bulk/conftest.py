"""Fixtures for tests of bulk runs."""

import json
from pathlib import Path

import pytest

from charner.bulk.tag_part import tag_part
from charner.support.errors import InputError
from tests.charner.bulk.helpers import begin


@pytest.fixture
def run(tmp_path, model):
    """A function that tags inputs, by default into the folder `output`; returns the totals."""

    def run(*inputs: Path | str, model: Path = model, output: str | None = None, **changes) -> dict:
        folder = tmp_path / "output" if output is None else output
        started = begin([*inputs], folder, model, **{"part_size": 60, **changes})
        for description in started.waiting:
            receipt = tag_part(json.loads(json.dumps(description)))  # plain
            if "problem" in receipt:
                raise InputError(receipt["problem"])
        return {"tagged": len(started.waiting), "parts": len(started.parts), **started.finish()}

    return run


@pytest.fixture
def fs(bucket):
    """The file system of the bucket."""
    import s3fs  # takes a while

    return s3fs.S3FileSystem()
