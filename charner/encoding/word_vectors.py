"""Word vectors in a small table: what other text than the corpus knows about words."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Self

import numpy as np
import safetensors
import safetensors.numpy

from charner.support import counted

HIGHEST = 7  # the largest integer in 4 bits; -8 is not used, so that both signs are treated alike
# Values are cut at this many root mean squares of their dimension. For normally distributed values,
# 2.5 gives the least squared error.
WIDEST = 2.5
_KEY_BYTES = 8
_NOT_VECTORS = "does not hold word vectors of this version"
# What reading other content may raise; AttributeError: numbers of a type that NumPy lacks.
_OTHER_CONTENT = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True)
class WordVectors:
    """The vectors of words.

        vectors("Vienna wien".split())   # (2, 100): those of "vienna", and 0

    A word is known by a hash of 64 bits, so that words of any length take 8 bytes. A value is an
    integer from -7 to 7, times the scale of its dimension. With these scales, the root mean square
    of each dimension is 1, whatever the vectors were made with.
    """

    name: str
    licence: str
    keys: np.ndarray
    """(words,): the hash of each word, in order; unsigned, 64 bits."""
    pairs: np.ndarray
    """(words, half of the dimensions): two values plus 8 in a byte, the first in its low bits."""
    scales: np.ndarray
    """(dimensions,)."""

    @classmethod
    def none(cls) -> Self:
        """No words, and vectors without dimensions: for a model that reads none."""
        return cls.packed("none", "none", [], np.empty((0, 0), np.float32))

    @classmethod
    def packed(cls, name: str, licence: str, words: Sequence[str], values: np.ndarray) -> Self:
        """Packs vectors.

        Args:
            name: what they are called.
            licence: under which they may be used.
            words: each one once.
            values: (words, dimensions), finite.
        """
        keys, order = np.unique(_keys(words), return_index=True)
        dimensions = values.shape[1]
        halves = np.zeros((len(keys), dimensions + dimensions % 2), np.uint8)
        scales = np.empty(dimensions, np.float32)
        for dimension in range(dimensions):
            column = values[order, dimension].astype(np.float64)
            size = max(np.sqrt((column**2).mean()), np.finfo(np.float32).tiny)
            integers = np.clip(np.rint(column / size * (HIGHEST / WIDEST)), -HIGHEST, HIGHEST)
            halves[:, dimension] = integers + 8
            scales[dimension] = 1 / max(np.sqrt((integers**2).mean()), 0.25)
        return cls(name, licence, keys, halves[:, ::2] | halves[:, 1::2] << 4, scales)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads what `save` wrote; nothing in the file can run code.

        Raises:
            ValueError: the file does not hold word vectors.
            OSError: it cannot be read.
        """
        try:
            with safetensors.safe_open(path, "np") as file:
                description = json.loads(file.metadata()["description"])
                name, licence = description["name"], description["licence"]
                keys, pairs, scales = map(file.get_tensor, ("keys", "pairs", "scales"))
        except (safetensors.SafetensorError, *_OTHER_CONTENT):
            raise ValueError(_NOT_VECTORS) from None
        vectors = cls(name, licence, keys, pairs, scales)
        if not vectors._is_valid():
            raise ValueError(_NOT_VECTORS)
        return vectors

    def save(self, path: Path) -> None:
        """Writes the vectors; the same ones always make the same bytes."""
        arrays = {"keys": self.keys, "pairs": self.pairs, "scales": self.scales}
        # One entry: safetensors writes several in any order.
        description = json.dumps({"name": self.name, "licence": self.licence})
        path.write_bytes(safetensors.numpy.save(arrays, {"description": description}))

    @property
    def dimensions(self) -> int:
        """The number of values of a word."""
        return len(self.scales)

    def __len__(self) -> int:
        """The number of words."""
        return len(self.keys)

    @property
    def title(self) -> str:
        """The name and the sizes, for people."""
        if not self.dimensions:
            return "none"
        return f"{self.name}, {counted(len(self), 'word')} of {self.dimensions} values"

    def knows(self, tokens: Iterable[str]) -> np.ndarray:
        """Whether each token, or its lower case, is one of the words: booleans (tokens,)."""
        return self._rows([*tokens]) >= 0

    def __call__(self, tokens: Sequence[str]) -> np.ndarray:
        """The vectors of tokens, of each as it is written, or else of its lower case, or else 0.

        Returns:
            32-bit floats (tokens, dimensions).
        """
        rows = self._rows(tokens)
        pairs = self.pairs[rows[rows >= 0]]
        values = np.empty((len(pairs), 2 * pairs.shape[1]), np.float32)
        values[:, ::2] = pairs & 15
        values[:, 1::2] = pairs >> 4
        vectors = np.zeros((len(tokens), self.dimensions), np.float32)
        vectors[rows >= 0] = (values[:, : self.dimensions] - 8) * self.scales
        return vectors

    def _rows(self, tokens: Sequence[str]) -> np.ndarray:
        """The row of each token, (tokens,); -1: it has none."""
        rows = self._rows_of_words(tokens)
        unknown = np.flatnonzero(rows < 0).tolist()
        rows[unknown] = self._rows_of_words([tokens[i].lower() for i in unknown])
        return rows

    def _rows_of_words(self, words: Sequence[str]) -> np.ndarray:
        if not len(self):
            return np.full(len(words), -1)
        keys = _keys(words)
        rows = np.minimum(np.searchsorted(self.keys, keys), len(self) - 1)
        return np.where(self.keys[rows] == keys, rows, -1)

    def _is_valid(self) -> bool:
        """Whether what was read is as `packed` makes it: the file may come from anywhere."""
        types = [array.dtype for array in (self.keys, self.pairs, self.scales)]
        return (
            all(isinstance(text, str) and text.isprintable() for text in (self.name, self.licence))
            and types == [np.uint64, np.uint8, np.float32]
            and self.scales.ndim == 1
            and self.keys.ndim == 1
            and self.pairs.shape == (len(self.keys), (len(self.scales) + 1) // 2)
            and bool((self.keys[:-1] < self.keys[1:]).all())
            and bool(((self.scales > 0) & (self.scales <= 4)).all())
        )


def _keys(words: Sequence[str]) -> np.ndarray:
    """The hash of each word, (words,)."""
    # A lone surrogate, which text may have, is no UTF-8.
    hashes = [
        blake2b(word.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES) for word in words
    ]
    return np.frombuffer(b"".join(each.digest() for each in hashes), "<u8").astype(np.uint64)
