"""Time and memory of the char_encode stage on 1, 10 and 100 times the corpus in data/raw.

Run it from the project's root, after the download stage: python -m benchmarks.encode
"""

import shutil
import tempfile
from pathlib import Path

from benchmarks.measure import measure_stage
from charner.corpus import SPLITS
from charner.corpus.formats import read_sentences

ROOT = Path.cwd()

if __name__ == "__main__":
    sentences = sum(1 for _ in read_sentences(ROOT / "data/raw/train.txt"))
    print(
        "| times the corpus | sentences in train | seconds | µs per sentence | peak memory, MiB |"
    )
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
            seconds, memory = measure_stage("char_encode", folder)
        per_sentence = seconds / (sentences * times) * 1e6
        print(
            f"| {times} | {sentences * times:,} | {seconds:.1f} | {per_sentence:.0f} |"
            f" {memory:.0f} |"
        )
