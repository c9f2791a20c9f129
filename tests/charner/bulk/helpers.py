"""Inputs of bulk runs, and what they write."""

import json
from pathlib import Path

import pyarrow
import pyarrow.parquet

from charner.bulk.run import BulkRun
from charner.corpus.strict_json import json_object

TEXTS = ["ab cd. a", "", "gh AB c", "é 😀 ab", "cd " * 40, "ab"]


def begin(inputs: Path | str | list, output: Path | str, model: Path, **changes) -> BulkRun:
    """A run with these options, but for the changes."""
    given = [*map(str, inputs if isinstance(inputs, list) else [inputs])]
    options = {"text_field": "text", "min_score": 0.0, "part_size": 1000, "skip_bad": False}
    return BulkRun(given, str(output), model, **{**options, **changes})


def json_lines(path: Path, texts: list[str] = TEXTS) -> Path:
    path.write_text("".join(json.dumps({"id": n, "text": t}) + "\n" for n, t in enumerate(texts)))
    return path


def parquet(path: Path, texts: list[str | None], rows: int = 2, **columns) -> Path:
    table = pyarrow.table({"id": [*range(len(texts))], "text": texts, **columns})
    pyarrow.parquet.write_table(table, path, row_group_size=rows)
    return path


def written(folder: Path) -> list[dict]:
    """The rows of all parts of JSON lines, in their order."""
    paths = sorted(folder.glob("part-*.jsonl"))
    return [json_object(line, "") for path in paths for line in path.read_text().splitlines()]
