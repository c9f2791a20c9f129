"""Ablation: entity F1 on valid of `make quick` with one change.

Two trainings run at a time, on one core each. Run it from the project's root, after the download
stage: python -m benchmarks.ablation
"""

import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import yaml

from benchmarks.corpora import preset
from benchmarks.measure import change, measure_stage

SEEDS = (1, 2)
MODEL = "model.cnn_lstm_crf"
QUICK = preset("quick")
CHANGES: dict[str, dict[str, object]] = {
    "`make quick`": {},
    "no word vectors (but train is read twice in an epoch)": {"char_encode.vectors": "none"},
    "no LSTM states of equal tokens": {f"{MODEL}.document_states": False},
    "no topic": {f"{MODEL}.topic_dim": 0},
    "neither": {f"{MODEL}.document_states": False, f"{MODEL}.topic_dim": 0},
    "a row for each sentence": {f"{MODEL}.window": 3},
    "an LSTM over characters in place of the CNN": {
        f"{MODEL}.filter_widths": [],
        f"{MODEL}.character_lstm_units": 32,
    },
    "one filter width, 3": {f"{MODEL}.filter_widths": [3]},
    "no typing errors": {"train.tokens_with_typo": 0.0},
    "no changes of case": {"train.case_change": 0.0},
    "no character dropout": {f"{MODEL}.character_dropout": 0.0},
    "weaker token dropout (alpha 0.5)": {f"{MODEL}.token_dropout_alpha": 0.5},
}


def train_once(changes: dict[str, object]) -> tuple[float, float]:
    """Trains with changed parameters; returns the best entity F1 on valid, and the seconds."""
    settings = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    change(settings, {**QUICK, **changes})
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "data").mkdir()
        for part in ("raw", "vectors"):
            Path(folder, "data", part).symlink_to(Path("data", part).resolve())
        Path(folder, "params.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        measure_stage("char_encode", folder)
        seconds, _ = measure_stage("train", folder)
        history = pd.read_csv(Path(folder, "metrics/history.csv"))
    return history.valid_entity_f1.max(), seconds


def main() -> None:
    os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    print(f"| | {' | '.join(f'seed {seed}' for seed in SEEDS)} | mean | seconds |")
    print(f"|---|{'---:|' * (len(SEEDS) + 2)}")
    with ThreadPoolExecutor(2) as pool:
        runs = {
            title: [pool.submit(train_once, {**changes, "train.seed": seed}) for seed in SEEDS]
            for title, changes in CHANGES.items()
        }
        try:
            for title, trainings in runs.items():
                f1, seconds = zip(*(run.result() for run in trainings), strict=True)
                scores = [*f1, sum(f1) / len(f1)]
                line = " | ".join(f"{score:.4f}" for score in scores)
                print(f"| {title} | {line} | {sum(seconds) / len(seconds):.0f} |", flush=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


if __name__ == "__main__":
    # Runs in a copy, since it takes long and the project may change meanwhile.
    with tempfile.TemporaryDirectory() as snapshot:
        for name in ("charner", "stages", "data/raw", "data/vectors"):
            shutil.copytree(name, Path(snapshot, name))
        for name in ("params.yaml", "requirements.txt", "Makefile"):
            shutil.copy(name, snapshot)
        os.chdir(snapshot)
        main()
