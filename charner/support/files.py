"""Writing of files and folders, so that none is ever half-written."""

import contextlib
import csv
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing(*paths: str | Path) -> Iterator[tuple[Path, ...]]:
    """Yields a temporary path next to each given path; at the end they replace the given paths.

    If the block fails, the temporary files and folders are removed, and `paths` are unchanged.
    Otherwise each path is replaced by one rename: a process that is killed between two renames
    leaves some paths new and some old, but none half-written.
    """
    targets = [Path(path) for path in paths]
    temporaries = tuple(target.with_name(f".{target.name}.partial") for target in targets)
    for temporary in temporaries:
        temporary.parent.mkdir(parents=True, exist_ok=True)
        _remove(temporary)
    try:
        yield temporaries
        for temporary, target in zip(temporaries, targets, strict=True):
            if target.is_dir():
                _remove(target)
            temporary.replace(target)
    finally:
        for temporary in temporaries:
            _remove(temporary)


def write_json(path: Path, content: object) -> None:
    """Writes `content` as indented UTF-8 JSON with a final newline."""
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Writes rows, each with a value for each column, as CSV in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
