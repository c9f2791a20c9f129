"""Each program starts with a copy of the project, so that its code can be changed."""

import sys

import pytest

PROGRAM = """
import json
import shutil
import stages
from charner import params
from pathlib import Path
from charner.support.errors import InputError
from charner.support.stage_inputs import StageInputs

data = Path("data/sample")
def write(name): Path(name).write_text("# another\\n")
def everything(): return StageInputs([data], {"seed": 1}).everything
before = everything()
inputs = StageInputs([data, Path("data/missing")], {"seed": 1})
CHANGE
try:
    inputs.check_unchanged({"seed": SEED}, "do this")
except InputError as error:
    print(f"error: {error}")
else:
    print("unchanged")
"""


@pytest.mark.parametrize(
    ("change", "seed", "changed"),
    [
        ("", 1, None),
        ("", 2, "params.yaml"),
        ("write('data/sample/train.txt')", 1, "data/sample/train.txt"),
        ("(data / 'test.txt').unlink()", 1, "data/sample/test.txt"),
        ("write('data/sample/more.txt')", 1, "data/sample/more.txt"),
        ("write('data/missing')", 1, "data/missing"),
        ("write('charner/params.py')", 1, "charner/params.py"),
        ("shutil.rmtree('charner')", 1, "charner/__init__.py"),
        ("write('stages/__init__.py')", 1, "stages/__init__.py"),
        # Not loaded, or loaded since.
        ("write('charner/models/crf.py'); write('charner/another.py')", 1, None),
        ("params.load()", 1, None),
        (
            "write('charner/support/kernels.py'); import charner.params",
            1,
            "charner/support/kernels.py",
        ),
        ("write('data/sample/.train.txt.charner.partial')", 1, None),
        (
            "write('data/sample/train.txt'); write('data/missing')",
            2,
            "params.yaml, data/missing, data/sample/train.txt",
        ),
        (
            "[write(f'data/sample/{i}') for i in range(9)]",
            1,
            "data/sample/0, data/sample/1, data/sample/2 and 6 more",
        ),
    ],
)
def test_a_change_is_reported(fresh_project, change, seed, changed):
    program = PROGRAM.replace("CHANGE", change).replace("SEED", str(seed))
    printed = fresh_project.run(sys.executable, "-B", "-c", program).stdout
    if changed is None:
        assert printed == "unchanged\n"
    elif change.startswith("shutil"):
        assert printed.startswith(f"error: {changed}, ")
    else:
        assert printed == (
            f"error: {changed}: changed while this stage ran, so its outputs are not written;"
            " do this\n"
        )


def test_everything_is_the_same_in_another_folder(fresh_project, tmp_path):
    program = PROGRAM.replace("CHANGE", "print(json.dumps(before))").replace("SEED", "1")
    (first, _) = fresh_project.run(sys.executable, "-c", program).stdout.splitlines()
    fresh_project.folder = fresh_project.folder.rename(tmp_path / "elsewhere")
    (second, _) = fresh_project.run(sys.executable, "-c", program).stdout.splitlines()
    assert first == second
    assert '["charner/params.py", ' in first
    code = fresh_project.folder / "charner/params.py"
    code.write_text(code.read_text() + "# a change\n")
    (third, _) = fresh_project.run(sys.executable, "-c", program).stdout.splitlines()
    assert third != first
