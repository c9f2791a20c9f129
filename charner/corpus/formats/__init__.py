"""The formats of a corpus, each in a file of its own, recognised by the content of what it reads.

The file of a format has two functions: `recognises(path, beginning)` says from the path and the
first bytes whether something is in this format, `read(path, options)` streams its sentences. To add
a format, write such a file and add it to `FORMATS`. The records of JSON files have formats of their
own, see `json_records`. `advice` says what to do with a file that is in none of them.
"""

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from types import ModuleType

from charner.corpus.formats import (
    advice,
    brat,
    columns,
    csv_table,
    hugging_face_parquet,
    json_records,
    spacy_docs,
    wikiner,
)
from charner.corpus.mistakes import NOT_ACCEPTED, NOT_ANNOTATED, Mistakes
from charner.corpus.notation import in_standard_notation
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence
from charner.support.errors import InputError

# The first that recognises a file reads it.
FORMATS: tuple[ModuleType, ...] = (
    brat,
    spacy_docs,
    hugging_face_parquet,
    json_records,
    csv_table,
    wikiner,
    columns,
)
LINES: tuple[ModuleType, ...] = (csv_table, columns)
"""Those with a token on each line, where the ends of sentences are easily lost."""

LONGEST_SENTENCE = 1000  # tokens; a longer one is several, whose ends were lost
LONGEST_ONLY_SENTENCE = 100  # the same, of a file that has one
_LOOKED_AT = 4096  # bytes


def read_sentences(
    path: Path,
    token_column: int = 0,
    tag_column: int = -1,
    comment_prefix: str | None = None,
    mistakes: Mistakes | None = None,
    language: str = "en",
) -> Iterator[Sentence]:
    """Streams the sentences of a corpus in any of the formats.

    Args:
        path: a file; or a folder of brat.
        token_column, tag_column, comment_prefix, language: see `Options`.
        mistakes: gets the mistakes that can be repaired; None: each is an error.

    Raises:
        InputError: the file cannot be read, or it holds no sentence; the message names the file,
            and the line where there is one.
    """
    mistakes = mistakes or Mistakes()
    options = Options(token_column, tag_column, comment_prefix, language, mistakes)
    beginning = _beginning(path)
    chosen = next(each for each in FORMATS if each.recognises(path, beginning))
    sentences = in_standard_notation(path, chosen.read, options)
    beginnings = [*islice(sentences, 2)]
    if not beginnings:
        left_out = {each: mistakes.counts[each] for each in (NOT_ACCEPTED, NOT_ANNOTATED)}
        notes = [f"; {each.message}: {count:,}" for each, count in left_out.items() if count]
        raise InputError(f"{path}: holds no sentence{''.join(notes)}")
    longest = LONGEST_SENTENCE if len(beginnings) > 1 else LONGEST_ONLY_SENTENCE
    for sentence in chain(beginnings, sentences):
        if chosen in LINES and len(sentence.tokens) > longest:
            raise InputError(
                f"{path}:{sentence.lines[0]}: the sentence that begins here has"
                f" {len(sentence.tokens):,} tokens; put a blank line after each sentence"
            )
        yield sentence


def _beginning(path: Path) -> bytes:
    """The first bytes of a file, without a byte-order mark; none of a folder.

    Raises:
        InputError: it cannot be read.
    """
    if path.is_dir():
        return b""
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: is not a regular file; a corpus is read several times")
    try:
        with open(path, "rb") as file:
            beginning = file.read(_LOOKED_AT)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    if what := advice.for_beginning(beginning):
        raise InputError(f"{path}: is {what}")
    return beginning.removeprefix(b"\xef\xbb\xbf")
