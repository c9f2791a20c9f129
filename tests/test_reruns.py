"""A change reruns what depends on it, and nothing else, according to a real DVC.

tests/test_dvc_yaml.py shows that a stage's deps are all the files that it loads. So one file stands
for those of its room. DVC names the stages whose own deps or parameters have changed; what follows
them runs if their outputs are other ones.
"""

import shutil

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


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["charner/commands/*.py", "charner/bulk/*.py", "charner/__main__.py"], []),
        (["charner/tagging/tagger.py", "charner/tagging/readers.py"], []),
        (["README.md", "docs/*.md", "benchmarks/*.py", "tests/*.py", "data/custom/README.md"], []),
        (["charner/corpus/own_files.py"], ["download", "char_encode"]),
        (["charner/corpus/formats/json_records.py"], ["char_encode"]),
        (["charner/models/crf.py"], ["train"]),
        (["charner/training/loop.py"], ["train"]),
        (["charner/inference/confidence.py"], ["calibrate", "evaluate"]),
        (["charner/evaluation/robustness.py"], ["evaluate"]),
        (["data/sample/test.txt"], ["download"]),
    ],
)
def test_a_change_of_a_file_reruns_the_stages_that_depend_on_it(project, files, expected):
    change(project, *files)
    assert sorted(project.status()) == sorted(expected)


@pytest.mark.parametrize(
    ("section", "values", "expected"),
    [
        ("download", {"path": "stages"}, ["download"]),
        ("download", {"corpus": "custom"}, ["download", "evaluate"]),  # the model card names it
        ("char_encode", {"space_tag": "inside"}, ["char_encode"]),
        ("char_encode", {"vectors": "none"}, ["char_encode"]),
        ("model", {"architecture": "char_lstm"}, ["train"]),
        ("model", {"char_lstm": {"lstm_units": 5}}, []),  # the other architecture's
        ("train", {"seed": 2}, ["train"]),
        ("evaluate", {"reliability_bins": 5}, ["evaluate"]),
    ],
)
def test_a_change_of_a_parameter_reruns_the_stages_that_depend_on_it(
    project, section, values, expected
):
    project.set_params({section: values})
    assert sorted(project.status()) == sorted(expected)


def test_what_is_no_part_of_a_folder_reruns_nothing(project):
    for name in ("tags", "models", "evaluation"):
        folder = project.folder / "charner" / name / "__pycache__"
        folder.mkdir(exist_ok=True)
        (folder / "other.cpython-311.pyc").write_bytes(b"compiled")
    partial = project.folder / "data/sample/.train.txt.charner.partial"
    partial.write_text("left by a run that was killed")
    assert project.repro() == []
    assert "up to date" in project.run("dvc", "status").stdout


def test_a_change_of_a_parameter_reruns_what_follows_and_going_back_runs_nothing(fast_project):
    before = fast_project.contents("metrics", "models")
    fast_project.set_params({"char_encode": {"space_tag": "inside"}})
    assert fast_project.repro() == STAGES[1:]
    assert fast_project.contents("metrics", "models") != before
    fast_project.run("git", "checkout", "--quiet", "params.yaml")
    assert fast_project.repro() == []
    assert fast_project.contents("metrics", "models") == before


@pytest.mark.slow
def test_a_clone_without_the_cache_runs_a_corpus_of_its_own_once(fast_project, tmp_path):
    """Where dvc.lock names outputs that the cache lacks, DVC may run all a second time."""
    clone = fast_project.clone(tmp_path / "clone")
    shutil.copytree(clone.folder / "data/sample", clone.folder / "data/custom", dirs_exist_ok=True)
    for split in ("train", "valid", "test"):
        with open(clone.folder / f"data/custom/{split}.txt", "a") as file:
            file.write("\nOslo B-LOC\n")
    command = ("dvc", "exp", "run", "-S", "download.corpus=custom")
    assert stages_that_ran(clone.run(*command).stdout) == STAGES
    clone.run("git", "restore", "params.yaml", "dvc.lock")
    assert stages_that_ran(clone.run(*command).stdout) == []


def test_vectors_of_ones_own_are_a_dependency(fast_project):
    vectors = fast_project.folder / "data/vectors/mine.vec"
    vectors.write_text("the 1 2\nof 3 4\n")
    fast_project.set_params({"char_encode": {"vectors": "mine.vec"}})
    assert fast_project.repro()[0] == "char_encode"
    assert fast_project.status() == []
    (fast_project.folder / "data/vectors/other.vec").write_text("the 5 6\n")
    assert fast_project.status() == []
    vectors.write_text("the 1 2\nof 3 5\n")
    assert fast_project.status() == ["char_encode"]
    # As a corpus: colleagues can pull it.
    fast_project.run("dvc", "add", "data/vectors/mine.vec")
    assert "data/vectors/mine.vec.dvc" in fast_project.run("git", "status", "--short").stdout
    assert fast_project.repro()[0] == "char_encode"
