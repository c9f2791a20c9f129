"""Fixtures for tests of bulk runs."""

import json
from pathlib import Path

import pytest

from charner.bulk.run import BulkRun
from charner.bulk.tag_part import tag_part
from charner.support.errors import InputError


@pytest.fixture
def run(tmp_path, model):
    """A function that tags inputs, by default into the folder `output`; returns the totals."""

    def run(
        *inputs: Path | str,
        model: Path = model,
        text_field: str = "text",
        min_score: float = 0.0,
        part_size: int = 60,
        skip_bad: bool = False,
        output: str | None = None,
    ) -> dict:
        started = BulkRun(
            [*map(str, inputs)],
            str(tmp_path / "output") if output is None else output,
            model,
            text_field=text_field,
            min_score=min_score,
            part_size=part_size,
            skip_bad=skip_bad,
        )
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
