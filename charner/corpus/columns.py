"""Files of CoNLL columns: a token and its tag on each line, a blank line between sentences."""

import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from charner.corpus.mistakes import COLUMNS, EMPTY_TOKEN, LOWER_CASE_O, Mistakes
from charner.corpus.sentence import Sentence
from charner.corpus.text_lines import text_lines
from charner.support.errors import InputError

DOCUMENT_START = "-DOCSTART-"
OLD_LINE_BREAK = "a line break of old Macs (CR) within a line"

# Only these two separate columns; other white space (U+00A0, U+0085, U+2028) belongs to tokens.
_SEPARATORS = " \t"
_SPACES_AND_TABS = re.compile(f"[{_SEPARATORS}]+")


def read_columns(
    path: Path,
    token_column: int,
    tag_column: int,
    comment_prefix: str | None,
    mistakes: Mistakes,
) -> Iterator[Sentence]:
    """Streams the sentences of a file of CoNLL columns.

    Columns are separated by spaces and tabs (see `splitter`), sentences by blank lines; a
    `-DOCSTART-` line starts a document and belongs to no sentence.

    Args:
        path: the file, in UTF-8; byte-order marks at the start of lines are no content.
        token_column: the column of tokens, counted from 0; negative: from the right.
        tag_column: the column of tags, counted in the same way.
        comment_prefix: lines that start with it are skipped; None: no line is skipped.
        mistakes: gets the mistakes that can be repaired.

    Raises:
        InputError: the file is missing, a line has too few columns or is not UTF-8, or there is a
            mistake that is not repaired; the message names the file and the line.
    """
    document = 0
    tokens: list[str] = []
    tags: list[str] = []
    lines: list[int] = []
    columns_of: Callable[[str], list[str]] | None = None
    width = 0  # the number of columns of the first line
    for number, line in chain(text_lines(path), [(0, "")]):
        if comment_prefix is not None and line.startswith(comment_prefix):
            continue
        location = f"{path}:{number}"
        if "\r" in line:
            raise InputError(f"{location}: {OLD_LINE_BREAK}")
        columns = (columns_of or at_spaces_and_tabs)(line)
        starts_document = is_document_start(line, columns) or (
            columns[token_column:][:1] == [DOCUMENT_START]
        )
        if starts_document or not line.strip(_SEPARATORS):
            if tokens:
                yield Sentence(document, tokens, tags, lines)
                tokens, tags, lines = [], [], []
            document += starts_document
            continue
        if columns_of is None:
            columns_of = splitter(line)
            columns = columns_of(line)
            width = len(columns)
        indices = {
            column % len(columns)
            for column in (token_column, tag_column)
            if -len(columns) <= column < len(columns)
        }
        if len(indices) < 2:
            raise InputError(
                f"{location}: {len(columns)} column(s) are too few for token_column {token_column}"
                f" and tag_column {tag_column} ({_SEPARATED[columns_of]})"
            )
        if len(columns) != width:
            message = f"{len(columns)} columns, but the first line has {width}"
            mistakes.add(COLUMNS, f"{location}: {message} ({_SEPARATED[columns_of]})")
        token, tag = columns[token_column], columns[tag_column]
        if not token:
            mistakes.add(EMPTY_TOKEN, f"{location}: the token is empty")
            continue
        if tag == "o":
            mistakes.add(LOWER_CASE_O, f"{location}: tag o in lower case")
            tag = "O"
        tokens.append(token)
        tags.append(tag)
        lines.append(number)


def is_document_start(line: str, columns: list[str]) -> bool:
    """Whether a line starts a document, by its first column, or its first word if it has no tab."""
    return columns[0] == DOCUMENT_START or (
        "\t" not in line and at_spaces_and_tabs(line)[0] == DOCUMENT_START
    )


def splitter(first_line: str) -> Callable[[str], list[str]]:
    """The function that splits the lines of a file into columns, by the first of them.

    If that line has tabs and no spaces, only tabs separate columns: tokens may hold spaces.
    """
    columns = first_line.rstrip(_SEPARATORS)
    return at_tabs if "\t" in columns and " " not in columns else at_spaces_and_tabs


def at_spaces_and_tabs(line: str) -> list[str]:
    """The columns of a line; [""] of an empty one."""
    return _SPACES_AND_TABS.split(line.strip(_SEPARATORS))


def at_tabs(line: str) -> list[str]:
    """The columns of a line. Tabs at the end separate nothing, one at the start an empty column."""
    return [column.strip(" ") for column in line.rstrip(_SEPARATORS).split("\t")]


_SEPARATED: dict[Callable[[str], list[str]], str] = {
    at_tabs: "columns are separated by tabs, since the first line has no space",
    at_spaces_and_tabs: "columns are separated by spaces and tabs",
}
