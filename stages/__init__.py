"""The stages of the pipeline, each run as `python -m stages.NAME`.

This is loaded before a stage and all that it imports. It takes the digests of the code, and chooses
the kernels, which must be done before NumPy and TensorFlow are loaded. In a Python without the
requirements, or on Ctrl-C, the process ends without a traceback.
"""

import re
import sys
from importlib import metadata
from pathlib import Path

import charner.support.stage_inputs  # noqa: F401
from charner.support.interrupts import end_at_once_on_ctrl_c
from charner.support.kernels import choose_kernels
from charner.support.streams import open_closed_streams

open_closed_streams()
end_at_once_on_ctrl_c()

_REQUIREMENTS = Path(__file__).parent.parent / "requirements.txt"


def _is_installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


# Those with a condition are left out: tensorflow and tensorflow-cpu.
_names = re.findall(r"^[\w-]+(?=[^;\n]*$)", _REQUIREMENTS.read_text("utf-8"), re.MULTILINE)
_missing = [name for name in _names if not _is_installed(name)]
if _missing:
    sys.exit(
        f"error: {sys.executable} lacks {', '.join(_missing)}; run `make repro`, or activate the"
        " environment that has the requirements: source .venv/bin/activate"
    )

choose_kernels()
