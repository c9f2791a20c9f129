"""The threads of BLAS, NumPy's library for products of matrices."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy  # noqa: F401 - see below
from threadpoolctl import OpenBLASController, ThreadpoolController

# Of the libraries that are loaded, so after NumPy.
_libraries = ThreadpoolController().select(user_api="blas").lib_controllers
_lock = threading.Lock()
_inside: set[int] = set()  # the threads in `one_blas_thread`
_before: list[int] = []  # the number of threads of each library, while it is changed


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Within, products of matrices take one thread, in all threads of this process.

    In products as small as those of a tagger several threads gain little, and keep their cores busy
    while they wait: twice the processor time. What was set before comes back when the last thread
    is out. If Ctrl-C interrupts this, the next use sets it right.
    """
    with _lock:
        if not _before:
            _before.extend([library.num_threads for library in _libraries])
            _set([1] * len(_libraries))
        _inside.add(threading.get_ident())
    try:
        yield
    finally:
        with _lock:
            _inside.discard(threading.get_ident())
            if not _inside:
                _set_back()


def _set(numbers: list[int]) -> None:
    for library, number in zip(_libraries, numbers, strict=True):
        library.set_num_threads(number)
    OpenBLASController.clear_controlling_thread()  # another thread may set it back


def _set_back() -> None:
    if _before:
        _set(_before)
        _before.clear()


def _begin_child() -> None:
    """A forked process has none of the other threads."""
    _inside.clear()
    _set_back()
    _lock.release()


# So that no forked process finds the lock closed for ever.
os.register_at_fork(
    before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_begin_child
)
