"""How a process starts and ends: its streams, Ctrl-C, and errors in one line.

Within an import, KeyboardInterrupt may end in a traceback that no code of ours can prevent. So
Ctrl-C ends the process while modules are loaded, and raises KeyboardInterrupt from then on.
"""

import contextlib
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator

from charner.support.errors import EXPECTED, described


def open_closed_streams() -> None:
    """Opens standard streams that are closed, as by `>&-`: they lead nowhere, input is refused.

    Otherwise the next file that is opened would take the place of one, and get what libraries write
    there.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR if number else os.O_WRONLY)
            os.dup2(nowhere, number)
            if nowhere != number:
                os.close(nowhere)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "r+", encoding="utf-8"))  # noqa: SIM115


def write_any_character() -> None:
    """From now on, what the encoding of the terminal lacks is written as an escape."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def give_up_output() -> None:
    """Drops what was printed but cannot be written; otherwise Python would fail at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError, ValueError):  # not a file of the system
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def end_at_once_on_ctrl_c() -> None:
    """From now on Ctrl-C ends the process, unless it is ignored, as under `nohup`."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def raise_on_ctrl_c() -> None:
    """Undoes `end_at_once_on_ctrl_c`."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def no_ctrl_c() -> Iterator[None]:
    """Ctrl-C waits until the end; for processes and threads that start within, it always does.

    A process may call `end_at_once_on_ctrl_c`. On a terminal, Ctrl-C reaches all processes.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def run_stage(main: Callable[[], None]) -> None:
    """Runs a stage; an error that the user can fix ends it with one line and exit code 1."""
    write_any_character()
    raise_on_ctrl_c()
    try:
        main()
        sys.stdout.flush()
    except EXPECTED as error:
        give_up_output()
        sys.exit(f"error: {described(error)}")
    except KeyboardInterrupt:
        sys.exit("interrupted")
