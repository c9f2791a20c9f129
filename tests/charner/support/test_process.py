import signal
import subprocess
import sys

import pytest

from charner.support.process import run_stage
from tests.helpers import ROOT

CTRL_C = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
IN_IMPORTS = f"import stages; {CTRL_C}; print('goes on')"
IN_MAIN = f"""
import stages
from charner.support.process import run_stage
def main():
    {CTRL_C}
run_stage(main)
"""


def run(program: str, ctrl_c: int = signal.SIG_DFL) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, ctrl_c),
        capture_output=True,
        text=True,
    )


def test_ctrl_c_in_the_imports_of_a_stage_ends_it_at_once():
    done = run(IN_IMPORTS)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


def test_ctrl_c_in_the_work_of_a_stage_is_reported():
    done = run(IN_MAIN)
    assert (done.returncode, done.stderr) == (1, "interrupted\n")


def test_where_ctrl_c_is_ignored_it_stays_so():
    done = run(IN_IMPORTS, signal.SIG_IGN)
    assert (done.returncode, done.stdout) == (0, "goes on\n")


def test_ctrl_c_in_the_imports_of_a_command_ends_it_at_once():
    program = f"""
import sys
from charner import __main__
from charner.commands import report
def imports(arguments):
    {CTRL_C}
report.report = imports
sys.argv = ["charner", "report"]
__main__.run()
"""
    done = run(program)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


def test_a_stage_without_memory_ends_with_one_line():
    with pytest.raises(SystemExit) as ended:
        run_stage(lambda: bytearray(2**62) and None)
    assert ended.value.code == "error: there is not enough memory"
