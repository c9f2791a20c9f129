"""How sentences are grouped into batches."""

from collections.abc import Callable

import numpy as np

from charner.examples import Example
from charner.vocabulary import PAD

BATCHES_PER_POOL = 50


def bucket(
    units: list[list[Example]],
    row_length: Callable[[list[Example]], int],
    batch_size: int,
    generator: np.random.Generator | None = None,
) -> list[list[list[Example]]]:
    """Groups units (sentences or documents) of like length, so that batches hold little padding.

    Args:
        units: the sentences of each.
        row_length: how long the rows are that a unit will fill.
        batch_size: sentences in a batch; the last may hold fewer, and where units hold more than
            one, others some more.
        generator: shuffles: batches are then cut from pools of some 50 batches, themselves
            sorted by length, and come in random order. None: all are sorted by length.

    Returns:
        The units of each batch.
    """
    lengths = np.array([row_length(unit) for unit in units])
    sizes = np.array([len(unit) for unit in units])
    if generator is None:
        batches = _split(np.argsort(lengths, kind="stable"), sizes, batch_size)
    else:
        pools = _split(generator.permutation(len(units)), sizes, batch_size * BATCHES_PER_POOL)
        by_length = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
        sorted_batches = [b for pool in by_length for b in _split(pool, sizes, batch_size)]
        batches = [sorted_batches[i] for i in generator.permutation(len(sorted_batches))]
    return [[units[position] for position in batch] for batch in batches]


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
