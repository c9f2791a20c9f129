"""Random typing errors, to train a robust tagger and to test how robust it is."""

from collections.abc import Sequence

import numpy as np


def with_typos(
    token: str, rate: float, letters: Sequence[str], generator: np.random.Generator
) -> str:
    """Adds typing errors to a token.

    Args:
        token: the token without errors.
        rate: the probability of an error at each character. With equal probability, it is replaced
            by a random letter, left out (unless it is the only one), doubled, or swapped with the
            next character.
        letters: the letters that may replace one, in lower case.
        generator: the source of randomness.
    """
    if not rate:
        return token
    characters = list(token)
    for position in np.flatnonzero(generator.random(len(characters)) < rate):
        match generator.integers(4):
            case 0 if letters:
                letter = letters[int(generator.integers(len(letters)))]
                characters[position] = letter.upper() if token[position].isupper() else letter
            case 1 if len(token) > 1:
                characters[position] = ""
            case 2:
                characters[position] *= 2
            case _:
                pair = slice(position, position + 2)
                characters[pair] = characters[pair][::-1]
    return "".join(characters) or token
