"""Splits text into tokens, by a rule that fits its language and script."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import regex

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

# The rules of the Penn Treebank, from Robert MacIntyre's script `tokenizer.sed` (1995), as NLTK's
# `NLTKWordTokenizer` extends them. Quotation marks are not rewritten.
_ALONE = r"""[«»“”„\u2018\u2019"();@#$%&?!*\[\]{}<>\u2012-\u2015]"""
_FINAL_STOP = r"""(?<!\.)\.(?=[\])}>"'»”\u2019\s]*\Z)"""
_MARK = rf"(?:{_ALONE}|[:,](?!\d)|{_FINAL_STOP}|\.\.+|--|`+|'')"
_END = rf"(?=\s|\Z|{_MARK})"
_CLITIC = rf"(?:(?i:'(?:s|m|d|ll|re|ve)|n't){_END})"
# The first half of a word that is two tokens.
_HALF = (
    r"(?:\b(?i:can(?=not\b)|gim(?=me\b)|gon(?=na\b)|got(?=ta\b)|lem(?=me\b)|wan(?=na\b)"
    r"|d(?='ye\b)|more(?='n\b)))"
)
_ENGLISH_TOKEN = re.compile(
    rf"""{_MARK} | {_HALF} | {_CLITIC}
    | (?<!\w)'(?=\w) | '{_END}  # an apostrophe before or after a word
    | (?:(?!{_MARK})\S)+?(?={_CLITIC}|'{_END}|\s|\Z|{_MARK})""",
    re.VERBOSE,
)

_OTHER_MARKS = regex.compile(r"(?V1)([\p{Terminal_Punctuation}--\p{ASCII}])")


def tokens(text: str, start: int, end: int, language: str) -> Iterator[Offsets]:
    """Yields the offsets of the tokens of a sentence.

    English is split as in the Penn Treebank, other languages by NLTK's `ToktokTokenizer`. In
    scripts without spaces between words, such as Chinese, Japanese and Thai, each character is a
    token, whatever the language. No token begins with a byte-order mark, which in a file of columns
    would be none of its content.

    Args:
        text, start, end: the sentence is this part of the text.
        language: its code, such as `en` or `zh-hant`.
    """
    words = _english_tokens if language.split("-")[0] == "en" else _toktok_tokens
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
    for character in _UNSPACED.finditer(piece.string, *piece.span()):
        if character.start() > position:
            yield character.start(), False
        yield character.end(), True
        position = character.end()
    if position < piece.end():
        yield piece.end(), False


def _english_tokens(text: str) -> Iterator[Offsets]:
    return (token.span() for token in _ENGLISH_TOKEN.finditer(text))


def _toktok_tokens(text: str) -> Iterator[Offsets]:
    position = 0
    for token in _toktok().tokenize(text):
        while text[position].isspace():
            position += 1
        yield position, position + len(token)
        position += len(token)


@cache
def _toktok() -> Any:
    """Tok-tok (Dehdari 2014), with the punctuation marks that end sentences in other scripts.

    Without the rules that rewrite `&` and `|`, so that a token is what stands in the text.
    """
    from nltk.tokenize.toktok import ToktokTokenizer  # late, since it takes a second

    toktok = ToktokTokenizer()
    left_out = (toktok.AMPERCENT, toktok.TAB, toktok.PIPE)
    rules = [rule for rule in toktok.TOKTOK_REGEXES if rule not in left_out]
    toktok.TOKTOK_REGEXES = [(_OTHER_MARKS, r" \1 "), *rules]
    return toktok
