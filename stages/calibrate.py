"""Stage calibrate: fits the temperature that calibrates the scores of entities, on valid."""

from pathlib import Path

from charner.encoding.parquet import load_examples
from charner.inference.calibration import fit_temperature
from charner.inference.token_tagger import TokenTagger
from charner.layout import model_files
from charner.layout.model_files import TEMPERATURE_FILE
from charner.support.errors import run_stage
from charner.support.files import replacing

MODELS = Path("models")


def main() -> None:
    tagger = TokenTagger.load(MODELS, temperature=1.0)
    temperature = fit_temperature(tagger, load_examples(Path("data/encoded/valid.parquet")))
    with replacing(MODELS / TEMPERATURE_FILE) as (path,):
        model_files.save_temperature(temperature, path)
    print(f"temperature of the scores, fitted on valid: {temperature}")


if __name__ == "__main__":
    run_stage(main)
