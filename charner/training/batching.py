"""Batches of chunks: the sentences that are read together, one or those of a document."""

from collections.abc import Callable

import numpy as np

from charner.encoding.examples import Example

BATCHES_PER_POOL = 50


def bucket(
    chunks: list[list[Example]],
    row_length: Callable[[list[Example]], int],
    batch_size: int,
    generator: np.random.Generator | None = None,
) -> list[list[list[Example]]]:
    """Groups chunks of similar length, so that batches hold little padding.

    Args:
        chunks: the sentences of each.
        row_length: how long the rows are that a chunk will fill.
        batch_size: sentences in a batch; the last may hold fewer, and where chunks hold more than
            one, others some more.
        generator: shuffles: batches are then cut from pools of some 50 batches, themselves
            sorted by length, and come in random order. None: all are sorted by length.

    Returns:
        The chunks of each batch.
    """
    lengths = np.array([row_length(chunk) for chunk in chunks])
    sizes = np.array([len(chunk) for chunk in chunks])
    if generator is None:
        batches = _split(np.argsort(lengths, kind="stable"), sizes, batch_size)
    else:
        pools = _split(generator.permutation(len(chunks)), sizes, batch_size * BATCHES_PER_POOL)
        by_length = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
        sorted_batches = [b for pool in by_length for b in _split(pool, sizes, batch_size)]
        batches = [sorted_batches[i] for i in generator.permutation(len(sorted_batches))]
    return [[chunks[position] for position in batch] for batch in batches]


def _split(order: np.ndarray, sizes: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Cuts `order` into parts of `batch_size` sentences or a little more."""
    sentences_before = np.cumsum(sizes[order]) - sizes[order]
    starts, start_count = [], 0
    for position, before in enumerate(sentences_before):
        if before >= start_count + batch_size:
            starts.append(position)
            start_count = before
    return np.split(order, starts)
