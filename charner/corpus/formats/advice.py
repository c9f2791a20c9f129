"""What to do with a file that no format reads."""

import re

_BY_BEGINNING = {
    b"\xff\xfe": "in UTF-16: save it as UTF-8",
    b"\xfe\xff": "in UTF-16: save it as UTF-8",
    b"PK\x03\x04": "a zip file: unpack it; or of Excel: save it as CSV",
    b"\x1f\x8b": "compressed by gzip: unpack it",
    b"%PDF": "a PDF: take its text, and annotate it",
    b"ARROW1": "an Arrow file: save the dataset by `dataset.to_parquet`",
    b"version https://git-lfs": "a pointer of Git LFS: get the file by `git lfs pull`",
    b"#FORMAT=WebAnno": "WebAnno's TSV: export CoNLL 2002 in its place",
}
# By what one of its first lines contains.
_BY_LINE = {
    r"<(?:!DOCTYPE|html|\?xml)\b|<(\w+)[^<>]*>[^<>]+</\1>": "it seems to be XML or HTML: export"
    " CoNLL columns or JSON lines in its place",
    r"^\{'|^\w+\s*=\s*[\[{]": "it seems to be Python code: write it as JSON, by `json.dump`",
    r"^\d+\t(?:[^\t]+\t){8}[^\t]+$": "it seems to be CoNLL-U: write the tags of entities in a"
    " column of their own",
    r"(?:^|\s)\([\w-]+\*(?:\s|$)": "its tags seem to be the brackets of OntoNotes: write (PERSON*"
    " and *) as B-PERSON and I-PERSON, and * alone as O",
    r"\"\[|\['": "its cells seem to hold lists: save the dataset as JSON lines or Parquet",
    r"(?:^|\s)\S+[|/_](?:O|[BIES]-\S+)(?:\s|$)": "its tags seem to be joined to their tokens:"
    " write a token, a tab and its tag on each line",
}


def for_beginning(beginning: bytes) -> str | None:
    """What the file is that begins so, and what to do with it; None: it may be a corpus."""
    return next(
        (what for known, what in _BY_BEGINNING.items() if beginning.startswith(known)), None
    )


def for_no_tags(lines: list[str]) -> str:
    """What a file without tags seems to be, by its first lines, and what to do with it."""
    for pattern, what in _BY_LINE.items():
        if any(re.search(pattern, line) for line in lines):
            return what
    commas = {line.count(",") for line in lines}
    if len(commas) == 1 and commas != {0} and not any(re.search(r"\s\S", line) for line in lines):
        return "if commas separate its columns, its first line should name them, as Word,Tag"
    return "it seems to be plain text, which `charner tag` tags; for training, annotate it"
