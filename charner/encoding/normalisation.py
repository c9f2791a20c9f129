"""Unicode normalisation of tokens, so that the model reads one form of each character.

`é` may be one code point, or `e` and an accent (Unicode Standard Annex 15, "Unicode Normalization
Forms"). Tokens are normalised one by one, so that the offsets of the text stay as they are.
"""

import unicodedata
from typing import Literal

Normalisation = Literal["NFC", "none"]


def normalised(token: str, form: Normalisation) -> str:
    """The token in NFC (composed characters), or as it is."""
    return token if form == "none" else unicodedata.normalize(form, token)
