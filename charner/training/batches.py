"""The batches of an epoch: which chunks are read, how often, and which of them together.

A chunk is the sentences that the model reads together.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from charner.encoding.examples import Chunk, Example
from charner.models.architecture import Architecture
from charner.params import Train

BATCHES_PER_POOL = 50
SMALLEST_BATCH = 8  # sentences; smaller batches take almost as long


class Batch(NamedTuple):
    """Chunks that a step reads, and whether entities in them may be replaced."""

    chunks: list[Chunk]
    replaces_mentions: bool


class Batches:
    """The chunks of train, and how an epoch divides them into batches.

    An epoch has at least `min_steps` steps. For a small corpus, this takes batches of fewer
    sentences than `batch_size`, and several passes: otherwise training would end before anything is
    learned. A model without word vectors learns slower, and has at least `passes_without_vectors`.

    Where word vectors know the words, an epoch's first pass over train leaves its entities alone.
    """

    def __init__(self, model: Architecture, examples: list[Example], settings: Train):
        """Plans the epochs.

        Args:
            model: which says what a chunk is, and what its tags are.
            examples: the sentences of train, in the order of the corpus.
            settings: the section `train` of params.yaml.
        """
        self.chunks = model.chunks(examples)
        self.tag_ids = [model.target_ids(chunk) for chunk in self.chunks]
        self.size = min(
            settings.batch_size, max(SMALLEST_BATCH, len(examples) // settings.min_steps)
        )
        self._row_length = model.row_length
        steps_in_a_pass = len(bucket(self.chunks, self._row_length, self.size))
        self._has_vectors = model.vectors.dimensions > 0
        min_passes = 1 if self._has_vectors else settings.passes_without_vectors
        self.passes = max(min_passes, math.ceil(settings.min_steps / steps_in_a_pass))
        self.steps = self.passes * steps_in_a_pass  # without over-sampling
        self._repeat_factors = repeat_factors(self.tag_ids, settings.oversample_threshold)

    def draw(self, generator: np.random.Generator) -> list[Batch]:
        """Draws the batches of an epoch."""
        batches = []
        for number in range(self.passes):
            factors = self._repeat_factors
            repeats = np.floor(factors + generator.random(len(factors))).astype(int)
            drawn = [self.chunks[i] for i in np.repeat(np.arange(len(factors)), repeats)]
            drawn_batches = bucket(drawn, self._row_length, self.size, generator)
            replaces_mentions = number > 0 or not self._has_vectors
            batches += [Batch(batch, replaces_mentions) for batch in drawn_batches]
        return batches


def repeat_factors(chunk_tags: list[np.ndarray], threshold: float) -> np.ndarray:
    """The average number of times that a pass reads each chunk.

    A tag in a fraction f of the chunks has the factor max(1, sqrt(threshold / f)); a chunk has the
    largest factor of its tags (Gupta et al. 2019, "LVIS", section 4).

    Args:
        chunk_tags: the tag ids of each chunk, in any order, repeated or not.
        threshold: tags in a smaller fraction of chunks are over-sampled; from 0 to 1.

    Returns:
        Floats of shape (chunks,), at least 1.
    """
    distinct = [np.unique(tags) for tags in chunk_tags]
    tags, counts = np.unique(np.concatenate(distinct), return_counts=True)
    factors = np.ones(tags.max() + 1)
    factors[tags] = np.maximum(1, np.sqrt(threshold * len(distinct) / counts))
    return np.array([factors[tags].max() for tags in distinct])


def bucket(
    chunks: list[Chunk],
    row_length: Callable[[Chunk], int],
    batch_size: int,
    generator: np.random.Generator | None = None,
) -> list[list[Chunk]]:
    """Groups chunks of similar length in batches, so that there is little padding.

    Args:
        chunks: the chunks.
        row_length: returns the length of the longest row of a chunk.
        batch_size: the number of sentences in a batch. The last batch may be smaller; others may be
            larger, since chunks are not divided.
        generator: the source of randomness: chunks are shuffled and sorted by length within pools
            of about BATCHES_PER_POOL batches; batches are in random order. None: no shuffling, all
            chunks are sorted by length.
    """
    lengths = np.array([row_length(chunk) for chunk in chunks])
    sizes = np.array([len(chunk) for chunk in chunks])
    if generator is None:
        batches = _split(np.argsort(lengths, kind="stable"), sizes, batch_size)
    else:
        pools = _split(generator.permutation(len(chunks)), sizes, batch_size * BATCHES_PER_POOL)
        by_length = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
        ordered = [batch for pool in by_length for batch in _split(pool, sizes, batch_size)]
        batches = [ordered[i] for i in generator.permutation(len(ordered))]
    return [[chunks[i] for i in batch] for batch in batches]


def _split(order: np.ndarray, sizes: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """Splits `order` into parts of `batch_size` sentences or a little more."""
    sentences_before = np.cumsum(sizes[order]) - sizes[order]
    starts, start_count = [], 0
    for position, before in enumerate(sentences_before):
        if before >= start_count + batch_size:
            starts.append(position)
            start_count = before
    return np.split(order, starts)
