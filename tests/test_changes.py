"""What is changed while a stage runs is not recorded as what it has read: a real dvc."""

import pytest

from tests.helpers import Project, python_path

# Loaded by each Python that starts: changes a file once the stage opens another, by its name's end.
CHANGE = """
import os, sys

def change(event, arguments):
    global changes
    if event == "open" and changes and str(arguments[0]).endswith(os.environ["OPENED"]):
        changes = False
        with open(os.environ["CHANGED"]) as file:
            text = file.read().replace(os.environ["OLD"], os.environ["NEW"])
        with open(os.environ["CHANGED"], "w") as file:
            file.write(text)

changes = sys.orig_argv[1:2] == ["-m"] and sys.orig_argv[2].startswith("stages.")
sys.addaudithook(change)
"""


@pytest.fixture
def changing(project, tmp_path):
    """A function that runs a stage, and changes a file while the stage runs."""
    (tmp_path / "sitecustomize.py").write_text(CHANGE)

    def run(stage: str, opened: str, changed: str, old: str, new: str) -> None:
        assert old in (project.folder / changed).read_text()
        lock = (project.folder / "dvc.lock").read_text()
        done = project.run(
            *("dvc", "repro", "--single-item", stage),
            check=False,
            PYTHONPATH=python_path(tmp_path),
            OPENED=opened,
            CHANGED=changed,
            OLD=old,
            NEW=new,
        )
        assert new in (project.folder / changed).read_text()
        assert done.returncode != 0
        (line,) = [line for line in done.stderr.splitlines() if "changed while" in line]
        assert line.startswith(f"error: {changed}: changed while this stage ran, ")
        assert (project.folder / "dvc.lock").read_text() == lock
        assert stage in project.status()

    return run


@pytest.mark.parametrize(
    ("stage", "parameters", "opened", "changed", "old", "new"),
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
            *("evaluate", {"reliability_bins": 5}, "models/temperature.json"),
            *("params.yaml", "reliability_bins: 5", "reliability_bins: 6"),
        ),
    ],
)
def test_a_change_while_a_stage_runs_is_not_recorded(
    project: Project, changing, stage, parameters, opened, changed, old, new
):
    project.set_params({stage: parameters})
    changing(stage, opened, changed, old, new)


def test_a_change_while_calibrate_runs_is_not_recorded(project: Project, changing):
    """It has no parameters, and its data is binary: the code changes."""
    for name, more in (("stages/calibrate.py", "# run again"), ("charner/tags/schemes.py", "")):
        code = project.folder / name
        code.write_text(code.read_text() + more)
    old, new = '"""Tag schemes', '"""The tag schemes'
    opened, changed = ".temperature.json.charner.partial", "charner/tags/schemes.py"
    changing("calibrate", opened, changed, old, new)
