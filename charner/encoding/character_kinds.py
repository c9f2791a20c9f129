"""Kinds of characters, which are known of characters that train does not have, too.

They are groups of the categories of the Unicode standard (section 4.5, "General Category").
"""

import unicodedata
from functools import lru_cache

KINDS = ("upper", "lower", "letter", "mark", "digit", "number", "punctuation", "symbol", "other")
"""Upper case (with title case), lower case, a letter without case, and so on."""

_KIND_OF_CATEGORY = {
    "Lu": "upper",
    "Lt": "upper",
    "Ll": "lower",
    "Lm": "letter",
    "Lo": "letter",
    "Nd": "digit",
    "M": "mark",
    "N": "number",
    "P": "punctuation",
    "S": "symbol",
}


@lru_cache(maxsize=65_536)
def kind_id(character: str) -> int:
    """The number of a character's kind, from 1."""
    category = unicodedata.category(character)
    kind = _KIND_OF_CATEGORY.get(category) or _KIND_OF_CATEGORY.get(category[0], "other")
    return 1 + KINDS.index(kind)
