"""Windows of a sentence that is too long to be tagged at once."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """The tokens from `start` to `stop`; the window owns those from `first` to `last`.

    The other tokens are context; a neighbouring window owns them. Ends are excluded.
    """

    start: int
    stop: int
    first: int
    last: int


def windows(sizes: list[int], length: int, overlap: int) -> Iterator[Window]:
    """Divides tokens into overlapping windows; exactly one window owns each token.

    Args:
        sizes: the size of each token, such as its characters; each smaller than `overlap`.
        length: the maximum size of a window.
        overlap: the maximum size that two neighbours share; each owns about half of it.
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
