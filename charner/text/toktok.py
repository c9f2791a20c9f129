"""Splits text of any language into tokens, by NLTK's `ToktokTokenizer`."""

from collections.abc import Iterator

import regex
from nltk.tokenize.toktok import ToktokTokenizer

_OTHER_MARKS = regex.compile(r"(?V1)([\p{Terminal_Punctuation}--\p{ASCII}])")


class _Toktok(ToktokTokenizer):
    """Tok-tok (Dehdari 2014), with the punctuation marks that end sentences in other scripts.

    Without the rules that rewrite `&` and `|`, so that a token is what stands in the text.
    """

    TOKTOK_REGEXES = [  # noqa: RUF012 (as the base class has it)
        (_OTHER_MARKS, r" \1 "),
        *(
            rule
            for rule in ToktokTokenizer.TOKTOK_REGEXES
            if rule not in (ToktokTokenizer.AMPERCENT, ToktokTokenizer.TAB, ToktokTokenizer.PIPE)
        ),
    ]


_toktok = _Toktok()


def tokens(text: str) -> Iterator[tuple[int, int]]:
    """Yields the offsets of the tokens of a sentence, or of a piece of one."""
    position = 0
    for token in _toktok.tokenize(text):
        while text[position].isspace():
            position += 1
        yield position, position + len(token)
        position += len(token)
