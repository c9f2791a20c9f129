"""The kernels that TensorFlow and NumPy compute with, as far as they can be the same everywhere.

Other kernels, or another number of threads in an operation, round sums in another order. That
changes the last digits, and in training these grow. docs/guarantees.md says which machines give the
same bytes.
"""

import os
from pathlib import Path

# On some processors TensorFlow takes oneDNN's kernels by default, on others its own.
_ONEDNN = {"TF_ENABLE_ONEDNN_OPTS": "1"}
# The kernels for AVX2. A second thread gains little here.
_OPENBLAS = {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1"}
VARIABLES = (*_ONEDNN, *_OPENBLAS)
_CPU_INFO = Path("/proc/cpuinfo")


def choose_kernels() -> None:
    """Sets variables of the environment, before NumPy and TensorFlow are loaded.

    Variables that are set already are kept. Without AVX2, nothing is set.
    """
    if kind_of_processor() != "other":
        for name, value in {**_ONEDNN, **_OPENBLAS}.items():
            os.environ.setdefault(name, value)


def kind_of_processor() -> str:
    """What oneDNN takes other kernels for: AVX-512, AVX2 or other (or not Linux)."""
    flags = set(_CPU_INFO.read_text("utf-8", "replace").split()) if _CPU_INFO.exists() else set()
    if not {"avx2", "fma"} <= flags:
        return "other"
    return "AVX-512" if {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= flags else "AVX2"
