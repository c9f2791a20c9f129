"""Copies a corpus of one's own, in files that are equal where differences mean nothing."""

from pathlib import Path

from charner.corpus import (
    ALL,
    BRAT_ANNOTATIONS,
    BRAT_TEXT,
    PARQUET_START,
    SPACY_START,
    SPLITS,
)
from charner.support.errors import InputError

_NOT_TEXT = (SPACY_START, PARQUET_START)


def normalise(content: bytes) -> bytes:
    """Returns text with LF line ends, no trailing white space and one final newline.

    The files of spaCy and Parquet are no text and stay as they are.
    """
    if content.startswith(_NOT_TEXT):
        return content
    if b"\n" not in content:  # line ends of old Macs
        content = content.replace(b"\r", b"\n")
    return content.replace(b"\r\n", b"\n").rstrip(b" \t\r\n") + b"\n"


def copy(source: Path, folder: Path) -> None:
    """Copies the normalised files of a corpus, under the names of their splits.

    Args:
        source: a folder with a file for each of train, valid and test, of any suffix; a folder with
            a single file; or a file. A single file is copied as `all`. In place of a file, there
            may be a folder of brat's files, which are copied as they are.
        folder: an existing folder.

    Raises:
        InputError: there are other files, or one cannot be read.
    """
    try:
        for split, path in _parts(source).items():
            if path.is_dir():
                _check_brat(path)
                copied = folder / split
                copied.mkdir()
                for file in sorted(path.iterdir()):
                    if file.suffix in (BRAT_TEXT, BRAT_ANNOTATIONS):
                        (copied / file.name).write_bytes(file.read_bytes())
            else:
                copied = folder / f"{split}{path.suffix}"
                copied.write_bytes(normalise(path.read_bytes()))
    except OSError as error:
        raise InputError(f"{error.filename or folder}: {error.strerror}") from None


def _parts(source: Path) -> dict[str, Path]:
    """The file or folder of each split, or of the whole corpus."""
    if source.is_file() or _is_of_brat(source):
        return {ALL: source}
    paths = sorted(
        path
        for path in source.iterdir()
        if not path.name.startswith(".")
        and (path.suffix != ".md" if path.is_file() else _is_of_brat(path))
    )
    stems = [path.stem for path in paths]
    if len(paths) == 1 and stems[0] not in SPLITS:
        return {ALL: paths[0]}
    if sorted(stems) != sorted(SPLITS):
        names = ", ".join(path.name for path in paths) or "nothing"
        raise InputError(
            f"{source}: should have one file for each of {', '.join(SPLITS)}, such as train.txt or"
            f" train.jsonl, and no other; or a single file of another name; has {names}"
        )
    return dict(zip(stems, paths, strict=True))


def _is_of_brat(folder: Path) -> bool:
    return folder.is_dir() and any(folder.glob(f"*{BRAT_ANNOTATIONS}"))


def _check_brat(folder: Path) -> None:
    """Checks that a folder of brat holds nothing that would be left out."""
    others = sorted(
        file.name
        for file in folder.iterdir()
        if not file.name.startswith(".")
        and (file.is_dir() or file.suffix not in (BRAT_TEXT, BRAT_ANNOTATIONS, ".conf", ".md"))
    )
    if others:
        raise InputError(
            f"{folder}: with files of brat, {BRAT_TEXT} and {BRAT_ANNOTATIONS}, there should be no"
            f" others; has {', '.join(others)}"
        )
