"""A change reruns what depends on it, and nothing else: a real dvc on the sample."""

import shutil
from pathlib import Path

import pytest

from tests.helpers import STAGES, Project, stages_that_ran


def change(project: Project, *patterns: str) -> None:
    """Adds a line to files that changes nothing."""
    for pattern in patterns:
        files = [path for path in project.folder.glob(pattern) if path.is_file()]
        assert files, pattern
        for path in files:
            comment = "# A comment.\n" if path.suffix == ".py" else "A line.\n"
            path.write_text(path.read_text() + "\n" + comment)


def replace(project: Project, name: str, old: str, new: str) -> None:
    path = project.folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def add_key(project: Project, section: str, above: str) -> None:
    """A new key, in params.yaml and in the section's schema, in which it stands above another."""
    schema = f"charner/params/{section}.py"
    replace(project, schema, f"\n    {above}", f"\n    new_key: int\n    {above}")
    path = project.folder / "params.yaml"
    lines = path.read_text().splitlines()
    key = above.split(":")[0]
    index = next(i for i, line in enumerate(lines) if line.strip().startswith(f"{key}:"))
    indent = lines[index][: -len(lines[index].lstrip())]
    path.write_text("\n".join([*lines[:index], f"{indent}new_key: 1", *lines[index:]]) + "\n")


def test_tagging_documents_and_benchmarks_rerun_nothing(project):
    change(project, "charner/tagging/*.py", "charner/commands/*.py", "charner/__main__.py")
    change(project, "README.md", "docs/*.md", "benchmarks/*.py", "tests/*.py")
    assert project.repro() == []
    assert "up to date" in project.run("dvc", "status").stdout


# tests/test_dvc_yaml.py shows that a stage's deps are all the files that it loads. So one file
# stands for those of its room.


def test_evaluation_reruns_evaluate(project):
    change(project, "charner/evaluation/robustness.py")
    assert project.repro() == ["evaluate"]


def test_inference_reruns_calibrate_and_evaluate(project):
    change(project, "charner/inference/confidence.py")
    assert project.repro() == ["calibrate", "evaluate"]


def test_the_sources_rerun_download_alone_if_its_files_are_the_same(project):
    change(project, "charner/corpus/own_files.py")
    assert project.repro() == ["download"]


def test_reading_reruns_char_encode_alone_if_it_finds_the_same(project):
    change(project, "charner/corpus/json_lines.py", "charner/corpus/*.py")
    assert project.repro() == ["char_encode"]


def test_a_parameter_of_the_other_architecture_reruns_nothing(project):
    replace(project, "params.yaml", "bidirectional: false", "bidirectional: true")
    assert project.repro() == []
    assert "up to date" in project.run("dvc", "status").stdout


@pytest.mark.parametrize(
    ("section", "above", "expected"),
    [
        # The new key changes no output of these, so that most of what follows has nothing to do.
        ("download", "corpus: Literal", ["download", "evaluate"]),  # the model card names it
        ("char_encode", "tag_scheme: Literal", ["char_encode"]),
        ("evaluate", "reliability_bins: Count", ["evaluate"]),
        # A model keeps its settings, so its files change.
        ("model", "filter_widths: list", ["train", "calibrate", "evaluate"]),
    ],
)
def test_a_new_key_reruns_its_stage_and_what_follows(project, section, above, expected):
    add_key(project, section, above)
    assert project.repro() == expected


def test_models_rerun_train_and_what_follows(project):
    name = "charner/models/cnn_lstm_crf.py"
    replace(project, name, "RandomUniform(-0.1, 0.1)", "RandomUniform(-0.2, 0.2)")
    assert project.repro() == ["train", "calibrate", "evaluate"]


def test_compiled_files_are_part_of_no_dep(project):
    for name in ("tags", "models", "evaluation"):
        folder = project.folder / "charner" / name / "__pycache__"
        folder.mkdir(exist_ok=True)
        (folder / "other.cpython-311.pyc").write_bytes(b"compiled")
    assert project.repro() == []


def test_what_is_no_part_of_a_folder_reruns_nothing(project):
    left = project.folder / "models/.model.json.charner.partial"
    left.write_text("left by a run that was killed")
    change(project, "data/custom/README.md")
    try:
        assert project.repro() == []
    finally:
        left.unlink()


def test_a_clone_without_the_cache_runs_a_corpus_of_its_own_twice(project, tmp_path):
    """Where dvc.lock names outputs that the cache lacks, the second run is a known trap."""
    project.run("git", "clone", "--quiet", str(project.folder), str(tmp_path / "clone"))
    clone = Project(tmp_path / "clone")
    shutil.copytree(clone.folder / "data/sample", clone.folder / "data/custom", dirs_exist_ok=True)
    for split in ("train", "valid", "test"):
        with open(clone.folder / f"data/custom/{split}.txt", "a") as file:
            file.write("\nOslo B-LOC\n")
    command = ("dvc", "exp", "run", "-S", "download.corpus=custom")
    assert stages_that_ran(clone.run(*command).stdout) == STAGES
    clone.run("git", "restore", "params.yaml", "dvc.lock")
    assert stages_that_ran(clone.run(*command).stdout) == []


def test_the_model_can_be_got_as_a_whole(project, tmp_path):
    project.run(
        "dvc", "get", "--quiet", str(project.folder), "models", "--out", str(tmp_path / "m")
    )
    found = {path.name: path.read_bytes() for path in (tmp_path / "m").iterdir()}
    names = ("weights.safetensors", "model.json", "temperature.json", "README.md")
    assert found == {name: Path(project.folder, "models", name).read_bytes() for name in names}
