"""Unicode normalisation of tokens, so that the model reads one form of each character.

`é` may be one code point, or `e` and an accent (Unicode Standard Annex 15, "Unicode Normalization
Forms"). Tokens are normalised one by one, so that the offsets of the text stay as they are.
"""

import unicodedata
from typing import Literal

Normalisation = Literal["NFC", "none"]


def normalised(tokens: list[str], form: Normalisation) -> list[str]:
    """The tokens in NFC (composed characters), or as they are."""
    if form == "none":
        return tokens
    return [unicodedata.normalize(form, token) for token in tokens]
