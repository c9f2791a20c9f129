"""Calibration error on valid and test, without and with the fitted temperature.

Run it from the project's root, after `dvc repro`: python -m benchmarks.temperature
"""

from pathlib import Path

from charner.encoding import model_files
from charner.encoding.parquet import load_examples
from charner.evaluation.reliability import expected_error, reliability
from charner.inference.calibration import scores_and_right
from charner.inference.token_tagger import TokenTagger

MODELS = Path("models")
BINS = 10

if __name__ == "__main__":
    trained, fitted = model_files.load(MODELS), model_files.load_temperature(MODELS)
    splits = {
        name: load_examples(Path(f"data/encoded/{name}.parquet")) for name in ("valid", "test")
    }
    print("| temperature | valid | test |")
    print("|---:|---:|---:|")
    for temperature in (1.0, fitted):
        tagger = TokenTagger(trained, temperature)
        errors = []
        for examples in splits.values():
            found = scores_and_right(examples, tagger.tag_examples(examples))
            errors.append(f"{expected_error(reliability(*found, BINS)):.4f}")
        print(f"| {temperature} | {' | '.join(errors)} |", flush=True)
