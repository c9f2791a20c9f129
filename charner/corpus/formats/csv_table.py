"""Tables with a line of names: CSV, or the same with semicolons or tabs.

A row holds a token and its tag, as in `Sentence #,Word,POS,Tag`.
"""

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal

from charner.corpus.mistakes import COLUMNS, EMPTY_TOKEN
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence
from charner.corpus.text_lines import not_utf8
from charner.support.errors import InputError

# The names of columns by their kind: in lower case, without spaces, `_` and `#` at their ends. The
# first that a table has is read.
NAMES = {
    "token": ("word", "words", "token", "tokens"),
    "tag": ("ner_tags", "ner_tag", "ner", "tag", "tags", "label", "labels", "iob", "bio"),
    "sentence": (
        *("sentence", "sentence_id", "sentence id", "sentence number", "sentence_idx"),
        *("sentence_nr", "sentence_no", "sent", "sent_id", "sent_idx"),
    ),
    "document": ("document", "document_id", "document id", "doc", "doc_id"),
}
EMPTY = ("nan", "NaN", "None")  # as pandas may write an empty cell
BORDERS = ("sentence", "document")  # of which another value begins another


def recognises(path: Path, beginning: bytes) -> bool:
    """Whether the first line names a column of tokens and one of tags."""
    return _header(beginning) is not None


def read(path: Path, options: Options) -> Iterator[Sentence]:
    """Streams the sentences of a table.

    A column of sentences numbers or names them; where it is empty, the sentence goes on. Without
    it, an empty row ends a sentence. A column of documents does the same for documents.

    Raises:
        InputError: the file is not UTF-8, a row has too few cells, or there is a mistake that is
            not repaired; the message names the file and the line.
    """
    with path.open("rb") as file:
        separator, places, width = _header(file.readline()) or ("", {}, 0)
    document = 0
    current: dict[str, str] = {}
    found: list[tuple[str, str, int]] = []
    for line, cells in _rows(path, separator):
        location = f"{path}:{line}"
        if not any(cells):
            if found:
                yield _sentence(document, found)
                found = []
            continue
        if len(cells) <= max(places.values()):
            raise InputError(f"{location}: {len(cells)} cells, but the first line has {width}")
        if any(cells[width:]) or len(cells) < width:
            message = f"{location}: {len(cells)} cells, but the first line has {width}"
            options.mistakes.add(COLUMNS, message)
        row = {kind: cells[place].strip() for kind, place in places.items()}
        row |= {kind: "" for kind in BORDERS if row.get(kind) in EMPTY}
        starts = [row.get(kind, "") not in ("", current.get(kind, "")) for kind in BORDERS]
        if found and any(starts):
            yield _sentence(document, found)
            found = []
        current |= {kind: row[kind] for kind in BORDERS if row.get(kind)}
        document += starts[BORDERS.index("document")]
        if row["tag"].startswith("["):
            raise InputError(
                f"{location}: the cell of a tag holds a list, {row['tag']!r}; save the dataset as"
                " JSON lines or Parquet"
            )
        if row["token"]:
            found.append((row["token"], row["tag"], line))
        else:
            options.mistakes.add(EMPTY_TOKEN, f"{location}: the token is empty")
    if found:
        yield _sentence(document, found)


def _sentence(document: int, rows: list[tuple[str, str, int]]) -> Sentence:
    tokens, tags, lines = map(list, zip(*rows, strict=True))
    return Sentence(document, tokens, tags, lines)


def _rows(path: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The rows after the first, with the numbers of their lines.

    Raises:
        InputError: the file is not UTF-8.
    """

    def rows(quoting: Literal[0, 3]) -> Iterator[tuple[int, list[str]]]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=separator, quoting=quoting)
            for cells in islice(reader, 1, None):
                yield reader.line_num, cells

    try:
        try:
            # A quotation mark that stands alone is a token, but quotes all up to the next one.
            is_broken = any("\n" in cell for _, cells in rows(csv.QUOTE_MINIMAL) for cell in cells)
        except csv.Error:  # a cell is too long
            is_broken = True
        yield from rows(csv.QUOTE_NONE if is_broken else csv.QUOTE_MINIMAL)
    except UnicodeDecodeError as error:
        raise not_utf8(str(path), error, "; save it as UTF-8 (it may be Latin-1)") from None


def _header(beginning: bytes) -> tuple[str, dict[str, int], int] | None:
    """The separator, the place of each kind of column, and the number of all; None: no header."""
    first = beginning.removeprefix(b"\xef\xbb\xbf").split(b"\n")[0].decode("utf-8", "replace")
    for separator in ",;\t":
        names = [name.strip(' \r"#_').lower() for name in first.split(separator)]
        places = {
            kind: names.index(found[0])
            for kind, known in NAMES.items()
            if (found := [name for name in known if name in names])
        }
        if {"token", "tag"} <= places.keys():
            return separator, places, len(names)
    return None
