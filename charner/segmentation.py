"""Raw English text as sentences and tokens that fit CoNLL's, with their offsets."""

import re
from collections.abc import Iterator
from itertools import pairwise

import sentencex
from nltk.tokenize.destructive import NLTKWordTokenizer

LONGEST_PIECE = 1_000  # characters; the tokenizer's time may grow with their square
WRAPPED_AT = range(40, 101)  # characters

Span = tuple[int, int]

_BLOCK = re.compile(r"\S(?:[^\n]|\n(?!\s*(?:\n|\Z)))*")
_LINE = re.compile(r"\S[^\n]*")
_PIECE = re.compile(
    rf"\S(?:.{{0,{LONGEST_PIECE - 2}}}\S)?(?!\S)|\S{{1,{LONGEST_PIECE}}}", re.DOTALL
)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_QUOTATION_MARKS = ('"', "``", "''")
_tokenizer = NLTKWordTokenizer()


def sentences(text: str) -> Iterator[list[Span]]:
    """The offsets of the tokens of each sentence, in code points, the end excluded.

    A blank line ends a sentence. So does a line break, unless the lines around it are wrapped.
    """
    for block in _BLOCK.finditer(text):
        passages = [block] if _is_wrapped(block[0]) else _LINE.finditer(text, *block.span())
        for passage in passages:
            found = sentencex.get_sentence_boundaries("en", _LONE_SURROGATE.sub("?", passage[0]))
            bounds = [passage.start() + sentence["start_index"] for sentence in found]
            for start, end in zip(bounds, [*bounds[1:], passage.end()], strict=True):
                if tokens := [*_tokens(text, start, end)]:
                    yield tokens


def _is_wrapped(block: str) -> bool:
    """Whether each line but the last is so long that the next word has no room on it."""
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
            if token in _QUOTATION_MARKS:  # which the tokenizer writes anew; all else it leaves
                token = next(m for m in _QUOTATION_MARKS if text.startswith(m, position))
            yield position, position + len(token)
            position += len(token)
