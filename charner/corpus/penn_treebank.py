"""Splits English into tokens by the rules of the Penn Treebank.

They are those of Robert MacIntyre's script `tokenizer.sed` (1995), as NLTK's `NLTKWordTokenizer`
extends them. Quotation marks are not rewritten.
"""

import re
from collections.abc import Iterator

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
_TOKEN = re.compile(
    rf"""{_MARK} | {_HALF} | {_CLITIC}
    | (?<!\w)'(?=\w) | '{_END}  # an apostrophe before or after a word
    | (?:(?!{_MARK})\S)+?(?={_CLITIC}|'{_END}|\s|\Z|{_MARK})""",
    re.VERBOSE,
)


def tokens(text: str) -> Iterator[tuple[int, int]]:
    """Yields the offsets of the tokens of a sentence, or of a piece of one."""
    return (token.span() for token in _TOKEN.finditer(text))
