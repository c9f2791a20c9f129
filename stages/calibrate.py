"""Stage calibrate: fits the temperature that calibrates the scores of entities, on valid."""

from pathlib import Path

from charner.encoding import model_files
from charner.encoding.model_files import TEMPERATURE_FILE, TRAINED_FILES
from charner.encoding.parquet import load_examples
from charner.inference.calibration import fit_temperature
from charner.inference.token_tagger import TokenTagger
from charner.support.files import replacing
from charner.support.process import run_stage
from charner.support.stage_inputs import StageInputs

MODELS = Path("models")
VALID_FILE = Path("data/encoded/valid.parquet")


def main() -> None:
    inputs = StageInputs([VALID_FILE, *(MODELS / name for name in TRAINED_FILES)])
    tagger = TokenTagger.load(MODELS, temperature=1.0)
    temperature = fit_temperature(tagger, load_examples(VALID_FILE))
    with replacing(MODELS / TEMPERATURE_FILE) as path:
        model_files.save_temperature(temperature, path)
        inputs.check_unchanged()
    print(f"temperature of the scores, fitted on valid: {temperature}")


if __name__ == "__main__":
    run_stage(main)
