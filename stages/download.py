"""Stage download: writes the normalised files of the corpus to data/raw."""

from pathlib import Path

from charner import params
from charner.corpus import origins, own_files
from charner.support.errors import InputError
from charner.support.files import own_folders, replacing_folder
from charner.support.process import run_stage
from charner.support.stage_inputs import StageInputs

SAMPLE = Path("data/sample")
RAW = Path("data/raw")


def main() -> None:
    settings = params.load().download
    source = {"sample": SAMPLE, "custom": Path(settings.path)}.get(settings.corpus)
    if source and any(source.resolve().is_relative_to(own.resolve()) for own in own_folders(RAW)):
        raise InputError(f"download.path: {source} is in {RAW}, which this stage replaces")
    inputs = StageInputs([source] if source else [], settings)
    with replacing_folder(RAW) as folder:
        if source:
            own_files.copy(source, folder)
        else:
            origins.download(folder)
        inputs.check_unchanged(params.load().download)
    print(f"the corpus {settings.corpus} is in {RAW}")


if __name__ == "__main__":
    run_stage(main)
