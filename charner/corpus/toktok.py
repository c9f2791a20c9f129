"""Splits text of any language into tokens, by NLTK's `ToktokTokenizer`."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import regex

_OTHER_MARKS = regex.compile(r"(?V1)([\p{Terminal_Punctuation}--\p{ASCII}])")


def tokens(text: str) -> Iterator[tuple[int, int]]:
    """Yields the offsets of the tokens of a sentence, or of a piece of one."""
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
