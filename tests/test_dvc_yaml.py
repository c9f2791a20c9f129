"""dvc.yaml names exactly what each stage stands on."""

import ast
from pathlib import Path

import pytest
import yaml

from charner.params import Params
from tests.helpers import ROOT

DVC = yaml.safe_load((ROOT / "dvc.yaml").read_text())
STAGES = DVC["stages"]


def imported_files(path: Path, found: set[Path] | None = None) -> set[Path]:
    """The project's own files that a program imports, directly or not, with itself."""
    found = set() if found is None else found
    if path in found:
        return found
    found.add(path)
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            base = Path(*name.split("."))
            for file in (base.with_suffix(".py"), base / "__init__.py"):
                if (ROOT / file).is_file():
                    imported_files(file, found)
    return found


@pytest.mark.parametrize("name", STAGES)
def test_deps_are_exactly_the_modules_that_a_stage_imports(name):
    named = {Path(dep) for dep in STAGES[name]["deps"] if dep.endswith(".py")}
    assert named == imported_files(Path("stages", f"{name}.py"))


def test_every_section_of_the_parameters_belongs_to_a_stage():
    sections = [section for stage in STAGES.values() for section in stage["params"]]
    assert sorted(sections) == sorted(Params.model_fields)


@pytest.mark.parametrize("name", STAGES)
def test_stages_and_outputs_are_described(name):
    assert STAGES[name]["desc"]
    assert all(options["desc"] for options in outputs(STAGES[name]).values())


def outputs(stage: dict) -> dict[str, dict]:
    """All outputs of a stage, metrics and plots too, with their options."""
    kinds = ("outs", "metrics", "plots")
    return {
        path: options for k in kinds for out in stage.get(k, []) for path, options in out.items()
    }


def test_git_ignores_exactly_the_outputs_that_dvc_keeps():
    ignored = [(".", ROOT / ".gitignore"), ("data", ROOT / "data/.gitignore")]
    lines = {
        str(Path(folder, line.lstrip("/")))
        for folder, path in ignored
        for line in path.read_text().splitlines()
    }
    for stage in STAGES.values():
        for path, options in outputs(stage).items():
            assert (path in lines) == options.get("cache", True), path
