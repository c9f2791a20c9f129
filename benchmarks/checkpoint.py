"""Time and size of the checkpoint that the train stage writes after each epoch.

Run it from the project's root, after the char_encode stage: python -m benchmarks.checkpoint
"""

import statistics
import tempfile
import time
from pathlib import Path

from charner import params
from charner.encoding.vocabulary import Vocabulary
from charner.models.build import build
from charner.support.stage_inputs import StageInputs
from charner.training.checkpoint import Checkpoint, fingerprint
from charner.training.state import Epoch, TrainingState

ENCODED = Path("data/encoded")
TIMES = 15


def main() -> None:
    vocabulary = Vocabulary.load(ENCODED / "vocabulary.json")
    state = TrainingState.start(build(params.load().model, vocabulary), params.load().train)
    state.add(Epoch(1, 0.1, {"entity_f1": 0.0}, {"entity_f1": 0.0}))
    with tempfile.TemporaryDirectory(dir=".") as folder:  # on the disk of the project
        path = Path(folder, "training.safetensors")
        checkpoint = Checkpoint(path, fingerprint(StageInputs([ENCODED])))
        seconds = []
        for _ in range(TIMES):
            started = time.perf_counter()
            checkpoint.save(state)
            seconds.append(time.perf_counter() - started)
        size = path.stat().st_size
    print(f"{size / 1e6:.0f} MB in {statistics.median(seconds):.2f} s (median of {TIMES})")


if __name__ == "__main__":
    main()
