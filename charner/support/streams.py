"""Standard input, output and errors, where they are closed or cannot be written."""

import contextlib
import os
import sys


def open_closed_streams() -> None:
    """Opens those that are closed, as by `>&-`, so that they lead nowhere; input cannot be read.

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


def give_up_output() -> None:
    """What was printed, but cannot be written, is dropped; else Python would fail at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError, ValueError):  # not a file of the system
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
