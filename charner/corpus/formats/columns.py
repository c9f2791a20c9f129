"""CoNLL columns: a token and its tag on each line, a blank line between sentences."""

import re
from collections.abc import Callable, Iterator
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple

from charner.corpus.formats.csv_table import NAMES
from charner.corpus.mistakes import (
    COLUMNS,
    COMMENT,
    EMPTY_TOKEN,
    NUMBERED,
    ONE_DOCUMENT_LINE,
    PART_OF_NUMBER,
    SEVERAL_TAG_COLUMNS,
)
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence
from charner.corpus.text_lines import text_lines
from charner.support.errors import InputError

DOCUMENT_START = "-DOCSTART-"
OLD_LINE_BREAK = "a line break of old Macs (CR) within a line"

# Only these two separate columns; other white space (U+00A0, U+0085, U+2028) belongs to tokens.
_SEPARATORS = " \t"
_SPACES_AND_TABS = re.compile(f"[{_SEPARATORS}]+")
_LOOKED_AT = 200  # lines with columns, to see what a file is
FEWEST_TAGS = 0.3  # of those lines have a tag, in the column of tags
MOST_TAGS = 0.99  # where a column holds nothing else
# A tag in any of the notations that are read; plain types have at least O.
_TAG = re.compile(r"[OoBIESLUMW]|[BIESLUMbieslum][-_].+|.+[-_][BIESLUMbieslum]")
# Of a token; of several that are one word (`1-2`), or of one that the text has not (`8.1`).
_NUMBER = re.compile(r"[0-9]+(?:[-.][0-9]+)?")
_NEW_DOCUMENT = re.compile(r"#\s+newdoc\b|#begin document\b")  # of CoNLL-U, of CoNLL-2012
_COMMENT = re.compile(
    r"#\s+(?:newdoc|newpar|(?:sent_id|text\w*|global\.columns|meta\w*)\s*=)"
    r"|#(?:begin|end) document\b"
)

Splitter = Callable[[str], list[str]]


def recognises(path: Path, beginning: bytes) -> bool:
    """Whatever is in no other format."""
    return True


def read(path: Path, options: Options) -> Iterator[Sentence]:
    """Streams the sentences of a file of CoNLL columns.

    Columns are separated by spaces and tabs (see `splitter`), sentences by blank lines; a
    `-DOCSTART-` line starts a document and belongs to no sentence, and so does `# newdoc`. Other
    lines that begin with `#`, at the start of a sentence and without a tag, are comments.

    Where nothing else is chosen, and the first column counts the tokens of each sentence, the
    tokens are in column 1, and the tags in the next one that holds tags.

    Args:
        path: the file, in UTF-8; byte-order marks at the start of lines are no content.
        options: see `Options`.

    Raises:
        InputError: the file is missing or holds no tags, a line has too few columns or is not
            UTF-8, or there is a mistake that is not repaired; the message names the file and the
            line.
    """
    mistakes = options.mistakes
    layout = _layout(path, options)
    document = 0
    tokens: list[str] = []
    tags: list[str] = []
    lines: list[int] = []
    for number, line in chain(text_lines(path), [(0, "")]):
        if options.comment_prefix is not None and line.startswith(options.comment_prefix):
            continue
        location = f"{path}:{number}"
        if "\r" in line:
            raise InputError(f"{location}: {OLD_LINE_BREAK}")
        columns = layout.columns(line)
        starts_document = _starts_document(line, columns, layout.token)
        if not tokens and not starts_document and layout.is_comment(line, columns):
            if not _NEW_DOCUMENT.match(line):
                mistakes.add(COMMENT, f"{location}: {line!r}")
                continue
            starts_document = True
        if starts_document or not line.strip(_SEPARATORS):
            if tokens:
                yield Sentence(document, tokens, tags, lines)
                tokens, tags, lines = [], [], []
            if starts_document and layout.is_label_studio:
                mistakes.add(ONE_DOCUMENT_LINE, location)
            elif starts_document:
                document += 1
            continue
        if layout.is_numbered and not columns[0].isdecimal():
            mistakes.add(PART_OF_NUMBER, f"{location}: {line!r}")
            continue
        indices = {
            column % len(columns)
            for column in (layout.token, layout.tag)
            if -len(columns) <= column < len(columns)
        }
        if len(indices) < 2:
            raise InputError(
                f"{location}: {len(columns)} column(s) are too few for token_column {layout.token}"
                f" and tag_column {layout.tag} ({_SEPARATED[layout.columns]})"
            )
        if len(columns) != layout.width:
            message = f"{len(columns)} columns, but the first line has {layout.width}"
            mistakes.add(COLUMNS, f"{location}: {message} ({_SEPARATED[layout.columns]})")
        token, tag = columns[layout.token], columns[layout.tag]
        if not token:
            mistakes.add(EMPTY_TOKEN, f"{location}: the token is empty")
            continue
        tokens.append(token)
        tags.append(tag)
        lines.append(number)


class _Layout(NamedTuple):
    """What the columns of a file are."""

    columns: Splitter
    width: int  # the number of columns of the first line
    token: int
    tag: int
    is_numbered: bool
    is_label_studio: bool

    def is_comment(self, line: str, columns: list[str]) -> bool:
        """Whether a line at the start of a sentence is a comment."""
        has_tag_column = -len(columns) <= self.tag < len(columns)
        return _is_comment(line, columns[self.tag] if has_tag_column else "")


def _layout(path: Path, options: Options) -> _Layout:
    """Looks at the first lines of a file.

    Raises:
        InputError: it holds no tags.
    """
    token, tag = options.token_column, options.tag_column
    rows: list[list[str]] = []
    columns_of: Splitter = at_spaces_and_tabs
    begins_with_document = False
    for _, line in text_lines(path):
        prefix = options.comment_prefix
        if not line.strip(_SEPARATORS) or (prefix is not None and line.startswith(prefix)):
            continue
        columns = at_spaces_and_tabs(line)
        if _starts_document(line, columns, token):
            begins_with_document = begins_with_document or not rows
        elif not _is_comment(line, columns[-1]):
            columns_of = columns_of if rows else splitter(line)
            rows.append(columns_of(line))
            if len(rows) == _LOOKED_AT:
                break
    width = min(map(len, rows), default=0)
    shares = [
        sum(bool(_TAG.fullmatch(row[column])) for row in rows) / len(rows)
        for column in range(-width, width)
    ]
    if rows and max(shares) < FEWEST_TAGS:
        commas = {line_of[0].count(",") for line_of in rows} if width == 1 else {0}
        if len(commas) == 1 and commas != {0}:
            hint = "if commas separate its columns, add a first line with their names, as Word,Tag"
        else:
            hint = "it seems to be plain text, which `charner tag` tags; for training, annotate it"
        raise InputError(
            f"{path}: has no column of tags, such as O and B-PER (its first line has"
            f" {rows[0]!r}); {hint}"
        )
    is_numbered = False
    if (token, tag) == (0, -1) and width > 2 and all(_NUMBER.fullmatch(row[0]) for row in rows):
        best = max(range(2, width), key=lambda column: shares[width + column])
        numbered = [row for row in rows if row[0].isdecimal()]
        if not _count_tokens(numbered):
            raise InputError(
                f"{path}: the first column holds numbers, and tokens are read from it; choose the"
                " columns of tokens and tags by char_encode.token_column and tag_column"
            )
        is_numbered, token, tag = True, 1, best
        shown = f"column 1 is {numbered[0][1]!r}, column {best} is {numbered[0][best]!r}"
        options.mistakes.add(NUMBERED, f"{path}: {shown}")
    tagged = [column for column in range(width) if shares[width + column] > MOST_TAGS]
    if (token, tag) == (0, -1) and len(tagged) > 1:
        several = f"columns {', '.join(map(str, tagged))}; the last one was read"
        options.mistakes.add(SEVERAL_TAG_COLUMNS, f"{path}: {several}")
    if (
        rows
        and rows[0][token % len(rows[0])].lower() in NAMES["token"]
        and not _TAG.fullmatch(rows[0][-1])
    ):
        raise InputError(
            f"{path}: the first line, {rows[0]!r}, seems to name the columns; remove it, or name"
            " them Word and Tag"
        )
    return _Layout(
        columns_of,
        len(rows[0]) if rows else 0,
        token,
        tag,
        is_numbered,
        begins_with_document and bool(rows) and all(row[1:2] == ["-X-"] for row in rows),
    )


def _is_comment(line: str, tag: str) -> bool:
    """Whether a line is a comment, and has no token such as `#` or `#London` with a tag."""
    if _COMMENT.match(line):
        return True
    return bool(re.match(r"#(?:\s|$)", line)) and not _TAG.fullmatch(tag)


def _count_tokens(rows: list[list[str]]) -> bool:
    """Whether the first column counts the tokens of each sentence, from 0 or 1."""
    numbers = [int(row[0]) for row in rows]
    first = numbers[0] if numbers else -1
    counted_on = (after in (first, before + 1) for before, after in pairwise(numbers))
    return len(numbers) > 1 and first in (0, 1) and all(counted_on)


def _starts_document(line: str, columns: list[str], token_column: int) -> bool:
    return is_document_start(line, columns) or columns[token_column:][:1] == [DOCUMENT_START]


def is_document_start(line: str, columns: list[str]) -> bool:
    """Whether a line starts a document, by its first column, or its first word if it has no tab."""
    return columns[0].upper() == DOCUMENT_START or (
        "\t" not in line and at_spaces_and_tabs(line)[0].upper() == DOCUMENT_START
    )


def splitter(first_line: str) -> Splitter:
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


_SEPARATED: dict[Splitter, str] = {
    at_tabs: "columns are separated by tabs, since the first line has no space",
    at_spaces_and_tabs: "columns are separated by spaces and tabs",
}
