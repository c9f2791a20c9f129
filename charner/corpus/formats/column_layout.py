"""What the columns of a file of CoNLL columns are, by its first lines."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from charner.corpus.formats import advice
from charner.corpus.formats.csv_table import NAMES
from charner.corpus.mistakes import NUMBERED, SEVERAL_TAG_COLUMNS
from charner.corpus.notation import outside_name
from charner.corpus.options import Options
from charner.corpus.text_lines import text_lines
from charner.support.errors import InputError

DOCUMENT_START = "-DOCSTART-"

# Only these two separate columns; other white space (U+00A0, U+0085, U+2028) belongs to tokens.
SEPARATORS = " \t"
_SPACES_AND_TABS = re.compile(f"[{SEPARATORS}]+")
_LOOKED_AT = 200  # lines with columns, to see what a file is
FEWEST_TAGS = 0.3  # of those lines have a tag, in the column of tags
MOST_TAGS = 0.99  # where a column holds nothing else
# A tag in any of the notations that are read; plain types have at least O.
_TAG = re.compile(r"[OoBIESLUMW]|[BIESLUMbieslum][-_].+|.+[-_][BIESLUMbieslum]")
# Of a token; of several that are one word (`1-2`), or of one that the text has not (`8.1`).
_NUMBER = re.compile(r"[0-9]+(?:[-.][0-9]+)?")
NEW_DOCUMENT = re.compile(r"#\s+newdoc\b|#begin document\b")  # of CoNLL-U, of CoNLL-2012
_COMMENT = re.compile(
    r"#\s+(?:newdoc|newpar|(?:sent_id|text\w*|global\.columns|meta\w*)\s*=)"
    r"|#(?:begin|end) document\b"
)

Splitter = Callable[[str], list[str]]


class Layout(NamedTuple):
    """What the columns of a file are; `width` is their number in the first line."""

    columns: Splitter
    width: int
    token: int
    tag: int
    is_numbered: bool
    is_label_studio: bool

    @property
    def separated(self) -> str:
        """What separates the columns, for messages."""
        if self.columns is at_tabs:
            return "columns are separated by tabs alone, as the first lines show"
        return "columns are separated by spaces and tabs"

    def is_comment(self, line: str, columns: list[str]) -> bool:
        """Whether a line at the start of a sentence is a comment."""
        has_tag_column = -len(columns) <= self.tag < len(columns)
        return _is_comment(line, columns[self.tag] if has_tag_column else "")


def layout_of(path: Path, options: Options) -> Layout:
    """Looks at the first lines of a file, to see where tokens and tags are.

    Raises:
        InputError: it holds no tags, or they would be read wrongly.
    """
    token, tag = options.token_column, options.tag_column
    is_default = (token, tag) == (0, -1)
    lines, begins_with_document = _first_lines(path, options)
    if not lines:
        return Layout(at_spaces_and_tabs, 0, token, tag, False, False)
    if all(map(_holds_a_sentence, lines)):
        raise InputError(
            f"{path}: each line seems to hold a sentence, a tab and its tags; write a token and its"
            " tag on each line, and a blank line after each sentence"
        )
    columns_of = splitter(lines)
    rows = [*map(columns_of, lines)]
    width = min(map(len, rows))
    columns = {place: [row[place] for row in rows] for place in range(-width, width)}
    shares = {
        place: sum(map(bool, map(_TAG.fullmatch, column))) / len(rows)
        for place, column in columns.items()
    }
    outside = outside_name(Counter(columns[tag])) if tag in columns else None
    if max(shares.values()) < FEWEST_TAGS and not outside:
        raise InputError(
            f"{path}: has no column of tags, such as O and B-PER (its first line has"
            f" {rows[0]!r}); {advice.for_no_tags(lines)}"
        )
    if rows[0][token % len(rows[0])].lower() in NAMES["token"] and not _TAG.fullmatch(rows[0][-1]):
        raise InputError(
            f"{path}: the first line, {rows[0]!r}, seems to name the columns; remove it, or name"
            " them Word and Tag"
        )
    is_numbered = False
    if is_default and width > 2 and all(map(_NUMBER.fullmatch, columns[0])):
        numbered = [row for row in rows if row[0].isdecimal()]
        if not _count_tokens(numbered):
            raise InputError(
                f"{path}: the first column holds numbers, and tokens are read from it; choose the"
                " columns of tokens and tags by char_encode.token_column and tag_column"
            )
        is_numbered, token, tag = True, 1, max(range(2, width), key=lambda place: shares[place])
        shown = f"column 1 is {numbered[0][1]!r}, column {tag} is {numbered[0][tag]!r}"
        options.mistakes.add(NUMBERED, f"{path}: {shown}")
    tagged = [str(place) for place in range(width) if shares[place] > MOST_TAGS]
    if is_default and len(tagged) > 1:
        several = f"columns {', '.join(tagged)}; the last one was read"
        options.mistakes.add(SEVERAL_TAG_COLUMNS, f"{path}: {several}")
    if is_default and any(_are_prefixes(columns[place]) for place in range(1, width - 1)):
        raise InputError(
            f"{path}: one column holds B, I and O, and the last one the types of entities; make one"
            " column of both, as B-PER"
        )
    is_label_studio = begins_with_document and all(row[1:2] == ["-X-"] for row in rows)
    return Layout(columns_of, len(rows[0]), token, tag, is_numbered, is_label_studio)


def _first_lines(path: Path, options: Options) -> tuple[list[str], bool]:
    """The first lines with columns, and whether the start of a document comes before them."""
    lines: list[str] = []
    begins_with_document = False
    prefix = options.comment_prefix
    for _, line in text_lines(path):
        if not line.strip(SEPARATORS) or (prefix is not None and line.startswith(prefix)):
            continue
        columns = at_spaces_and_tabs(line)
        if starts_document(line, columns, options.token_column):
            begins_with_document = begins_with_document or not lines
        elif not _is_comment(line, columns[-1]):
            lines.append(line)
            if len(lines) == _LOOKED_AT:
                break
    return lines, begins_with_document


def _holds_a_sentence(line: str) -> bool:
    """Whether there are several words before a tab, and as many tags after it."""
    words, *tags = line.strip(SEPARATORS).split("\t")
    return len(tags) == 1 and len(words.split()) == len(tags[0].split()) > 1


def _is_comment(line: str, tag: str) -> bool:
    """Whether a line is a comment, and has no token such as `#` or `#London` with a tag."""
    if _COMMENT.match(line):
        return True
    return bool(re.match(r"#(?:\s|$)", line)) and not _TAG.fullmatch(tag)


def _are_prefixes(column: Sequence[str]) -> bool:
    """Whether a column holds the prefixes of tags without types."""
    return {"B", "O"} <= {*column} <= {*"BIOESLUM"}


def _count_tokens(rows: list[list[str]]) -> bool:
    """Whether the first column counts the tokens of each sentence, from 0 or 1."""
    numbers = [int(row[0]) for row in rows]
    first = numbers[0] if numbers else -1
    counted_on = (after in (first, before + 1) for before, after in pairwise(numbers))
    return len(numbers) > 1 and first in (0, 1) and all(counted_on)


def starts_document(line: str, columns: list[str], token_column: int) -> bool:
    return is_document_start(line, columns) or columns[token_column:][:1] == [DOCUMENT_START]


def is_document_start(line: str, columns: list[str]) -> bool:
    """Whether a line starts a document, by its first column, or its first word if it has no tab."""
    return columns[0].upper() == DOCUMENT_START or (
        "\t" not in line and at_spaces_and_tabs(line)[0].upper() == DOCUMENT_START
    )


def splitter(first_lines: list[str]) -> Splitter:
    """The function that splits the lines of a file into columns, by the first of them.

    If the very first has tabs and no spaces, only tabs separate columns: tokens may hold spaces. So
    it is if all lines have the same number of tabs, but not of spaces.
    """
    lines = [line.rstrip(SEPARATORS) for line in first_lines]
    if lines and "\t" in lines[0]:
        spaces, tabs = ({line.count(each) for line in lines} for each in SEPARATORS)
        if " " not in lines[0] or (len(spaces) > 1 and len(tabs) == 1):
            return at_tabs
    return at_spaces_and_tabs


def at_spaces_and_tabs(line: str) -> list[str]:
    """The columns of a line; [""] of an empty one."""
    return _SPACES_AND_TABS.split(line.strip(SEPARATORS))


def at_tabs(line: str) -> list[str]:
    """The columns of a line. Tabs at the end separate nothing, one at the start an empty column."""
    return [column.strip(" ") for column in line.rstrip(SEPARATORS).split("\t")]
