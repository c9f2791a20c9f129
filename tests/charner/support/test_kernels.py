import os
import subprocess
import sys

import pytest

from charner.support import kernels
from tests.helpers import ROOT


def environment_of_a_stage(**variables: str) -> list[str]:
    program = f"import stages, os; print(*map(os.environ.get, {kernels.VARIABLES}))"
    others = {k: v for k, v in os.environ.items() if k not in kernels.VARIABLES}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**others, **variables},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()


@pytest.mark.skipif(not kernels.has_avx2(), reason="needs a processor with AVX2")
def test_a_stage_takes_the_kernels_of_avx2_unless_others_are_chosen():
    assert environment_of_a_stage() == ["1", "AVX2", "Haswell", "1"]
    assert environment_of_a_stage(ONEDNN_MAX_CPU_ISA="AVX") == ["1", "AVX", "Haswell", "1"]


@pytest.mark.parametrize("flags", ["flags : sse2 avx fma", "flags : avx2 sse2", None])
def test_without_avx2_nothing_is_chosen(flags, tmp_path, monkeypatch):
    monkeypatch.setattr(kernels, "_CPU_INFO", tmp_path / "cpuinfo")
    if flags:
        (tmp_path / "cpuinfo").write_text(flags)
    for name in kernels.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert not kernels.choose_kernels()
    assert not set(kernels.VARIABLES) & set(os.environ)
