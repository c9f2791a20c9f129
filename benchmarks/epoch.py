"""Seconds of an epoch of training at other commits and now, each with its params.yaml, in turn.

Run it from the project's root, after the download stage, with nothing else running:

    python -m benchmarks.epoch f30d227
    python -m benchmarks.epoch f30d227 --cores 1

Each commit is checked out in a folder of its own; all run with the libraries of this environment.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from benchmarks.sweep import TIME

EPOCHS = 2


def seconds_of_epoch(code: Path) -> float:
    """Encodes data/raw and trains, with the code and params.yaml of a folder."""
    settings = yaml.safe_load((code / "params.yaml").read_text("utf-8"))
    settings["train"] |= {"epochs": EPOCHS}
    if "threads" in settings["train"]:  # of earlier commits
        settings["train"]["threads"] = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        for part in ("raw", "vectors"):
            (folder / "data" / part).symlink_to(Path.cwd() / "data" / part)
        (folder / "params.yaml").write_text(yaml.safe_dump(settings), "utf-8")
        for stage in ("char_encode", "train"):
            output = subprocess.run(
                [sys.executable, "-m", f"stages.{stage}"],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(code)},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout
    trained = TIME.search(output) or sys.exit(f"no time in the output:\n{output}")
    return int(trained[1]) / EPOCHS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("commits", nargs="+")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    # The programs that this one starts inherit its cores.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.cores])
    with tempfile.TemporaryDirectory() as name:
        code: dict[str, Path] = {}
        try:
            for commit in arguments.commits:
                folder = Path(name, commit)
                subprocess.run(["git", "worktree", "add", "--detach", folder, commit], check=True)
                code[commit] = folder
            code["now"] = Path.cwd()
            seconds: dict[str, list[float]] = {commit: [] for commit in code}
            for _ in range(arguments.rounds):
                for commit, folder in code.items():
                    seconds[commit].append(seconds_of_epoch(folder))
        finally:
            for folder in code.values():
                if folder != Path.cwd():
                    subprocess.run(["git", "worktree", "remove", "--force", folder], check=True)
    now = statistics.median(seconds["now"])
    print("| commit | seconds per epoch | times that of now |\n|---|---:|---:|")
    for commit, rounds in seconds.items():
        median = statistics.median(rounds)
        print(f"| {commit} | {median:.1f} | {median / now:.2f} |")


if __name__ == "__main__":
    main()
