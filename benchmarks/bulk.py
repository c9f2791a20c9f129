"""Speed and memory of `charner tag-all` with one and two workers on this machine.

The text is that of CoNLL-2003, a document in each row, as often as is needed for the size, cut into
PARTS parts or more. The runs take turns; the start-up is the time of a run with a single row. Run
it from the project's root, after `dvc repro`, with nothing else running:

    python -m benchmarks.bulk                                   # 5 MB, three rounds
    python -m benchmarks.bulk --megabytes 200 --rounds 1 --workers 2
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.tagging import as_text, corpus

PARTS = 20  # enough that no worker has much more to do than the other
LARGEST_PART = 8  # megabytes, the default of tag-all


class Run(NamedTuple):
    seconds: float
    tokens: int
    memory: int  # bytes; the most that one process had


def write_input(path: Path, size: int) -> None:
    """Writes about `size` bytes, at least one row."""
    with path.open("w", encoding="utf-8") as file:
        for document in cycle(corpus()):
            file.write(json.dumps({"text": as_text(document)}) + "\n")
            if file.tell() >= size:
                return


def measure(path: Path, output: Path, workers: int, part_size: float) -> Run:
    started = time.perf_counter()
    command = [
        *(sys.executable, "-m", "charner", "tag-all", str(path), "--output", str(output)),
        *("--workers", str(workers), "--part-size", str(part_size)),
    ]
    process = psutil.Popen(command, stdout=subprocess.DEVNULL)
    memory = 0
    while process.poll() is None:
        try:
            family = [process, *process.children(recursive=True)]
            memory = max([memory, *(one.memory_info().rss for one in family)])
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.1)
    seconds = time.perf_counter() - started
    if process.returncode:
        sys.exit("tag-all failed")
    totals = json.loads((output / "_SUCCESS").read_text(encoding="utf-8"))
    return Run(seconds, totals["tokens"], memory)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--megabytes", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    part_size = min(LARGEST_PART, arguments.megabytes / PARTS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_input(folder / "row.jsonl", 1)
        write_input(folder / "input.jsonl", int(arguments.megabytes * 1_000_000))
        print("| workers | tokens | seconds | of which start-up | tokens per second | MiB |")
        print("|---:|---:|---:|---:|---:|---:|", flush=True)
        runs: dict[int, list[tuple[Run, Run]]] = {workers: [] for workers in arguments.workers}
        for number in range(arguments.rounds):
            for workers, measured in runs.items():
                output = f"{workers}-{number}"
                one_row = measure(
                    folder / "row.jsonl", folder / f"row-{output}", workers, part_size
                )
                rows = measure(folder / "input.jsonl", folder / output, workers, part_size)
                measured.append((one_row, rows))
        for workers, measured in runs.items():
            start = statistics.median(one_row.seconds for one_row, _ in measured)
            seconds = statistics.median(rows.seconds for _, rows in measured)
            tokens = measured[0][1].tokens
            memory = max(rows.memory for _, rows in measured) / 2**20
            rate = tokens / (seconds - start)
            print(
                f"| {workers} | {tokens:,} | {seconds:.0f} | {start:.1f} | {rate:,.0f} |"
                f" {memory:.0f} |"
            )


if __name__ == "__main__":
    main()
