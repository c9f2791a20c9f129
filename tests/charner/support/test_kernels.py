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


@pytest.mark.skipif(kernels.kind_of_processor() == "other", reason="needs a processor with AVX2")
def test_a_stage_takes_the_same_kernels_everywhere_unless_others_are_chosen():
    assert environment_of_a_stage() == ["1", "Haswell", "1"]
    assert environment_of_a_stage(OPENBLAS_CORETYPE="Zen") == ["1", "Zen", "1"]


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        ("flags : sse2 avx fma", "other"),
        ("flags : avx2 sse2", "other"),
        ("flags : fma avx2 avx512f", "AVX2"),
        ("flags : fma avx2 avx512f avx512bw avx512vl avx512dq", "AVX-512"),
        (None, "other"),
    ],
)
def test_kinds_of_processors(flags, kind, tmp_path, monkeypatch):
    monkeypatch.setattr(kernels, "_CPU_INFO", tmp_path / "cpuinfo")
    if flags:
        (tmp_path / "cpuinfo").write_text(flags)
    for name in kernels.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert kernels.kind_of_processor() == kind
    kernels.choose_kernels()
    assert bool(set(kernels.VARIABLES) & set(os.environ)) == (kind != "other")
    for name in kernels.VARIABLES:  # monkeypatch does not know of those that were set
        os.environ.pop(name, None)
