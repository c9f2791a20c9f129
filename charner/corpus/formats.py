"""Reads a corpus in any of the formats, which is recognised by its content."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from charner.corpus import SPACY_START
from charner.corpus.columns import read_columns
from charner.corpus.json_lines import read_json_lines
from charner.corpus.mistakes import NOT_ACCEPTED, Mistakes
from charner.corpus.sentence import Sentence
from charner.corpus.spacy_docs import read_spacy_docs
from charner.support.errors import InputError

_JSON_OBJECT = re.compile(rb'(?:\s|\xef\xbb\xbf)*\{\s*["}]')
_JSON_ARRAY = re.compile(rb"(?:\s|\xef\xbb\xbf)*\[\s*[\[{]")
_LOOKED_AT = 4096  # bytes


def read_sentences(
    path: Path,
    token_column: int = 0,
    tag_column: int = -1,
    comment_prefix: str | None = None,
    mistakes: Mistakes | None = None,
    language: str = "en",
) -> Iterator[Sentence]:
    """Streams the sentences of a file: CoNLL columns, JSON lines or spaCy's documents.

    Args:
        path: the file.
        token_column, tag_column, comment_prefix: for CoNLL columns, see `read_columns`.
        mistakes: gets the mistakes that can be repaired; None: each is an error.
        language: that of text without tokens or sentences, see `corpus.segmentation`.

    Raises:
        InputError: the file cannot be read, or it holds no sentence; the message names the file,
            and the line where there is one.
    """
    mistakes = mistakes or Mistakes()
    if path.exists() and not path.is_file() and not path.is_dir():
        raise InputError(f"{path}: is not a regular file; a corpus is read several times")
    try:
        with open(path, "rb") as file:
            start = file.read(_LOOKED_AT)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    if start.startswith(SPACY_START):
        sentences = read_spacy_docs(path, mistakes, language)
    elif _JSON_ARRAY.match(start):
        raise InputError(f"{path}: a JSON array; each line should be a JSON object of its own")
    elif _JSON_OBJECT.match(start):
        sentences = read_json_lines(path, mistakes, language)
    else:
        sentences = read_columns(path, token_column, tag_column, comment_prefix, mistakes)
    first = next(sentences, None)
    if first is None:
        left_out = mistakes.counts[NOT_ACCEPTED]
        note = f"; {NOT_ACCEPTED.message}: {left_out:,}" if left_out else ""
        raise InputError(f"{path}: holds no sentence{note}")
    yield from chain([first], sentences)
