"""The stages of the pipeline, each run as `python -m stages.NAME`.

This is loaded before a stage and all that it imports. It takes the digests of the code, and chooses
the kernels, which must be done before NumPy and TensorFlow are loaded. In a Python without the
requirements, or on Ctrl-C, the process ends without a traceback.
"""

import sys
from types import TracebackType

import charner.support.stage_inputs  # noqa: F401
from charner.support.kernels import choose_kernels
from charner.support.process import end_at_once_on_ctrl_c, open_closed_streams


def _report(
    error_type: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Writes an error that nothing has caught; a missing library in one line."""
    if isinstance(error, ModuleNotFoundError):
        message = (
            f"error: {sys.executable} lacks {error.name}; run `make repro`, or activate the"
            " environment that has the requirements: source .venv/bin/activate"
        )
        print(message, file=sys.stderr)
    else:
        sys.__excepthook__(error_type, error, traceback)


open_closed_streams()
end_at_once_on_ctrl_c()
choose_kernels()
sys.excepthook = _report
