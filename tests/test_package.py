"""The package that `pip install .` makes, built and installed as its user does."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections import Counter
from email.parser import Parser
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from tests.helpers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
TEXT = "ab cd. a\n\ngh AB c\n"


def run(*command: object, folder: Path, text: str = "") -> str:
    """What a command prints that is run outside the repository, whose code it must not find."""
    done = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """A wheel, built in a copy of the project."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("charner", "stages", "benchmarks", "tests"):
        shutil.copytree(
            ROOT / name, folder / "project" / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / "project")
    pip = [sys.executable, "-m", "pip", "--quiet", "wheel", "--no-deps"]
    run(*pip, "--wheel-dir", folder, folder / "project", folder=folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def programs(wheel, tmp_path_factory) -> Path:
    """The folder of programs of a new environment in which the wheel alone was installed."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder, folder=folder)
    pip = [sys.executable, "-m", "pip", "--quiet", "--python", folder / "bin/python", "install"]
    # Without the hashes: the wheel has none, and pip wants all or nothing.
    versions = re.sub(r" \\\n +--hash=\S+", "", (ROOT / "requirements.lock").read_text("utf-8"))
    (folder / "versions.txt").write_text(versions, "utf-8")
    # Not compiled, since most files are never used.
    run(*pip, "--no-compile", wheel, "--constraint", folder / "versions.txt", folder=folder)
    return folder / "bin"


def versions(lock: str) -> dict[str, str]:
    """The versions in a lock, each of which must have hashes."""
    entries = re.split(r"\n(?=\w)", (ROOT / lock).read_text("utf-8"))[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    return dict(entry.split()[0].split("==") for entry in entries)


def test_the_locks_have_hashes_and_agree():
    pipeline, tests = versions("requirements.lock"), versions("requirements-test.lock")
    assert pipeline.items() < tests.items()
    for lock, names in ((pipeline, "requirements.txt"), (tests, "requirements-test.txt")):
        lines = (ROOT / names).read_text("utf-8").lower()
        assert {*re.findall(r"^[a-z][\w-]+", lines, re.MULTILINE)} <= {*lock}


def test_the_requirements_are_those_of_requirements_txt():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    package = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["pipeline"]]
    assert Counter(map(Requirement, package)) == Counter(map(Requirement, lines))


def test_the_version_is_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == PROJECT["version"]
    heading = f"\n## {PROJECT['version']} - {citation['date-released']}\n"
    assert heading in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.slow
def test_the_wheel_holds_the_library_alone(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        fields = Parser().parsestr(archive.read(metadata).decode())
    information = Path(metadata).parent.name
    assert {Path(name).parts[0] for name in names} == {"charner", information}
    assert {"charner/py.typed", f"{information}/licenses/LICENSE"} <= set(names)
    assert fields["License-Expression"] == "MIT"
    library = {path.relative_to(ROOT).as_posix() for path in (ROOT / "charner").rglob("*.py")}
    assert library <= set(names)


@pytest.mark.slow
def test_only_what_the_tagger_needs_is_installed(programs, tmp_path):
    program = (
        "import sys; from importlib.util import find_spec;"
        "print(*[name for name in sys.argv[1:] if find_spec(name)])"
    )
    pipeline = "dvc", "keras", "pandas", "pyarrow", "requests", "sklearn", "tensorflow"
    found = run(programs / "python", "-c", program, "charner", *pipeline, folder=tmp_path)
    assert found.split() == ["charner"]


@pytest.mark.slow
def test_the_import_loads_nothing_heavy(programs, tmp_path):
    program = "import sys, charner; print(*sys.modules)"
    loaded = run(programs / "python", "-c", program, folder=tmp_path).split()
    assert "charner" in loaded
    assert not {"nltk", "numpy", "pydantic", "scipy", "tensorflow"} & set(loaded)


@pytest.mark.slow
def test_the_tagger_works_in_python(programs, model, tmp_path):
    program = (
        "import sys; from charner import Tagger;"
        "found = Tagger.load(sys.argv[1]).tag(sys.argv[2]).entities;"
        "print(*[sys.argv[2][entity.start : entity.end] == entity.text for entity in found])"
    )
    shown = run(programs / "python", "-c", program, model, "ab cd. a", folder=tmp_path)
    assert set(shown.split()) == {"True"}


@pytest.mark.slow
def test_the_command_tells_how_it_is_used(programs, tmp_path):
    shown = run(programs / "charner", "--help", folder=tmp_path)
    assert shown.startswith("usage: charner ")
    assert {"tag", "report"} <= set(shown.split())


@pytest.mark.slow
def test_the_command_tags(programs, model, tmp_path):
    shown = run(programs / "charner", "tag", "--model", model, folder=tmp_path, text=TEXT)
    records = [json.loads(line) for line in shown.splitlines()]
    assert [record["text"] for record in records] == TEXT.splitlines()
    entities = [(record["text"], entity) for record in records for entity in record["entities"]]
    assert entities
    for text, entity in entities:
        assert list(entity) == ["type", "start", "end", "text", "score"]
        assert text[entity["start"] : entity["end"]] == entity["text"]


@pytest.mark.slow
def test_the_command_reports(programs, tmp_path):
    (tmp_path / "metrics").mkdir()
    shutil.copy(ROOT / "metrics/scores.csv", tmp_path / "metrics")
    f1 = [
        f"{json.loads((ROOT / f'metrics/{split}.json').read_text('utf-8'))['f1']:.4f}"
        for split in ("valid", "test")
    ]
    lines = run(programs / "charner", "report", folder=tmp_path).splitlines()
    (line,) = (line for line in lines if line.startswith("entity F1 "))
    assert line.split()[-2:] == f1


def test_the_editable_package_is_found_beside_a_clone_of_its_name(tmp_path):
    """Python would take the folder of the clone for a package without `__init__.py`."""
    (tmp_path / "charner").mkdir()
    run(sys.executable, "-c", "from charner import Tagger", folder=tmp_path)
