"""Copies a corpus of one's own."""

from pathlib import Path

from charner.corpus import ALL, SPLITS
from charner.corpus.normalise import normalise
from charner.support.errors import InputError


def copy(source: Path, folder: Path) -> None:
    """Copies the normalised files of a corpus, under the names of their splits.

    Args:
        source: a folder with a file for each of train, valid and test, of any suffix; a folder with
            a single file; or a file. A single file is copied as `all`.
        folder: an existing folder.

    Raises:
        InputError: there are other files, or one cannot be read.
    """
    for name, path in _files(source).items():
        try:
            content = path.read_bytes()
        except OSError as error:
            raise InputError(f"{path}: {error.strerror}") from None
        (folder / f"{name}{path.suffix}").write_bytes(normalise(content))


def _may_be_corpus(path: Path) -> bool:
    """Whether it is a file, but neither hidden nor notes."""
    return path.is_file() and not path.name.startswith(".") and path.suffix != ".md"


def _files(source: Path) -> dict[str, Path]:
    if source.is_file():
        return {ALL: source}
    try:
        paths = sorted(path for path in source.iterdir() if _may_be_corpus(path))
    except OSError as error:
        raise InputError(f"{source}: {error.strerror}") from None
    of_split = {split: [path for path in paths if path.stem == split] for split in SPLITS}
    if len(paths) == 1 and not any(of_split.values()):
        return {ALL: paths[0]}
    shown = ", ".join(path.name for path in paths) or "nothing"
    for split, found in of_split.items():
        if len(found) != 1:
            raise InputError(
                f"{source}: should have one file for {split}, such as {split}.txt or"
                f" {split}.jsonl, or a single file of another name; has {shown}"
            )
    if len(paths) > len(SPLITS):
        raise InputError(
            f"{source}: should have a file for each of {', '.join(SPLITS)}, and no other; has"
            f" {shown}"
        )
    return {split: found[0] for split, found in of_split.items()}
