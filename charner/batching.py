"""Encoded sentences, and how they are grouped into batches."""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd

from charner.encoding import PAD, Vocabulary

BATCHES_PER_POOL = 50


@dataclass(frozen=True, slots=True)
class Example:
    """One encoded sentence; ids of shape (characters,); tags in IOB2."""

    document: int
    tokens: list[str]
    tags: list[str]
    character_ids: np.ndarray
    label_ids: np.ndarray

    @classmethod
    def encode(
        cls, document: int, tokens: list[str], tags: list[str], vocabulary: Vocabulary
    ) -> "Example":
        """Looks the ids up as the char_encode stage does."""
        return cls(
            document,
            tokens,
            tags,
            np.array(vocabulary.encode_characters(tokens), np.int32),
            np.array(vocabulary.encode_labels(tokens, tags), np.int32),
        )

    @property
    def token_lengths(self) -> np.ndarray:
        """(tokens,), in characters."""
        return np.array([*map(len, self.tokens)])

    def cut(self, max_length: int) -> "Example":
        """Its first whole tokens within `max_length` characters; of a longer first one, a part."""
        if len(self.character_ids) <= max_length:
            return self
        ends = np.cumsum(self.token_lengths + 1) - 1
        kept = max(1, int(np.searchsorted(ends, max_length, side="right")))
        length = min(int(ends[kept - 1]), max_length)
        return Example(
            self.document,
            [token[:max_length] for token in self.tokens[:kept]],
            self.tags[:kept],
            self.character_ids[:length],
            self.label_ids[:length],
        )


def load_examples(path: Path) -> list[Example]:
    """Reads a Parquet file of the char_encode stage."""
    return [
        Example(row.document, [*row.tokens], [*row.tags], row.character_ids, row.label_ids)
        for row in pd.read_parquet(path).itertuples()
    ]


def documents(examples: list[Example], max_sentences: int) -> list[list[Example]]:
    """The sentences of each document.

    A document of more than `max_sentences` is cut into parts. Where all sentences have the same
    document number the corpus tells no documents: then each sentence is one.
    """
    if len({example.document for example in examples}) < 2:
        return [[example] for example in examples]
    found = []
    for _, group in groupby(examples, lambda example: example.document):
        sentences = list(group)
        found += [
            sentences[start : start + max_sentences]
            for start in range(0, len(sentences), max_sentences)
        ]
    return found


def bucket(
    lengths: np.ndarray,
    sizes: np.ndarray,
    batch_size: int,
    generator: np.random.Generator | None = None,
) -> list[np.ndarray]:
    """Groups units (sentences or documents) of like length, so that batches hold little padding.

    Args:
        lengths: (units,), how long the rows are that each will fill.
        sizes: (units,), the sentences in each.
        batch_size: sentences in a batch; the last may hold fewer, and where units hold more than
            one, others some more.
        generator: shuffles: batches are then cut from pools of some 50 batches, themselves
            sorted by length, and come in random order. None: all are sorted by length.

    Returns:
        For each batch the positions of its units in `lengths`.
    """
    if generator is None:
        return _split(np.argsort(lengths, kind="stable"), sizes, batch_size)
    order = generator.permutation(len(lengths))
    batches = []
    for pool in _split(order, sizes, batch_size * BATCHES_PER_POOL):
        batches += _split(pool[np.argsort(lengths[pool], kind="stable")], sizes, batch_size)
    return [batches[i] for i in generator.permutation(len(batches))]


def _split(order: np.ndarray, sizes: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Cuts `order` into parts of `batch_size` sentences or a little more."""
    sentences_before = np.cumsum(sizes[order]) - sizes[order]
    starts, start_count = [], 0
    for position, before in enumerate(sentences_before):
        if before >= start_count + batch_size:
            starts.append(position)
            start_count = before
    return np.split(order, starts)


def pad(rows: list[list[int] | np.ndarray]) -> np.ndarray:
    """The rows as one int32 array, padded with PAD to the longest; no row gives one of PAD."""
    padded = np.full((max(1, len(rows)), max([1, *map(len, rows)])), PAD, np.int32)
    for target, row in zip(padded, rows, strict=False):
        target[: len(row)] = row
    return padded
