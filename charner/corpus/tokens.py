"""Splits text into tokens, by a rule that fits its language and script."""

import re
from collections.abc import Iterator

import regex

from charner.corpus import penn_treebank, toktok

LONGEST_PIECE = 1_000  # characters that are tokenised at once; time may grow with their square

BYTE_ORDER_MARK = "\ufeff"

Offsets = tuple[int, int]
"""The offsets of a part of a text in code points, the end excluded."""

_PIECE = re.compile(
    rf"\S(?:.{{0,{LONGEST_PIECE - 2}}}\S)?(?!\S)|\S{{1,{LONGEST_PIECE}}}", re.DOTALL
)

# A character, with its marks, of a script that has no spaces between words, or its punctuation.
_UNSPACED = regex.compile(
    r"(?V1)[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}"
    r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}"
    r"[\p{Block=CJK_Symbols_And_Punctuation}--\s]"
    r"[\p{Block=Halfwidth_And_Fullwidth_Forms}&&\p{Punctuation}]]\p{Mark}*"
)


def tokens(text: str, start: int, end: int, language: str) -> Iterator[Offsets]:
    """Yields the offsets of the tokens of a sentence.

    English is split as in the Penn Treebank, other languages by NLTK's `ToktokTokenizer`. In
    scripts without spaces between words, such as Chinese, Japanese and Thai, each character is a
    token, whatever the language. No token begins with a byte-order mark, which in a file of columns
    would be none of its content.

    Args:
        text: holds the sentence.
        start: the offset of the sentence.
        end: the offset of its end.
        language: its code, such as `en` or `zh-hant`.
    """
    words = penn_treebank.tokens if language.split("-")[0] == "en" else toktok.tokens
    for piece in _PIECE.finditer(text, start, end):
        position = piece.start()
        for part_end, is_token in _parts(piece):
            if is_token:
                yield position, part_end
            else:
                for word_start, word_end in words(text[position:part_end]):
                    word = text[position + word_start : position + word_end]
                    if content := word.lstrip(BYTE_ORDER_MARK):
                        yield position + word_end - len(content), position + word_end
            position = part_end


def _parts(piece: re.Match[str]) -> Iterator[tuple[int, bool]]:
    """The ends of the parts of a piece, and whether a part is a token as it is."""
    position = piece.start()
    for found in _UNSPACED.finditer(piece.string, *piece.span()):
        if found.start() > position:
            yield found.start(), False
        yield found.end(), True
        position = found.end()
    if position < piece.end():
        yield piece.end(), False
