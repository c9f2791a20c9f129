"""What Ctrl-C does: nothing to catch while modules are loaded, KeyboardInterrupt from then on.

Within an import, KeyboardInterrupt may end in a traceback that no code of ours can prevent.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


def end_at_once_on_ctrl_c() -> None:
    """From now on Ctrl-C ends the process, unless it is ignored, as under `nohup`."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def raise_on_ctrl_c() -> None:
    """Undoes `end_at_once_on_ctrl_c`."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def no_ctrl_c() -> Iterator[None]:
    """Ctrl-C waits until the end; for processes and threads that start within, it always does.

    A process may call `end_at_once_on_ctrl_c`. On a terminal, Ctrl-C reaches all processes.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
