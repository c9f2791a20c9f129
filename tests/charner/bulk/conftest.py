"""Fixtures for tests of bulk runs."""

import json
from pathlib import Path

import pytest

from charner.bulk.run import BulkRun, Options
from charner.bulk.tag_part import tag_part
from charner.support.errors import InputError


@pytest.fixture
def run(tmp_path, model):
    """A function that tags inputs, into the folder `output` unless told; returns the totals."""

    def run(
        *inputs: Path | str,
        model: Path = model,
        text_field: str = "text",
        min_score: float = 0.0,
        part_size: int = 60,
        skip_bad: bool = False,
        output: str | None = None,
    ) -> dict:
        options = Options(text_field, min_score, part_size)
        folder = str(tmp_path / "output") if output is None else output
        started = BulkRun([*map(str, inputs)], folder, model, options, skip_bad)
        for description in started.waiting:
            receipt = tag_part(json.loads(json.dumps(description)))  # plain
            if "problem" in receipt:
                raise InputError(receipt["problem"])
        return {"tagged": len(started.waiting), "parts": len(started.parts), **started.finish()}

    return run
