"""`charner report`: the main scores of the last run, or of two revisions side by side."""

import csv
import subprocess
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from charner.support.errors import InputError, one_line

SPLITS = ("valid", "test")
SUMMARY = (
    "character accuracy",
    "character macro F1",
    "character weighted F1",
    "token accuracy",
    "token macro F1",
    "entity precision",
    "entity recall",
    "entity F1",
)
WIDTH = 8  # of a score

Scores = dict[tuple[str, str], str]
"""The value of each score, by split and name."""


class Column(NamedTuple):
    """The scores of a run; the corpus is empty where dvc.lock does not tell it."""

    title: str
    corpus: str
    scores: Scores


def report(arguments: Namespace) -> int:
    """Prints the main scores of valid and test, and of which corpus; returns the exit code.

    Raises:
        InputError: there are no scores, or no such revision.
    """
    path = Path(arguments.metrics, "scores.csv")
    lock = Path(arguments.metrics).parent / "dvc.lock"
    corpus = _corpus(lock.read_text("utf-8", "replace")) if lock.is_file() else ""
    columns = [Column("now", corpus, _scores(_lines(path), str(path)))]
    if revision := arguments.revision:
        scores = _scores(_text_at(revision, path).splitlines(), f"{revision}:{path}")
        of_revision = _corpus(_text_at(revision, lock)) if corpus else ""
        columns.insert(0, Column(revision, of_revision, scores))
    width = max(map(len, SUMMARY))
    group = WIDTH * len(SPLITS)
    if revision:
        print(" " * width + "".join(f"{column.title[: group - 1]:>{group}}" for column in columns))
    if corpus:
        names = (f"{column.corpus[: group - 1]:>{group}}" for column in columns)
        print(f"{'corpus':{width}}" + "".join(names))
    print(" " * width + "".join(f"{split:>{WIDTH}}" for _ in columns for split in SPLITS))
    for name in SUMMARY:
        cells = (float(column.scores[split, name]) for column in columns for split in SPLITS)
        print(f"{name:{width}}" + "".join(f"{cell:{WIDTH}.4f}" for cell in cells))
    return 0


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        raise InputError(f"{path}: no scores here; `dvc repro` makes them") from None


def _corpus(lock: str) -> str:
    """The corpus that was scored by the run that dvc.lock records; empty if it records none."""
    try:
        import yaml  # not in a tagger without the pipeline
    except ImportError:
        return ""
    try:
        scored = yaml.safe_load(lock)["stages"]["evaluate"]
        return one_line(str(scored["params"]["params.yaml"]["download.corpus"]))
    except Exception:  # in a merge, dvc.lock may have conflict marks; it may hold anything
        return ""


def _text_at(revision: str, path: Path) -> str:
    """The content of a file in a revision of git, or in an experiment of DVC, by its name."""
    try:
        from dvc.exceptions import DvcException
        from dvc.repo import Repo
        from dvc.scm import NoSCMError, RevError, resolve_rev
    except ImportError:
        raise InputError("a revision can be shown only where DVC is installed") from None
    folder = path.absolute().parent
    try:
        with Repo(str(folder)) as repo:
            commit = resolve_rev(repo.scm, revision)
    except (RevError, NoSCMError, AttributeError, ValueError):  # without git; no name at all
        raise InputError(f"{revision}: git and DVC know no such revision") from None
    except DvcException as error:
        raise InputError(f"{revision}: {error}") from None
    # Git reads it relative to the folder, since the project may be a part of a git repository.
    command = ("git", "-C", str(folder), "show", f"{commit}:./{path.name}")
    shown = subprocess.run(command, capture_output=True)
    if shown.returncode:
        raise InputError(f"{revision}: has no {path}")
    return shown.stdout.decode("utf-8", "replace")


def _scores(lines: Iterable[str], place: str) -> Scores:
    try:
        found = {(row["split"], row["score"]): row["value"] for row in csv.DictReader(lines)}
        if not all(float(found[split, name]) >= 0 for split in SPLITS for name in SUMMARY):
            raise ValueError
    except (KeyError, TypeError, ValueError, csv.Error):
        raise InputError(
            f"{place}: scores from another version of this project; `dvc repro` makes new ones"
        ) from None
    return found
