"""Encoded sentences as padded batches of like length."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from charner.backend import tf
from charner.encoding import PAD

BATCHES_PER_POOL = 50


@dataclass(frozen=True, slots=True)
class Example:
    """One encoded sentence; ids of shape (characters,), lengths of shape (tokens,)."""

    character_ids: np.ndarray
    label_ids: np.ndarray
    token_lengths: np.ndarray
    tags: list[str]

    def cut(self, max_length: int) -> "Example":
        """Its first whole tokens within `max_length` characters; of a longer first one, a part."""
        if len(self.character_ids) <= max_length:
            return self
        ends = np.cumsum(self.token_lengths + 1) - 1
        kept = max(1, int(np.searchsorted(ends, max_length, side="right")))
        length = min(int(ends[kept - 1]), max_length)
        lengths = np.minimum(self.token_lengths[:kept], max_length)
        return Example(
            self.character_ids[:length], self.label_ids[:length], lengths, self.tags[:kept]
        )


def load_examples(path: Path) -> list[Example]:
    """Reads a Parquet file of the char_encode stage."""
    table = pd.read_parquet(path, columns=["tokens", "tags", "character_ids", "label_ids"])
    return [
        Example(row.character_ids, row.label_ids, np.array([*map(len, row.tokens)]), [*row.tags])
        for row in table.itertuples()
    ]


def bucket(
    lengths: np.ndarray, batch_size: int, generator: np.random.Generator | None = None
) -> list[np.ndarray]:
    """Groups sentences of like length, so that batches hold little padding.

    Args:
        lengths: (sentences,), in characters.
        batch_size: sentences in a batch; the last may hold fewer.
        generator: shuffles: batches are then cut from pools of some 50 batches, themselves
            sorted by length, and come in random order. None: all are sorted by length.

    Returns:
        For each batch the positions of its sentences in `lengths`.
    """
    if generator is None:
        order = np.argsort(lengths, kind="stable")
        return np.split(order, range(batch_size, len(order), batch_size))
    order = generator.permutation(len(lengths))
    pool_size = batch_size * BATCHES_PER_POOL
    batches = []
    for start in range(0, len(order), pool_size):
        pool = order[start : start + pool_size]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches += np.split(pool, range(batch_size, len(pool), batch_size))
    return [batches[i] for i in generator.permutation(len(batches))]


def dataset(examples: list[Example], batches: list[np.ndarray]) -> tf.data.Dataset:
    """The batches as a dataset, made ahead of their use.

    Returns:
        Elements (positions (batch,), character_ids (batch, characters), label_ids likewise), all
        int32, padded with PAD to the longest sentence of the batch.
    """

    def elements() -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        for batch in batches:
            yield (
                batch.astype(np.int32),
                _padded([examples[i].character_ids for i in batch]),
                _padded([examples[i].label_ids for i in batch]),
            )

    ids = tf.TensorSpec((None, None), tf.int32)
    signature = (tf.TensorSpec((None,), tf.int32), ids, ids)
    return tf.data.Dataset.from_generator(elements, output_signature=signature).prefetch(4)


def _padded(rows: list[np.ndarray]) -> np.ndarray:
    padded = np.full((len(rows), max(map(len, rows))), PAD, np.int32)
    for target, row in zip(padded, rows, strict=True):
        target[: len(row)] = row
    return padded
