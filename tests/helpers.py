"""Helpers for several tests: small corpora and models, and copies of the project to run."""

import contextlib
import importlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import yaml
from hypothesis import strategies as st

from charner.encoding import model_files
from charner.encoding.examples import Example
from charner.encoding.model_files import TrainedModel
from charner.encoding.vocabulary import UNK, Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.params import Model
from charner.support.process import raise_on_ctrl_c

if TYPE_CHECKING:
    from charner.models.architecture import Architecture

ROOT = Path(__file__).parent.parent
STAGES = ["download", "char_encode", "train", "calibrate", "evaluate"]
TRAIN_OUTPUTS = [
    *("models/weights.safetensors", "models/vectors.safetensors", "models/model.json"),
    *("metrics/history.csv", "metrics/training.csv"),
]
ARCHITECTURES = ["char_lstm", "cnn_lstm_crf"]
# Parameters for a training of seconds on the sample corpus, independent of params.yaml.
SMALL: dict[str, dict] = {
    "download": {"corpus": "sample", "path": "data/custom"},
    "char_encode": {
        "split": {"train": 0.8, "valid": 0.1, "test": 0.1, "seed": 1},
        "train_share": 1.0,
        "token_column": 0,
        "tag_column": -1,
        "tag_scheme": "auto",
        "comment_prefix": None,
        "language": "en",
        "normalisation": "NFC",
        "vectors": "auto",
        "mistakes": "refuse",
        "space_tag": "outside",
    },
    "model": {
        "architecture": "cnn_lstm_crf",
        "cnn_lstm_crf": {
            "embedding_dim": 8,
            "filter_widths": [2, 3],
            "filters": 8,
            "character_lstm_units": 0,
            "token_dim": 8,
            "lstm_units": 12,
            "lstm_layers": 1,
            "dropout": 0.1,
            "character_dropout": 0.1,
            "token_dropout_alpha": 0.5,
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
        "warmup_fraction": 0.25,
        "clip_norm": 1.0,
        "min_steps": 1,
        "passes_without_vectors": 1,
        "class_weight": "none",
        "oversample_threshold": 0.0,
        "mention_replacement": 0.5,
        "case_change": 0.1,
        "tokens_with_typo": 0.1,
    },
    "evaluate": {"characters_with_typo": 0.05, "reliability_bins": 10},
}
# The training of `first_run`: enough steps that the model finds entities.
TRAINING = {
    "epochs": 3,
    "patience": 3,
    "batch_size": 4,
    "min_steps": 50,
    "max_length": 150,
    "learning_rate": 0.03,
}


# Copies of the project.


class Project:
    """A folder with a copy of the project, in which stages and dvc can be run."""

    def __init__(self, folder: Path):
        self.folder = folder

    @property
    def environment(self) -> dict[str, str]:
        """The environment of commands, with the programs of this Python first on PATH."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "PATH": path}

    def run(
        self, *command: str, check: bool = True, **environment: str
    ) -> subprocess.CompletedProcess:
        """Runs a command in the project, with further variables of the environment."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done

    def start(self, *command: str) -> subprocess.Popen:
        """Starts a command in a process group of its own; its errors are part of its output."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**self.environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def stage(self, name: str, check: bool = True) -> subprocess.CompletedProcess:
        """Runs the program of a stage, without dvc."""
        return self.run(sys.executable, "-m", f"stages.{name}", check=check)

    def stage_in_this_process(self, name: str) -> str:
        """Runs the code of a stage, in less time; returns what it prints."""
        stage = importlib.import_module(f"stages.{name}")
        raise_on_ctrl_c()  # which ends the process at once since the import
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(io.StringIO()) as printed:
            stage.main()
        return printed.getvalue()

    def repro(self) -> list[str]:
        """Runs `dvc repro`; returns the stages that ran."""
        return stages_that_ran(self.run("dvc", "repro").stdout)

    def status(self) -> list[str]:
        """The stages that `dvc status --json` names, without the start of a process."""
        from dvc.repo import Repo

        with Repo(self.folder) as repo:
            return [path.rpartition(":")[2] for path in repo.status()]

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

    def clone(self, folder: Path) -> "Project":
        """A git clone, which has nothing of DVC's cache."""
        self.run("git", "clone", "--quiet", str(self.folder), str(folder))
        return Project(folder)

    def contents(self, *folders: str) -> dict[str, bytes]:
        """The contents of the files in these folders."""
        return {
            f"{folder}/{path.name}": path.read_bytes()
            for folder in folders
            for path in (self.folder / folder).iterdir()
        }


def python_path(folder: Path) -> str:
    """PYTHONPATH for a Python that loads the folder's sitecustomize.py at its start."""
    return os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])


def copy_of_project(folder: Path) -> Project:
    """Copies the project without the committed outputs; its params.yaml is set to `SMALL`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if name != "dvc.lock" and not name.startswith("metrics/") and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    project = Project(folder)
    project.set_params(SMALL)
    return project


def stages_that_ran(output: str) -> list[str]:
    """The stages that ran, according to dvc's output."""
    return re.findall(r"^Running stage '(\w+)'", output, re.MULTILINE)


def new_repository(folder: Path) -> Project:
    """Copies the project into a new git repository."""
    project = copy_of_project(folder)
    start_repository(project)
    return project


def start_repository(project: Project) -> None:
    """Makes a git repository of a folder."""
    project.run("git", "init", "--quiet")
    project.run("git", "config", "user.name", "tester")
    project.run("git", "config", "user.email", "tester@localhost")
    project.commit("code")


def copy_of(folder: Path, copy: Path) -> Project:
    """A copy of a folder with all that git and DVC keep in it."""
    subprocess.run(["cp", "-a", folder, copy], check=True)
    return Project(copy)


def commands_of_preset(preset: str, options: str = "") -> list[str]:
    """The commands that make runs for a preset, without running them."""
    return subprocess.run(
        ["make", "--no-print-directory", "--dry-run", preset, f"OPTIONS={options}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()


def heed_ctrl_c() -> None:
    """For a new process: Ctrl-C ends it, also where the tests run in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


# Sentences.

# Text with all kinds of characters that matter in segmentation.
WRITING = st.text("ab.'\"`()[]-!?,;: \n\r\t\u2028\x85\xa0$%&@/cnot\x00\u0301😀של«”\ud800")
VOCABULARY = Vocabulary.build({"abcdefgh": 2, "ab": 2}, ["X"])
VECTORS = WordVectors.packed(
    "vectors of the tests",
    "none",
    [*"abcdefgh", "ab", "Ab"],
    np.random.default_rng(1).normal(size=(10, 4)),
)


def example(*tokens: str, document: int = 0, tags: list[str] | None = None) -> Example:
    """A sentence; unless tags are given, tokens that begin with `a` are entities."""
    tags = tags or ["B-X" if token[0] == "a" else "O" for token in tokens]
    return Example(document, list(tokens), tags)


def random_document(generator: np.random.Generator, number: int) -> list[Example]:
    """One to five sentences of one to eight random tokens."""

    def token() -> str:
        return "".join(generator.choice([*"abcdefgh ABé"], generator.integers(1, 9))).strip() or "a"

    return [
        example(*(token() for _ in range(generator.integers(1, 9))), document=number)
        for _ in range(generator.integers(1, 6))
    ]


# Models. Keras is imported late, for tests that do not need it.


def small_settings(architecture: str, **changes) -> Model:
    """The settings of the small model, with changes in the section of its architecture."""
    own = {**SMALL["model"][architecture], **changes}
    return Model(**{**SMALL["model"], "architecture": architecture, architecture: own})


def small_model(architecture: str, **changes) -> "Architecture":
    """An untrained Keras model."""
    from charner.models.build import build

    return build(small_settings(architecture, **changes), VOCABULARY, VECTORS)


def outputs_of(model: "Architecture", *chunks: list[Example]) -> list[np.ndarray]:
    """The outputs of a Keras model for each sentence."""
    inputs = model.encode([*chunks])
    outputs = np.array(model(inputs))
    examples = [one for chunk in chunks for one in chunk]
    if model.name == "char_lstm":
        return [row[: e.length] for e, row in zip(examples, outputs, strict=True)]
    of_tokens = outputs[inputs["token_rows"], inputs["token_positions"]]
    return np.split(of_tokens, np.cumsum([len(one.tokens) for one in examples])[:-1])


# With these, the models with random weights find many entities of several lengths.
SEEDS = {"char_lstm": 1, "cnn_lstm_crf": 5}


def set_random_weights(model: "Architecture") -> dict[str, np.ndarray]:
    """Sets a Keras model's weights to random values, always the same; returns them by name."""
    generator = np.random.default_rng(SEEDS[model.name])
    for layer in model.layers:
        weights = [generator.normal(0, 0.3, w.shape) for w in layer.get_weights()]
        if layer.name == "topics":
            weights[0][: UNK + 1] = 0  # as `topic_vectors` makes them
        layer.set_weights(weights)
    return model.named_weights()


def random_model(architecture: str, **changes) -> TrainedModel:
    """A model with random weights, which finds many entities."""
    model = small_model(architecture, **changes)
    settings = small_settings(architecture, **changes).chosen.model_dump()
    weights = set_random_weights(model)
    return TrainedModel(architecture, settings, VOCABULARY, model.vectors, weights)


def save_model(folder: Path, trained: TrainedModel, temperature: float = 1.0) -> None:
    """Writes all files of a model, as the train and calibrate stages do."""
    model_files.save(trained, *(folder / name for name in model_files.TRAINED_FILES))
    model_files.save_temperature(temperature, folder / model_files.TEMPERATURE_FILE)


def write_small_model(folder: Path) -> None:
    """Writes a model with random weights to an existing folder."""
    save_model(folder, random_model("cnn_lstm_crf"))
