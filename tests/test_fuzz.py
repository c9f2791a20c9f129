"""Bad files, for a minute; tests/fuzz.py feeds as many as one likes."""

import subprocess
import sys

from tests.helpers import ROOT


def test_bad_files_are_read_or_refused_in_clear_lines():
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--seconds", "40"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    for happened in ("train.txt: read", "train.txt: refused", "params.yaml: refused"):
        assert happened in done.stdout
