"""Runs a stage with other settings, and measures its time and memory."""

import os
import subprocess
import sys
import time
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any


def measure_stage(name: str, folder: str) -> tuple[float, float]:
    """Runs a stage of this project on the data of another folder; ends the program if it fails.

    Returns:
        Its wall time in seconds, and its peak memory in MiB.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", f"stages.{name}"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        sys.exit("the stage failed")
    return seconds, usage.ru_maxrss / 1024


def change(settings: dict[str, Any], changes: dict[str, Any]) -> None:
    """Changes values of params.yaml, by their names with dots, as `dvc exp run -S` takes them."""
    for name, value in changes.items():
        *sections, last = name.split(".")
        reduce(getitem, sections, settings)[last] = value
