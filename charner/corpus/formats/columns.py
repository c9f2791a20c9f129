"""CoNLL columns: a token and its tag on each line, a blank line between sentences."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from charner.corpus.formats.column_layout import (
    NEW_DOCUMENT,
    SEPARATORS,
    layout_of,
    starts_document,
)
from charner.corpus.mistakes import (
    COLUMNS,
    COMMENT,
    EMPTY_TOKEN,
    ONE_DOCUMENT_LINE,
    PART_OF_NUMBER,
)
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence
from charner.corpus.text_lines import text_lines
from charner.support.errors import InputError

OLD_LINE_BREAK = "a line break of old Macs (CR) within a line"


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
    layout = layout_of(path, options)
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
        begins_document = starts_document(line, columns, layout.token)
        if not tokens and not begins_document and layout.is_comment(line, columns):
            if not NEW_DOCUMENT.match(line):
                mistakes.add(COMMENT, f"{location}: {line!r}")
                continue
            begins_document = True
        if begins_document or not line.strip(SEPARATORS):
            if tokens:
                yield Sentence(document, tokens, tags, lines)
                tokens, tags, lines = [], [], []
            if begins_document and layout.is_label_studio:
                mistakes.add(ONE_DOCUMENT_LINE, location)
            elif begins_document:
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
                f" and tag_column {layout.tag} ({layout.separated})"
            )
        if len(columns) != layout.width:
            message = f"{len(columns)} columns, but the first line has {layout.width}"
            mistakes.add(COLUMNS, f"{location}: {message} ({layout.separated})")
        token, tag = columns[layout.token], columns[layout.tag]
        if not token:
            mistakes.add(EMPTY_TOKEN, f"{location}: the token is empty")
            continue
        tokens.append(token)
        tags.append(tag)
        lines.append(number)
