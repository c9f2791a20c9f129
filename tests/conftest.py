"""What several tests use: small corpora, and copies of the project in a temporary folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest
import yaml

ROOT = Path(__file__).parent.parent
COPIED = [
    *(".dvc/.gitignore", ".dvc/config", ".dvc/plots", ".dvcignore", ".gitignore", "charner"),
    *("data/.gitignore", "data/sample", "dvc.yaml", "params.yaml", "stages"),
]
# A training of seconds on the sample corpus; all values, whatever params.yaml says today.
SMALL = {
    "download": {"corpus": "sample", "path": "data/sample"},
    "char_encode": {
        "token_column": 0,
        "tag_column": -1,
        "tag_scheme": "auto",
        "comment_prefix": None,
        "space_tag": "outside",
    },
    "model": {
        "architecture": "cnn_lstm_crf",
        "cnn_lstm_crf": {
            "embedding_dim": 8,
            "filter_widths": [2, 3],
            "filters": 8,
            "token_dim": 8,
            "lstm_units": 12,
            "lstm_layers": 1,
            "dropout": 0.1,
            "character_dropout": 0.1,
            "token_dropout": 0.5,
            "max_token_length": 20,
            "window": 32,
            "document_tokens": 500,
            "document_states": True,
            "topic_dim": 4,
        },
        "char_lstm": {
            "embedding_dim": 8,
            "lstm_units": 12,
            "lstm_layers": 1,
            "bidirectional": False,
            "dropout": 0.1,
            "character_dropout": 0.1,
        },
    },
    "train": {
        "seed": 1,
        "epochs": 2,
        "patience": 2,
        "batch_size": 16,
        "max_length": 512,
        "learning_rate": 0.01,
        "learning_rate_schedule": "cosine",
        "warmup": 0.25,
        "clip_norm": 1.0,
        "weight_average": 0.9,
        "class_weight": "none",
        "oversample_threshold": 0.0,
        "mention_replacement": 0.3,
        "case_change": 0.1,
        "mistyping": 0.1,
    },
    "evaluate": {"mistyped": 0.05, "reliability_bins": 10},
}
# Its limit for one example would depend on what else the machine does.
hypothesis.settings.register_profile("no_deadline", deadline=None)
hypothesis.settings.load_profile("no_deadline")


class Project:
    """A copy of the project, set to the small training, in which stages and dvc can be run."""

    def __init__(self, folder: Path):
        self.folder = folder
        for name in COPIED:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / name, target, ignore=ignored)
            else:
                shutil.copy(ROOT / name, target)
        self.set_params(SMALL)

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
    """The project without its outputs."""
    return Project(tmp_path / "project")


@pytest.fixture
def write(tmp_path):
    """Writes text or bytes to a file of the temporary folder, and returns its path."""

    def write(content: str | bytes, name: str = "corpus.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
