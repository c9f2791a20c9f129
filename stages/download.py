"""Stage download: writes the normalised files of the corpus to data/raw."""

from pathlib import Path

from charner import params
from charner.params.download import Download
from charner.sources import origins, own_files
from charner.support.errors import run_stage
from charner.support.files import replacing_folder

SAMPLE = Path("data/sample")
RAW = Path("data/raw")


def main() -> None:
    settings = params.load(Download)
    with replacing_folder(RAW) as folder:
        match settings.corpus:
            case "conll2003":
                origins.download(folder)
            case "sample":
                own_files.copy(SAMPLE, folder)
            case "custom":
                own_files.copy(Path(settings.path), folder)
    print(f"the corpus {settings.corpus} is in {RAW}")


if __name__ == "__main__":
    run_stage(main)
