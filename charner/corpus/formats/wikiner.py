"""WikiNER's lines (Nothman et al. 2013): a sentence on each, with items such as `Ann|NNP|I-PER`."""

import re
from collections.abc import Iterator
from pathlib import Path

from charner.corpus.options import Options
from charner.corpus.sentence import Sentence
from charner.corpus.text_lines import text_lines
from charner.support.errors import InputError

_ITEM = re.compile(r"(?P<token>[^\s|]+|\|)\|[^\s|]*\|(?P<tag>[^\s|]+)")


def recognises(path: Path, beginning: bytes) -> bool:
    """Whether the first line has several items, and nothing else."""
    first, end, _ = beginning.lstrip().partition(b"\n")
    items = first.decode("utf-8", "replace").split()
    items = items if end else items[:-1] or items  # the last one may be cut
    return len(items) > 1 and all(map(_ITEM.fullmatch, items))


def read(path: Path, options: Options) -> Iterator[Sentence]:
    """Streams the sentences of a file.

    Raises:
        InputError: an item is not a token, its part of speech and its tag, joined by `|`.
    """
    for number, line in text_lines(path):
        items = line.split()
        found = [_ITEM.fullmatch(item) for item in items]
        if None in found:
            item = items[found.index(None)]
            raise InputError(
                f"{path}:{number}: found {item!r}; should be a token, its part of speech and its"
                " tag, joined by |"
            )
        if items:
            matches = [match for match in found if match]
            tokens, tags = ([match[name] for match in matches] for name in ("token", "tag"))
            yield Sentence(0, tokens, tags, [number] * len(tokens))
