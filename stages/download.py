"""Stage download: the corpus' three files, normalised, in data/raw."""

from pathlib import Path

from charner import params, sources
from charner.errors import run_stage
from charner.files import replacing

SAMPLE = Path("data/sample")


def main() -> None:
    settings = params.load().download
    with replacing("data/raw") as (folder,):
        folder.mkdir()
        if settings.corpus == "conll2003":
            sources.download(folder)
        elif settings.corpus == "sample":
            sources.copy(SAMPLE, folder)
        else:
            sources.copy(Path(settings.path), folder)
    print(f"{settings.corpus} is in data/raw")


if __name__ == "__main__":
    run_stage(main)
