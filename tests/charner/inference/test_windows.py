from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from charner.inference.windows import windows


@given(st.lists(st.integers(1, 9), min_size=1, max_size=200))
def test_each_token_belongs_to_one_window_with_its_neighbours_around_it(sizes):
    found = [*windows(sizes, length=60, overlap=20)]
    assert found[0].start == found[0].first == 0
    assert found[-1].stop == found[-1].last == len(sizes)
    for window in found:
        assert window.start <= window.first < window.last <= window.stop
        assert sum(sizes[window.start : window.stop]) <= 60
    for one, other in pairwise(found):
        assert one.last == other.first
        shared = sum(sizes[other.start : one.stop])
        assert 20 - 9 < shared <= 20
        # On both sides of the seam about half of what is shared is context.
        assert sum(sizes[one.last : one.stop]) <= 10 < sum(sizes[one.last - 1 : one.stop])


def test_what_is_short_enough_is_one_window():
    (window,) = windows([1] * 60, length=60, overlap=20)
    assert (window.start, window.stop, window.first, window.last) == (0, 60, 0, 60)
