"""What a network computes once for each distinct token."""

from itertools import islice

import numpy as np


class TokenCache:
    """The rows of a table, one for each token; threads may share it.

    There is no lock: a process that is forked while a thread holds it would wait for ever. Instead,
    a thread takes rows that no other one gets, fills them, and only then enters them in `rows`.
    After that they never change. A cache that is full is replaced by a new one, not emptied, since
    other threads may still read it.
    """

    def __init__(self, room: int, width: int):
        """Makes an empty table for so many tokens, with so many values for each."""
        self.rows: dict[str, int] = {}
        self.table = np.empty((room, width), np.float32)
        self._free = iter(range(room))

    def take(self, count: int) -> list[int]:
        """Takes free rows to fill; fewer than `count` if there is no room for more."""
        return [*islice(self._free, count)]
