"""`charner report`: the main scores of the last run, or of two revisions side by side."""

import csv
import subprocess
from argparse import Namespace
from pathlib import Path
from typing import Any

from charner.evaluation.report import TITLES
from charner.support.errors import InputError, one_line
from charner.support.process import raise_on_ctrl_c

SPLITS = ("valid", "test")
SUMMARY = (
    *("character_accuracy", "character_macro_f1", "character_weighted_f1"),
    *("token_accuracy", "token_macro_f1", "entity_precision", "entity_recall", "entity_f1"),
)
WIDTH = 8  # of a score
TITLE_WIDTH = max(len(TITLES[name]) for name in SUMMARY)

Scores = dict[tuple[str, str], float]
"""The main scores, by split and name."""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "report",
        help="print the main scores of the last run",
        description="Prints the main scores of valid and test that the evaluate stage wrote, and"
        " beside them those of a revision.",
    )
    parser.add_argument(
        "revision",
        nargs="?",
        metavar="REVISION",
        help="a commit, branch or tag of git, or the name of an experiment of DVC",
    )
    parser.add_argument("--metrics", default="metrics", metavar="FOLDER", help="default: metrics")
    parser.set_defaults(run=report)


def report(arguments: Namespace) -> int:
    """Prints the main scores of valid and test, and of which corpus; returns the exit code.

    Raises:
        InputError: there are no scores, or no such revision.
    """
    raise_on_ctrl_c()
    path = Path(arguments.metrics, "scores.csv")
    if not path.exists():
        raise InputError(f"{path}: no scores here; `dvc repro` makes them")
    lock = Path(arguments.metrics).parent / "dvc.lock"
    corpora = [_corpus(lock.read_text("utf-8", "replace")) if lock.is_file() else ""]
    runs = [_scores(path.read_text("utf-8", "replace"), str(path))]
    group = WIDTH * len(SPLITS)
    if revision := arguments.revision:
        runs = [_scores(_text_at(revision, path), f"{revision}:{path}"), *runs]
        corpora = [_corpus(_text_at(revision, lock)) if corpora[0] else "", *corpora]
        _print_line("", [revision[: group - 1], "now"], group)
    if corpora[-1]:
        _print_line("corpus", [corpus[: group - 1] for corpus in corpora], group)
    _print_line("", [*SPLITS] * len(runs), WIDTH)
    for name in SUMMARY:
        cells = [f"{scores[split, name]:.4f}" for scores in runs for split in SPLITS]
        _print_line(TITLES[name], cells, WIDTH)
    return 0


def _print_line(name: str, cells: list[str], width: int) -> None:
    print(f"{name:{TITLE_WIDTH}}" + "".join(f"{cell:>{width}}" for cell in cells))


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


def _scores(text: str, location: str) -> Scores:
    try:
        rows = csv.DictReader(text.splitlines())
        # Revisions before version 0.2.0 have the titles in place of the names.
        names = {title: name for name, title in TITLES.items()}
        values = {
            (row["split"], names.get(row["score"], row["score"])): row["value"] for row in rows
        }
        scores = {(split, name): float(values[split, name]) for split in SPLITS for name in SUMMARY}
        if not all(score >= 0 for score in scores.values()):
            raise ValueError
    except (KeyError, TypeError, ValueError, csv.Error):
        raise InputError(
            f"{location}: scores from another version of this project; `dvc repro` makes new ones"
        ) from None
    return scores
