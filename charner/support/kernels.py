"""The kernels that TensorFlow and NumPy compute with, so that other processors give the same bytes.

By default oneDNN (in TensorFlow) and OpenBLAS (in NumPy and SciPy) choose kernels according to the
processor, and sums are then rounded in another order. Here they get those for AVX2, which nearly
all x86-64 processors since 2015 have.
"""

import os
from pathlib import Path

# TensorFlow's own products of matrices depend on the sizes of the processor's caches; oneDNN's not.
_ONEDNN = {"TF_ENABLE_ONEDNN_OPTS": "1", "ONEDNN_MAX_CPU_ISA": "AVX2"}
# A second thread of OpenBLAS gains little.
_OPENBLAS = {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1"}
VARIABLES = (*_ONEDNN, *_OPENBLAS)
_CPU_INFO = Path("/proc/cpuinfo")


def choose_kernels() -> bool:
    """Chooses the kernels for AVX2; call it before NumPy and TensorFlow are loaded.

    Variables of the environment that are set already are kept.

    Returns:
        Whether the processor has AVX2. If not, or if this cannot be told, nothing is set.
    """
    found = has_avx2()
    if found:
        for name, value in {**_ONEDNN, **_OPENBLAS}.items():
            os.environ.setdefault(name, value)
    return found


def has_avx2() -> bool:
    """Whether Linux says that the processor has AVX2 and FMA."""
    if not _CPU_INFO.exists():
        return False
    flags = set(_CPU_INFO.read_text("utf-8", "replace").split())
    return {"avx2", "fma"} <= flags
