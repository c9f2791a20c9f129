"""Files of CoNLL columns: a token and its tag on each line, a blank line between sentences."""

import re
from collections.abc import Iterator
from pathlib import Path

from charner.corpus.sentence import Sentence
from charner.support.errors import InputError

DOCUMENT_START = "-DOCSTART-"

# Only these two separate columns; other white space (U+00A0, U+0085, U+2028) belongs to tokens.
_SEPARATORS = " \t"
_SEPARATOR = re.compile(f"[{_SEPARATORS}]+")


def read_sentences(
    path: Path, token_column: int = 0, tag_column: int = -1, comment_prefix: str | None = None
) -> Iterator[Sentence]:
    """Streams the sentences of a file of CoNLL columns.

    Columns are separated by spaces and tabs, sentences by blank lines; a `-DOCSTART-` line starts
    a document and belongs to no sentence.

    Args:
        path: the file, in UTF-8.
        token_column: the column of tokens, counted from 0; negative: from the right.
        tag_column: the column of tags, likewise.
        comment_prefix: lines that start with it are skipped; None: no line is skipped.

    Raises:
        InputError: the file is missing or holds no sentence, or a line has too few columns or is
            not UTF-8; the message names the file and the line.
    """
    document = 0
    tokens: list[str] = []
    tags: list[str] = []
    lines: list[int] = []
    empty = True
    for number, line in _text_lines(path):
        if comment_prefix is not None and line.startswith(comment_prefix):
            continue
        columns = _SEPARATOR.split(line.strip(_SEPARATORS))
        starts_document = DOCUMENT_START in (columns[0], *columns[token_column:][:1])
        if starts_document or columns == [""]:
            if tokens:
                yield Sentence(document, tokens, tags, lines)
                tokens, tags, lines = [], [], []
            document += starts_document
            continue
        token_index, tag_index = (
            column if column >= 0 else len(columns) + column
            for column in (token_column, tag_column)
        )
        if (
            not (0 <= token_index < len(columns) and 0 <= tag_index < len(columns))
            or token_index == tag_index
        ):
            raise InputError(
                f"{path}:{number}: {len(columns)} column(s) are too few for"
                f" token_column {token_column} and tag_column {tag_column}"
            )
        tokens.append(columns[token_index])
        tags.append(columns[tag_index])
        lines.append(number)
        empty = False
    if tokens:
        yield Sentence(document, tokens, tags, lines)
    if empty:
        raise InputError(f"{path}: holds no sentence")


def _text_lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with open(path, "rb") as file:
            for number, line in enumerate(file, start=1):
                encoding = "utf-8-sig" if number == 1 else "utf-8"
                try:
                    yield number, line.rstrip(b"\r\n").decode(encoding)
                except UnicodeDecodeError as error:
                    byte = error.object[error.start]
                    raise InputError(f"{path}:{number}: byte 0x{byte:02x} is not UTF-8") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
