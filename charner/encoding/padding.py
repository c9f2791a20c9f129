"""Padding of rows of different lengths."""

from collections.abc import Sequence

import numpy as np

from charner.tags.schemes import PAD


def pad(rows: Sequence[list[int] | np.ndarray]) -> np.ndarray:
    """The rows as one int32 array, padded with PAD to the longest.

    For an empty list, one row of one PAD.
    """
    padded = np.full((max(1, len(rows)), max([1, *map(len, rows)])), PAD, np.int32)
    for target, row in zip(padded, rows, strict=False):
        target[: len(row)] = row
    return padded
