"""Splits raw English text into sentences and tokens like those of CoNLL-2003, with offsets."""

import re
from collections.abc import Iterator
from itertools import chain, pairwise

import sentencex
from nltk.tokenize.destructive import NLTKWordTokenizer

LONGEST_PART = 50_000  # characters that are split into sentences at once; limits the memory
LONGEST_PIECE = 1_000  # characters that are tokenised at once; time may grow with their square
WRAPPED_AT = range(40, 101)  # characters

Span = tuple[int, int]

_BLOCK = re.compile(r"\S[^\n]*(?:\n(?!\s*(?:\n|\Z))[^\n]*)*")
_LINE = re.compile(r"\S[^\n]*")
_PIECE = re.compile(
    rf"\S(?:.{{0,{LONGEST_PIECE - 2}}}\S)?(?!\S)|\S{{1,{LONGEST_PIECE}}}", re.DOTALL
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_QUOTATION_MARKS = ('"', "``", "''")
_tokenizer = NLTKWordTokenizer()


def sentences(text: str) -> Iterator[list[Span]]:
    """Yields for each sentence the offsets of its tokens, in code points, the end excluded.

    A blank line ends a sentence. So does a line break, unless the lines around it are wrapped.
    """
    for block in _BLOCK.finditer(text):
        passages = [block] if _is_wrapped(block[0]) else _LINE.finditer(text, *block.span())
        for passage in passages:
            starts = (passage.start() + start for start in _starts(passage[0]))
            for start, end in pairwise(chain(starts, [passage.end()])):
                if tokens := [*_tokens(text, start, end)]:
                    yield tokens


def _starts(passage: str) -> Iterator[int]:
    """Yields where the sentences of a passage start."""
    passage = _LONE_SURROGATE.sub("?", passage)
    position = 0
    while position < len(passage):
        part = passage[position : position + LONGEST_PART]
        found = sentencex.get_sentence_boundaries("en", part)
        starts = [sentence["start_index"] for sentence in found]
        end = len(part)
        if position + end < len(passage):
            # The last sentence may continue; if it is the only one, it is cut at its last space.
            *starts, end = starts if len(starts) > 1 else [0, part.rfind(" ") + 1 or end]
        yield from (position + start for start in starts)
        position += end


def _is_wrapped(block: str) -> bool:
    """Whether each line except the last is too long for the next word to fit on it."""
    lines = block.split("\n")
    width = max(len(line.rstrip()) for line in lines)
    return width in WRAPPED_AT and all(
        len(line.rstrip()) + 1 + len(following.split(maxsplit=1)[0]) > width
        for line, following in pairwise(lines)
    )


def _tokens(text: str, start: int, end: int) -> Iterator[Span]:
    for piece in _PIECE.finditer(text, start, end):
        position = piece.start()
        for token in _tokenizer.tokenize(piece[0]):
            while text[position].isspace():
                position += 1
            if token in _QUOTATION_MARKS:  # the only tokens that the tokeniser rewrites
                token = next(m for m in _QUOTATION_MARKS if text.startswith(m, position))
            yield position, position + len(token)
            position += len(token)
