"""Batches of chunks; a chunk is the sentences that are read together."""

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
    """Groups chunks of similar length in batches, so that there is little padding.

    Args:
        chunks: the sentences of each chunk.
        row_length: returns the length of the longest row of a chunk.
        batch_size: the number of sentences in a batch. The last batch may be smaller; others may be
            larger, since chunks are not divided.
        generator: the source of randomness: chunks are shuffled and sorted by length within pools
            of about BATCHES_PER_POOL batches; batches are in random order. None: no shuffling, all
            chunks are sorted by length.

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
    """Splits `order` into parts of `batch_size` sentences or a little more."""
    sentences_before = np.cumsum(sizes[order]) - sizes[order]
    starts, start_count = [], 0
    for position, before in enumerate(sentences_before):
        if before >= start_count + batch_size:
            starts.append(position)
            start_count = before
    return np.split(order, starts)
