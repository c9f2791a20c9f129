"""Two workers on this machine, in processes of their own."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from charner.support.errors import InputError
from charner.training.workers import choose_strategy
from tests.helpers import ROOT, Project
from tests.stops import SETTINGS

SECONDS = 60  # after which a worker must have told that another is gone
TRAIN = """
import sys
import numpy as np
from charner.models.backend import keras
from charner.training.loop import train
from charner.training.workers import choose_strategy, is_chief
from tests.charner.training.test_loop import PLAIN, TRAIN, sentences, start
from tests.helpers import small_model

with choose_strategy().scope():
    keras.utils.set_random_seed(1)
    built = small_model("cnn_lstm_crf", **PLAIN, token_dropout_alpha=0.0)
    settings = TRAIN.model_copy(update={"epochs": 2, "class_weight": "balanced"})
    for epoch in train(start(built), sentences(11, 0), sentences(2, 1), settings):
        scores = [*epoch.train.values(), *epoch.valid.values()]
    np.savez(sys.argv[1], *built.get_weights(), scores=scores, chief=is_chief())
"""


def environments() -> list[dict[str, str]]:
    """The environment of each of two workers."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(2)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
    found = []
    for index in range(2):
        task = {"type": "worker", "index": index}
        content = {"cluster": {"worker": addresses}, "task": task}
        found.append({**os.environ, "TF_CONFIG": json.dumps(content)})
    return found


def test_two_workers_train_as_one_process_does(tmp_path):
    paths = [tmp_path / f"{name}.npz" for name in ("alone", "first", "second")]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", TRAIN, str(path)],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        for path, environment in zip(paths, [{**os.environ}, *environments()], strict=True)
    ]
    for process in processes:
        told = process.communicate(timeout=5 * SECONDS)[1]
        assert process.returncode == 0, told
    alone, first, second = map(np.load, paths)
    assert [bool(of_worker["chief"]) for of_worker in (alone, first, second)] == [True, True, False]
    for name in {*alone.files} - {"chief"}:
        np.testing.assert_array_equal(first[name], second[name])
        np.testing.assert_allclose(first[name], alone[name], atol=1e-5)


@contextlib.contextmanager
def two_workers(*projects: Project) -> Iterator[list[subprocess.Popen]]:
    """The train stage on two workers; what is left of them is killed at the end."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "stages.train"],
            cwd=project.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for project, environment in zip(projects, environments(), strict=True)
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_a_killed_worker_ends_the_other_and_the_next_run_goes_on(project, tmp_path):
    shutil.copytree(project.folder, tmp_path / "second", symlinks=True)
    second = Project(tmp_path / "second")
    models = project.contents("models")
    for one in (project, second):
        one.set_params(SETTINGS)
    with two_workers(project, second) as (chief, other):
        while not (project.folder / ".checkpoint/training.safetensors").exists():
            assert chief.poll() is None
            time.sleep(0.05)
        other.send_signal(signal.SIGKILL)
        told = chief.communicate(timeout=SECONDS)[0]
        assert chief.returncode == 1
        assert told.splitlines()[-1].startswith("error: another worker does not answer any more")
        assert "Traceback" not in told
    assert project.contents("models") == models
    with two_workers(project, second) as processes:
        told_by_chief, told_by_other = (p.communicate(timeout=5 * SECONDS)[0] for p in processes)
    assert "this training was stopped: goes on after epoch 1" in told_by_other
    assert "the first worker writes the model" not in told_by_chief
    assert project.contents("models") != models
    assert second.contents("models") == models
    assert not Path(second.folder, ".checkpoint").exists()


def test_workers_must_be_alike(project, tmp_path):
    shutil.copytree(project.folder, tmp_path / "second", symlinks=True)
    second = Project(tmp_path / "second")
    second.set_params({"train": {"learning_rate": 0.02}})
    with two_workers(project, second) as (chief, other):
        assert "error: TF_CONFIG: this worker is not like the first" in other.communicate()[0]
        chief.communicate(timeout=SECONDS)
        assert (chief.returncode, other.returncode) == (1, 1)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"cluster": {"worker": ["a:1"]}}',
        '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}',
        '{"cluster": {"worker": ["a"]}, "task": {"type": "worker", "index": 0}}',
        '{"cluster": {"chief": ["a:1"]}, "task": {"type": "chief", "index": 0}}',
    ],
)
def test_a_wrong_variable_is_told(content, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", content)
    with pytest.raises(InputError, match=r"^TF_CONFIG: found .*; should be such as "):
        choose_strategy()
