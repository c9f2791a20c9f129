"""The threads of BLAS, NumPy's library for products of matrices."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy  # noqa: F401 - see below
from threadpoolctl import OpenBLASController, ThreadpoolController

_controller = ThreadpoolController()  # of the libraries that are loaded, so after NumPy
_lock = threading.Lock()
_inside = 0  # threads in `one_blas_thread`
_limit: Any = None  # what the first of them has set; it knows what was set before


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within, products of matrices take one thread, in all threads of this process.

    In products as small as those of a tagger several threads gain little, and keep their cores busy
    while they wait: twice the processor time. What was set before comes back when the last thread
    is out.
    """
    global _inside, _limit
    with _lock:
        if not _inside:
            _limit = _controller.limit(limits=1, user_api="blas")
            OpenBLASController.clear_controlling_thread()  # another thread may set it back
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                _set_back()


def _set_back() -> None:
    _limit.restore_original_limits()
    OpenBLASController.clear_controlling_thread()


def _begin_child() -> None:
    """A forked process has none of the other threads."""
    global _inside
    if _inside:
        _inside = 0
        _set_back()
    _lock.release()


# So that no forked process finds the lock closed for ever.
os.register_at_fork(
    before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_begin_child
)
