"""The size of batches, and how often an epoch reads the corpus."""

import math
from collections.abc import Callable
from typing import NamedTuple

from charner.encoding.examples import Example
from charner.params import Train
from charner.training.batching import bucket

SMALLEST_BATCH = 8  # sentences; smaller batches take almost as long


class Plan(NamedTuple):
    """An epoch: sentences in a batch, passes over the corpus, and steps without over-sampling."""

    batch_size: int
    passes: int
    steps: int


def plan_epochs(
    chunks: list[list[Example]], row_length: Callable[[list[Example]], int], settings: Train
) -> Plan:
    """Plans epochs of at least `min_steps` steps: of smaller batches, and of several passes.

    In a small corpus, a single pass in batches of `batch_size` has so few steps that the training
    would end before anything is learned.

    Args:
        chunks: the sentences of each chunk of train.
        row_length: returns the length of the longest row of a chunk.
        settings: the section `train` of params.yaml.
    """
    sentences = sum(map(len, chunks))
    smaller = max(SMALLEST_BATCH, sentences // settings.min_steps)
    batch_size = min(settings.batch_size, smaller)
    batches = len(bucket(chunks, row_length, batch_size))
    passes = math.ceil(settings.min_steps / batches)
    return Plan(batch_size, passes, passes * batches)
