"""dvc.yaml names what each stage stands on."""

from pathlib import Path

import pytest
import yaml

from charner import params
from tests.helpers import ROOT, STAGES

DVC = yaml.safe_load((ROOT / "dvc.yaml").read_text())


def code_deps(stage: str) -> set[str]:
    """The files of code that a stage depends on."""
    found = set()
    for dep in DVC["stages"][stage]["deps"]:
        if dep.startswith(("charner", "stages")):
            path = ROOT / dep
            files = path.rglob("*.py") if path.is_dir() else [path]
            found |= {str(file.relative_to(ROOT)) for file in files}
    return found


def test_all_stages_are_here():
    assert [*DVC["stages"]] == STAGES


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_all_code_that_it_loads(first_run, stage):
    loaded = {*(first_run / "loaded" / stage).read_text().splitlines()}
    assert f"stages/{stage}.py" in loaded
    # dvc.yaml says why these two are left out.
    assert loaded - {"charner/__init__.py", "stages/__init__.py"} <= code_deps(stage)


def test_training_does_not_depend_on_what_cannot_change_the_weights():
    rooms = {Path(path).parts[1] for path in code_deps("train")}
    assert not rooms & {"bulk", "commands", "corpus", "evaluation", "inference", "tagging"}


def test_every_section_of_the_parameters_belongs_to_a_stage():
    keys = [key for stage in DVC["stages"].values() for key in stage.get("params", [])]
    assert {key.split(".")[0] for key in keys} == {*params.Params.model_fields}


@pytest.mark.parametrize("name", STAGES)
def test_stages_and_plots_are_described(name):
    stage = DVC["stages"][name]
    assert stage["desc"]
    for plot in stage.get("plots", []):
        assert all(options["title"] for options in plot.values())


def outputs(stage: dict) -> dict[str, dict]:
    """All outputs of a stage, metrics and plots too, with their options."""
    kinds = ("outs", "metrics", "plots")
    return {
        path: options
        for kind in kinds
        for out in stage.get(kind, [])
        for path, options in (out if isinstance(out, dict) else {out: {}}).items()
    }


def test_no_stage_depends_on_a_part_of_an_output():
    """DVC cannot restore one where its cache lacks the whole."""
    stages = DVC["stages"].values()
    folders = {Path(path) for stage in stages for path in outputs(stage)}
    for stage in stages:
        for dep in stage["deps"]:
            assert not folders & {*Path(dep).parents}


def test_git_ignores_exactly_the_outputs_that_dvc_keeps():
    ignored = [(".", ROOT / ".gitignore"), ("data", ROOT / "data/.gitignore")]
    lines = {
        Path(folder, line.strip("/"))
        for folder, path in ignored
        for line in path.read_text().splitlines()
    }
    for stage in DVC["stages"].values():
        for path, options in outputs(stage).items():
            is_ignored = bool(lines & {Path(path), *Path(path).parents})
            assert is_ignored == options.get("cache", True), path
