"""Fixtures for several tests."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from filelock import FileLock

from tests.helpers import (
    LONGER,
    STAGES,
    Project,
    copy_of_project,
    new_repository,
    write_small_model,
)

# Its time limit for one example would depend on what else runs on the machine.
hypothesis.settings.register_profile("no_deadline", deadline=None)
hypothesis.settings.load_profile("no_deadline")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a real pipeline come first: they take longest, and none should begin last."""
    items.sort(key=lambda item: "first_run" not in getattr(item, "fixturenames", ()))


@pytest.fixture
def fresh_project(tmp_path) -> Project:
    """A copy of the project without its outputs, git and dvc."""
    return copy_of_project(tmp_path / "project")


@pytest.fixture(scope="session")
def first_run(tmp_path_factory, worker_id) -> Path:
    """A repository in which the pipeline has run; all processes of the tests share it.

    DVC's cache has the outputs for `LONGER`, too: a run with these parameters trains nothing.
    """
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    folder = shared / "first_run"
    with FileLock(shared / "first_run.lock"):
        if not folder.exists():
            project = new_repository(tmp_path_factory.mktemp("run") / "project")
            project.set_params(LONGER)
            assert project.repro() == STAGES
            project.run("git", "restore", "params.yaml")
            assert project.repro() == STAGES[2:]
            project.commit("first run")
            project.folder.rename(folder)
    return folder


@pytest.fixture(scope="module")
def pipeline(first_run, tmp_path_factory) -> Project:
    """A copy of the repository in which the pipeline has run once; everything is committed."""
    folder = tmp_path_factory.mktemp("pipeline") / "project"
    shutil.copytree(first_run, folder, symlinks=True)
    return Project(folder)


@pytest.fixture
def project(pipeline):
    """The same repository; after the test it is reset to its first run."""
    head = pipeline.run("git", "rev-parse", "HEAD").stdout.strip()
    yield pipeline
    pipeline.run("git", "reset", "--quiet", "--hard", head)
    pipeline.run("git", "clean", "--quiet", "--force", "-d")
    pipeline.run("git", "clean", "--quiet", "--force", "-x", "data/custom")  # git ignores its files
    pipeline.run("dvc", "checkout", "--quiet", "--force")


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
