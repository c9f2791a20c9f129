"""What Ctrl-C does: nothing to catch while modules are loaded, KeyboardInterrupt from then on.

Within an import, KeyboardInterrupt may end in a traceback that no code of ours can prevent.
"""

import signal


def end_at_once_on_ctrl_c() -> None:
    """From now on Ctrl-C ends the process, unless it is ignored, as under `nohup`."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def raise_on_ctrl_c() -> None:
    """Undoes `end_at_once_on_ctrl_c`."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
