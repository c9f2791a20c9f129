"""What a stage costs."""

import os
import subprocess
import sys
import time
from pathlib import Path


def measure_stage(name: str, folder: str) -> tuple[float, float]:
    """Runs a stage of the project in the working directory on the data of another folder.

    Returns:
        Its seconds of wall time, and its peak memory in MiB. Ends this program if it fails.
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
