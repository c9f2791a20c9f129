"""Fixtures for several tests."""

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock

from tests.helpers import (
    ROOT,
    STAGES,
    TRAINING,
    Project,
    copy_of,
    copy_of_project,
    python_path,
    stages_that_ran,
    start_repository,
    write_small_model,
)

# Its time limit for one example would depend on what else runs on the machine.
hypothesis.settings.register_profile("no_deadline", deadline=None)
hypothesis.settings.load_profile("no_deadline")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the pipeline come first: they take longest, and none should begin last."""
    items.sort(key=lambda item: "first_run" not in getattr(item, "fixturenames", ()))


@pytest.fixture
def fresh_project(tmp_path) -> Project:
    """A copy of the project without its outputs, git and dvc."""
    return copy_of_project(tmp_path / "project")


@pytest.fixture(scope="session")
def made_once(tmp_path_factory, worker_id) -> Callable[[str, Callable[[Path], None]], Path]:
    """A function that makes a folder for all processes of the tests: by its name and a maker."""
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent

    def made(name: str, make: Callable[[Path], None]) -> Path:
        with FileLock(shared / f"{name}.lock"):
            if not (shared / name).exists():
                make(shared / f"{name}.partial")
                (shared / f"{name}.partial").rename(shared / name)
        return shared / name

    return made


@pytest.fixture(scope="session")
def first_run(made_once) -> Path:
    """A repository in which the pipeline has run, with a real training; for reading alone.

    Beside what the project has, `first_run.txt` is what DVC and the stages printed, and
    `loaded/STAGE` has the files of code that a stage had loaded at its end.
    """

    def make(folder: Path) -> None:
        project = copy_of_project(folder)
        project.set_params({"train": TRAINING})
        with (folder / ".gitignore").open("a") as file:
            file.write("/loaded/\n/first_run.txt\n")
        start_repository(project)
        (folder / "loaded").mkdir()
        printed = project.run(
            "dvc", "repro", PYTHONPATH=python_path(ROOT / "tests/record_loaded")
        ).stdout
        (folder / "first_run.txt").write_text(printed)
        assert stages_that_ran(printed) == STAGES
        project.commit("first run")
        project.run("git", "gc", "--quiet")  # fewer files to copy

    return made_once("first_run", make)


@pytest.fixture
def project(first_run, tmp_path) -> Project:
    """A repository in which the pipeline has run once; everything is committed."""
    return copy_of(first_run, tmp_path / "project")


@pytest.fixture(scope="session")
def fast_run(first_run, made_once) -> Path:
    """As `first_run`, but the train stage is a stand-in without TensorFlow."""

    def make(folder: Path) -> None:
        project = copy_of(first_run, folder)
        shutil.copy(ROOT / "tests/fast_training.py", folder / "stages/train.py")
        shutil.copytree(
            folder / "models", folder / "trained", ignore=shutil.ignore_patterns("*.md")
        )
        for name in ("history.csv", "training.csv"):
            shutil.copy(folder / "metrics" / name, folder / "trained")
        assert project.repro() == STAGES[2:]
        project.commit("a stand-in for the train stage")

    return made_once("fast_run", make)


@pytest.fixture
def fast_project(fast_run, tmp_path) -> Project:
    """As `project`, but training takes no time, whatever the parameters."""
    return copy_of(fast_run, tmp_path / "project")


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A model with random weights, which finds many entities."""
    folder = tmp_path_factory.mktemp("model")
    write_small_model(folder)
    return folder


@pytest.fixture
def bucket(monkeypatch) -> Iterator[str]:
    """A new bucket of S3, on a real server that ends with the test."""
    import s3fs  # these two take seconds
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3fs.S3FileSystem.clear_instance_cache()
    name = f"bucket-{uuid.uuid4().hex}"
    s3fs.S3FileSystem().mkdir(name)
    yield name
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


@pytest.fixture
def write(tmp_path):
    """A function that writes text or bytes to a file in the temporary folder; returns its path."""

    def write(content: str | bytes, name: str = "corpus.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
