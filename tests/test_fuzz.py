"""Some thousands of bad files; tests/fuzz.py feeds as many as one likes."""

import subprocess
import sys

import pytest

from tests.helpers import ROOT


@pytest.mark.slow
def test_bad_files_are_read_or_refused_in_clear_lines():
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--files", "2000"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    for name in ("train.txt", "all.jsonl", "tag --from jsonl", "evaluate"):
        assert f"{name}: read" in done.stdout  # the seeds themselves are good
        assert f"{name}: refused" in done.stdout
