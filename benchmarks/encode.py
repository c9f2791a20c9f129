"""Time and memory of the char_encode stage on 1, 10 and 100 times the corpus in data/raw.

Run it from the project's root, after the download stage: python -m benchmarks.encode
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from charner.corpus import SPLITS, read_sentences

ROOT = Path.cwd()

if __name__ == "__main__":
    sentences = sum(1 for _ in read_sentences(ROOT / "data/raw/train.txt"))
    print("| times the corpus | sentences in train | seconds | µs a sentence | peak memory, MiB |")
    print("|---:|---:|---:|---:|---:|")
    for times in (1, 10, 100):
        with tempfile.TemporaryDirectory() as folder:
            raw = Path(folder, "data/raw")
            raw.mkdir(parents=True)
            shutil.copy(ROOT / "params.yaml", folder)
            for split in SPLITS:
                text = (ROOT / f"data/raw/{split}.txt").read_bytes() + b"\n"
                with open(raw / f"{split}.txt", "wb") as file:
                    for _ in range(times):
                        file.write(text)
            started = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "stages.char_encode"],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.DEVNULL,
            )
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            if status:
                sys.exit("the stage failed")
        per_sentence = seconds / (sentences * times) * 1e6
        print(
            f"| {times} | {sentences * times:,} | {seconds:.1f} | {per_sentence:.0f} |"
            f" {usage.ru_maxrss / 1024:.0f} |"
        )
