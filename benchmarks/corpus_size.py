"""Time and memory of the train stage for one epoch on 1, 4 and 16 times the corpus.

Run it from the project's root, after the char_encode stage: python -m benchmarks.corpus_size
"""

import shutil
import tempfile
from pathlib import Path

import pandas as pd
import yaml

from benchmarks.measure import measure_stage

ROOT = Path.cwd()
ENCODED = Path("data/encoded")

if __name__ == "__main__":
    table = pd.read_parquet(ENCODED / "train.parquet")
    settings = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    settings["train"].update(epochs=1)
    print("| times the corpus | sentences | seconds | µs per sentence | peak memory, MiB |")
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
            seconds, memory = measure_stage("train", folder)
        sentences = len(table) * times
        print(
            f"| {times} | {sentences:,} | {seconds:.0f} | {seconds / sentences * 1e6:,.0f} |"
            f" {memory:,.0f} |",
            flush=True,
        )
