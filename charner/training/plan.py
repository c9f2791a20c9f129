"""How often an epoch reads the corpus, and in how many steps."""

import math
from collections.abc import Callable
from typing import NamedTuple

from charner.encoding.examples import Example
from charner.params.train import Train
from charner.training.batching import bucket


class Plan(NamedTuple):
    """How many times an epoch reads the corpus, and its steps without over-sampling."""

    passes: int
    steps: int


def plan_epochs(
    chunks: list[list[Example]], row_length: Callable[[list[Example]], int], settings: Train
) -> Plan:
    """Plans epochs of at least `min_steps` steps.

    An epoch that were a single pass would have few steps in a small corpus: too few in all to learn
    anything, and hardly any between two scores of valid.

    Args:
        chunks: the sentences of each chunk of train.
        row_length: returns the length of the longest row of a chunk.
        settings: the section `train` of params.yaml.
    """
    batches = len(bucket(chunks, row_length, settings.batch_size))
    passes = math.ceil(settings.min_steps / batches)
    return Plan(passes, passes * batches)
