"""Windows on a sentence that is too long to be tagged at once."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """The tokens from `start` to `stop`, of which those from `first` to `last` are its own.

    The others stand in a neighbouring window too, and are read as context.
    """

    start: int
    stop: int
    first: int
    last: int


def windows(sizes: list[int], length: int, overlap: int) -> Iterator[Window]:
    """Windows on tokens; each token is one window's own.

    Args:
        sizes: of the tokens, each smaller than `overlap`.
        length: of a window, at most.
        overlap: how much two neighbours share, at most: the own tokens of each end in its middle.
    """
    if sum(sizes) <= length:
        yield Window(0, len(sizes), 0, len(sizes))
        return
    start = first = 0
    while True:
        stop, filled = start, 0
        while stop < len(sizes) and filled + sizes[stop] <= length:
            filled += sizes[stop]
            stop += 1
        if stop == len(sizes):
            yield Window(start, stop, first, stop)
            return
        following, shared, last = stop, 0, stop
        while shared + sizes[following - 1] <= overlap:
            following -= 1
            shared += sizes[following]
            if shared <= overlap / 2:
                last = following
        yield Window(start, stop, first, last)
        start, first = following, last
