"""What is changed while a stage runs is not recorded as what it has read: a real dvc."""

import os

import pytest

from tests.helpers import Project, stages_that_ran

# Loaded by each Python that starts: changes a file once the stage writes its first output.
CHANGE = """
import os, sys

def change(event, arguments):
    global changes
    if event == "open" and changes and str(arguments[0]).endswith(os.environ["WRITTEN"]):
        changes = False
        with open(os.environ["CHANGED"]) as file:
            text = file.read().replace(os.environ["OLD"], os.environ["NEW"])
        with open(os.environ["CHANGED"], "w") as file:
            file.write(text)

changes = True
sys.addaudithook(change)
"""


@pytest.fixture
def changing(project, tmp_path, monkeypatch):
    """A function that runs a stage, and changes a file while the stage runs."""
    (tmp_path / "sitecustomize.py").write_text(CHANGE)

    def run(stage: str, written: str, changed: str, old: str, new: str):
        assert old in (project.folder / changed).read_text()
        with monkeypatch.context() as patch:
            path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
            patch.setenv("PYTHONPATH", path)
            for name, value in zip(
                ("WRITTEN", "CHANGED", "OLD", "NEW"), (written, changed, old, new), strict=True
            ):
                patch.setenv(name, value)
            return project.run("dvc", "repro", "--single-item", stage, check=False)

    return run


@pytest.mark.parametrize(
    ("stage", "parameters", "written", "changed", "old", "new"),
    [
        (
            *("download", {"path": "docs"}, ".raw.charner.partial/train.txt"),
            *("params.yaml", "path: docs", "path: tests"),
        ),
        (
            *("char_encode", {"space_tag": "inside"}, ".vocabulary.json.charner.partial"),
            *("params.yaml", "mistakes: refuse", "mistakes: repair"),
        ),
        (
            *("char_encode", {"space_tag": "inside"}, ".vocabulary.json.charner.partial"),
            *("data/raw/valid.txt", " O\n\n", " O\n\nOslo B-LOC\n\n"),
        ),
        (
            *("evaluate", {"reliability_bins": 5}, ".scores.csv.charner.partial"),
            *("params.yaml", "reliability_bins: 5", "reliability_bins: 6"),
        ),
    ],
)
def test_a_change_while_a_stage_runs_is_not_recorded(
    project: Project, changing, stage, parameters, written, changed, old, new
):
    lock = (project.folder / "dvc.lock").read_text()
    project.set_params({stage: parameters})
    done = changing(stage, written, changed, old, new)
    assert new in (project.folder / changed).read_text()
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if "changed while" in line]
    assert line.startswith(f"error: {changed}: changed while this stage ran, ")
    assert (project.folder / "dvc.lock").read_text() == lock
    again = project.run("dvc", "repro", "--single-item", stage).stdout
    assert stages_that_ran(again) == [stage]
    assert (project.folder / "dvc.lock").read_text() != lock


def test_a_change_while_calibrate_runs_is_not_recorded(project: Project, changing):
    """It has no parameters, and its data is binary: the code changes."""
    lock = (project.folder / "dvc.lock").read_text()
    for name, more in (("stages/calibrate.py", "# run again"), ("charner/tags/schemes.py", "")):
        code = project.folder / name
        code.write_text(code.read_text() + more)
    changed = "charner/tags/schemes.py"
    old, new = '"""Tag schemes', '"""The tag schemes'
    done = changing("calibrate", ".temperature.json.charner.partial", changed, old, new)
    assert done.returncode != 0
    assert f"error: {changed}: changed while this stage ran, " in done.stderr
    assert (project.folder / "dvc.lock").read_text() == lock
