"""Characters by the Unicode standard: their kinds, and one form of each."""

import unicodedata
from functools import lru_cache
from typing import Literal

KINDS = ("upper", "lower", "letter", "mark", "digit", "number", "punctuation", "symbol", "other")
"""Groups of general categories (section 4.5); the model knows them of unknown characters, too.

Upper case (with title case), lower case, a letter without case, and so on.
"""

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

Normalisation = Literal["NFC", "none"]


@lru_cache(maxsize=65_536)
def kind_id(character: str) -> int:
    """The number of a character's kind, from 1."""
    category = unicodedata.category(character)
    kind = _KIND_OF_CATEGORY.get(category) or _KIND_OF_CATEGORY.get(category[0], "other")
    return 1 + KINDS.index(kind)


def normalised(tokens: list[str], form: Normalisation) -> list[str]:
    """The tokens in NFC (composed characters), or as they are.

    `é` may be one code point, or `e` and an accent (Unicode Standard Annex 15, "Unicode
    Normalization Forms"). Each token is normalised alone, so that offsets in the text stay true.
    """
    if form == "none":
        return tokens
    return [unicodedata.normalize(form, token) for token in tokens]
