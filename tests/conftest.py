"""What several tests use: small corpora, and copies of the project in a temporary folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "cache", "tmp", "raw", "encoded", "models", "__pycache__", ".*_cache"
)
# A training of seconds on the sample corpus.
SMALL = {
    "download": {"corpus": "sample"},
    "model": {"embedding_dim": 8, "lstm_units": 12, "lstm_layers": 1, "bidirectional": False},
    "train": {"epochs": 2, "batch_size": 16, "learning_rate": 0.01},
}


class Project:
    """A copy of the project in which stages and dvc can be run."""

    def __init__(self, folder: Path):
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
        for name in ("dvc.lock", "metrics"):
            path = folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess:
        """Runs a command in the project with this environment's programs first on PATH."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done

    def stage(self, name: str, check: bool = True) -> subprocess.CompletedProcess:
        """Runs a stage's program, without dvc."""
        return self.run(sys.executable, "-m", f"stages.{name}", check=check)

    def set_params(self, changes: dict) -> None:
        """Changes params.yaml: {section: {key: value}}."""
        path = self.folder / "params.yaml"
        params = yaml.safe_load(path.read_text())
        for section, values in changes.items():
            params.setdefault(section, {}).update(values)
        path.write_text(yaml.safe_dump(params, sort_keys=False))

    def commit(self, message: str) -> str:
        """Commits everything and returns the revision."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", message)
        return self.run("git", "rev-parse", "HEAD").stdout.strip()


@pytest.fixture
def project(tmp_path) -> Project:
    """The project as it is, without its outputs, set to the small training."""
    copy = Project(tmp_path / "project")
    copy.set_params(SMALL)
    return copy


@pytest.fixture
def write(tmp_path):
    """Writes text or bytes to a file of the temporary folder, and returns its path."""

    def write(content: str | bytes, name: str = "corpus.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
