"""Tables with a line of names: CSV, or the same with semicolons or tabs; needs pandas.

A row holds a token and its tag, as in `Sentence #,Word,POS,Tag`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from charner.corpus.mistakes import EMPTY_TOKEN
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence
from charner.support.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

# Names of columns in lower case, without spaces, `_` and `#` at their ends.
_TOKENS = ("word", "words", "token", "tokens")
_TAGS = ("tag", "tags", "ner", "ner_tag", "ner_tags", "label", "labels", "iob", "bio")
_SENTENCES = ("sentence", "sentence_id", "sent", "sent_id", "sentence id", "sentence number")
_DOCUMENTS = ("document", "document_id", "doc", "doc_id", "document id")


def recognises(path: Path, beginning: bytes) -> bool:
    """Whether the first line names a column of tokens and one of tags."""
    return _header(beginning) is not None


def read(path: Path, options: Options) -> Iterator[Sentence]:
    """Streams the sentences of a table.

    A column of sentences numbers or names them; where it is empty, the sentence goes on. Without
    it, an empty row ends a sentence. A column of documents does the same for documents.

    Raises:
        InputError: pandas is not installed, the file cannot be read, or a token is empty and
            mistakes are not repaired.
    """
    try:
        import pandas as pd
    except ImportError:
        raise InputError(f"{path}: to read it, install pandas: pip install pandas") from None
    with path.open("rb") as file:
        header = _header(file.readline())
    assert header
    separator, names = header
    try:
        table = pd.read_csv(
            path,
            sep=separator,
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            encoding="utf-8-sig",
        )
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise InputError(
            f"{path}: byte 0x{byte:02x} is not UTF-8; save it as UTF-8 (it may be Latin-1)"
        ) from None
    except ValueError as error:  # pandas' own errors, too
        raise InputError(f"{path}: {error}") from None
    table.columns = [_plain(name) for name in table.columns]
    token_column, tag_column = (_first(kind, names) for kind in (_TOKENS, _TAGS))
    tokens, tags = table[token_column].tolist(), table[tag_column].tolist()
    starts = _starts(table, _first(_SENTENCES, names))
    documents = _starts(table, _first(_DOCUMENTS, names))
    document = 0
    found: list[tuple[str, str, int]] = []
    for row, (token, tag) in enumerate(zip(tokens, tags, strict=True)):
        is_empty = not token and not tag
        if found and (is_empty or starts[row] or documents[row]):
            yield _sentence(document, found)
            found = []
        document += documents[row]
        if is_empty:
            continue
        line = row + 2  # the first is the header
        if not token:
            options.mistakes.add(EMPTY_TOKEN, f"{path}:{line}: the token is empty")
            continue
        found.append((token, tag, line))
    if found:
        yield _sentence(document, found)


def _sentence(document: int, rows: list[tuple[str, str, int]]) -> Sentence:
    tokens, tags, lines = map(list, zip(*rows, strict=True))
    return Sentence(document, tokens, tags, lines)


def _starts(table: "pd.DataFrame", name: str | None) -> list[bool]:
    """For each row, whether a column has another value than before, and not nothing."""
    if name is None:
        return [False] * len(table)
    starts, current = [], ""
    for value in table[name]:
        starts.append(value not in ("", current))
        current = value or current
    return starts


def _header(beginning: bytes) -> tuple[str, list[str]] | None:
    """The separator and the names of the columns, if the first line has such names."""
    first = beginning.removeprefix(b"\xef\xbb\xbf").split(b"\n")[0].decode("utf-8", "replace")
    for separator in ",;\t":
        names = [_plain(name) for name in first.split(separator)]
        if _first(_TOKENS, names) and _first(_TAGS, names):
            return separator, names
    return None


def _plain(name: str) -> str:
    return name.strip(' \r"#_').lower()


def _first(known: tuple[str, ...], names: list[str]) -> str | None:
    return next((name for name in known if name in names), None)
