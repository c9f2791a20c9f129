"""The embedding of each character that a model may read."""

import numpy as np

from charner.encoding.characters import kind_id
from charner.encoding.vocabulary import SPACE, UNK, Vocabulary
from charner.tags.schemes import PAD


class CharacterTable:
    """The embeddings of the known characters, then of an unknown one of each kind.

    `embeddings` is (rows, values); row PAD is 0.
    """

    def __init__(self, vocabulary: Vocabulary, weights: dict[str, np.ndarray]):
        """Takes the weights of a model."""
        characters, kinds = weights["characters.embeddings"], weights["character_kinds.embeddings"]
        names = vocabulary.characters
        # The file may come from anywhere: some names may not be single characters.
        kind_ids = [kind_id(name) if len(name) == 1 else PAD for name in names]
        self.embeddings = np.concatenate([characters + kinds[kind_ids], characters[UNK] + kinds])
        self.embeddings[PAD] = 0
        self._known = vocabulary.character_ids
        self._unknown = len(names)

    def rows(self, tokens: list[str]) -> np.ndarray:
        """The row of each character of tokens, joined by one space, (characters,)."""
        known, unknown = self._known, self._unknown
        text = SPACE.join(tokens)
        rows = [known[one] if one in known else unknown + kind_id(one) for one in text]
        return np.array(rows, np.intp)
