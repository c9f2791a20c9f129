"""Splits raw text into sentences and tokens, with offsets."""

import re
from collections.abc import Iterator
from itertools import chain, pairwise

import sentencex

from charner.corpus.tokens import Offsets, tokens
from charner.support.errors import InputError

LONGEST_PART = 50_000  # characters that are split into sentences at once; limits the memory
WRAPPED_AT = range(40, 101)  # characters

_BLOCK = re.compile(r"\S[^\n]*(?:\n(?!\s*(?:\n|\Z))[^\n]*)*")
_LINE = re.compile(r"\S[^\n]*")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
# sentencex panics at some spaces other than this.
_OTHER_SPACE = re.compile(r"[^\S\n ]")


class SplittingError(InputError):
    """A text cannot be split into sentences."""


def sentences(text: str, language: str) -> Iterator[list[Offsets]]:
    """Yields for each sentence the offsets of its tokens, in code points, the end excluded.

    A blank line ends a sentence. So does a line break, unless the lines around it are wrapped.

    Args:
        text: raw text.
        language: its code, such as `en`; see `tokens`. For a language that sentencex has no rules
            for, it takes the rules of a related language, or of English.

    Raises:
        SplittingError: sentencex failed.
    """
    for block in _BLOCK.finditer(text):
        passages = [block] if _is_wrapped(block[0]) else _LINE.finditer(text, *block.span())
        for passage in passages:
            starts = (passage.start() + start for start in _starts(passage[0], language))
            for start, end in pairwise(chain(starts, [passage.end()])):
                if sentence := [*tokens(text, start, end, language)]:
                    yield sentence


def _starts(passage: str, language: str) -> Iterator[int]:
    """Yields where the sentences of a passage start."""
    passage = _OTHER_SPACE.sub(" ", _LONE_SURROGATE.sub("?", passage))
    position = 0
    while position < len(passage):
        part = passage[position : position + LONGEST_PART]
        starts = _boundaries(part, language)
        end = len(part)
        if position + end < len(passage):
            # The last sentence may continue; if it is the only one, it is cut at its last space.
            *starts, end = starts if len(starts) > 1 else [0, part.rfind(" ") + 1 or end]
        yield from (position + start for start in starts)
        position += end


def _boundaries(text: str, language: str) -> list[int]:
    """The starts of sentences, as sentencex finds them."""
    try:
        boundaries = sentencex.get_sentence_boundaries(language, text)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic in Rust is no Exception
        raise SplittingError(f"sentencex cannot split the text: {error}") from None
    return [sentence["start_index"] for sentence in boundaries]


def _is_wrapped(block: str) -> bool:
    """Whether each line except the last is too long for the next word to fit on it."""
    lines = block.split("\n")
    width = max(len(line.rstrip()) for line in lines)
    return width in WRAPPED_AT and all(
        len(line.rstrip()) + 1 + len(following.split(maxsplit=1)[0]) > width
        for line, following in pairwise(lines)
    )
