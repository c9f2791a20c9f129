"""Time and memory of one epoch of the train stage on 1, 4 and 16 times the corpus.

Run it from the project's root, after the char_encode stage: python -m benchmarks.corpus_size
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import yaml

ROOT = Path.cwd()
ENCODED = Path("data/encoded")

if __name__ == "__main__":
    table = pd.read_parquet(ENCODED / "train.parquet")
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    settings["train"].update(epochs=1, warmup_epochs=0.5)
    print("| times the corpus | sentences | seconds | µs a sentence | peak memory, MiB |")
    print("|---:|---:|---:|---:|---:|")
    for times in (1, 4, 16):
        with tempfile.TemporaryDirectory() as folder:
            encoded = Path(folder, ENCODED)
            encoded.mkdir(parents=True)
            for name in ("vocabulary.json", "valid.parquet"):
                shutil.copy(ROOT / ENCODED / name, encoded)
            documents = table.document.max() + 1
            copies = [table.assign(document=table.document + i * documents) for i in range(times)]
            pd.concat(copies).to_parquet(encoded / "train.parquet")
            Path(folder, "params.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
            Path(folder, "metrics").mkdir()
            started = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "stages.train"],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.DEVNULL,
            )
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - started
            if status:
                sys.exit("the stage failed")
        sentences = len(table) * times
        print(
            f"| {times} | {sentences:,} | {seconds:.0f} | {seconds / sentences * 1e6:,.0f} |"
            f" {usage.ru_maxrss / 1024:,.0f} |",
            flush=True,
        )
