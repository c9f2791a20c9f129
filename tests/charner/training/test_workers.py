"""Several devices in one process, and two workers in processes of their own."""

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

import numpy as np
import pytest

from charner.support.errors import InputError
from charner.training.workers import choose_strategy
from tests.helpers import ROOT, Project
from tests.stops import SETTINGS

SECONDS = 60  # after which a worker must have told that another is gone
LONGEST = 200  # seconds, before a hanging training is given up
TRAIN = """
import sys
import numpy as np
from charner.models.backend import keras, tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

from charner.training.loop import train
from charner.training.workers import choose_strategy, is_chief
from tests.helpers import small_model
from tests.small_training import PLAIN, TRAIN, sentences, start

name, path = sys.argv[1:]
two_devices = name == "devices"
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]) if two_devices else choose_strategy()
with strategy.scope():
    keras.utils.set_random_seed(1)
    built = small_model("cnn_lstm_crf", **PLAIN, token_dropout_alpha=0.0)
    settings = TRAIN.model_copy(
        update={"epochs": 2, "clip_norm": 0.1, "class_weight": "balanced"}
    )
    for epoch in train(start(built), sentences(11, 0), sentences(2, 1), settings):
        scores = [*epoch.train.values(), *epoch.valid.values()]
    np.savez(path, *built.get_weights(), scores=scores, chief=is_chief())
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


@contextlib.contextmanager
def started(commands: list[tuple]) -> Iterator[list[subprocess.Popen]]:
    """Processes, each given by its command, folder and environment; killed at the end."""
    processes = [
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for command, folder, environment in commands
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_devices_and_workers_train_as_one_process_does(tmp_path):
    runs = ("alone", {**os.environ}), ("devices", {**os.environ})
    runs += tuple(zip(("first", "second"), environments(), strict=True))
    commands = [
        ([sys.executable, "-c", TRAIN, name, f"{tmp_path}/{name}.npz"], ROOT, env)
        for name, env in runs
    ]
    with started(commands) as processes:
        for process in processes:
            told = process.communicate(timeout=LONGEST)[0]
            assert process.returncode == 0, told
    alone, devices, first, second = (np.load(tmp_path / f"{name}.npz") for name, _ in runs)
    assert [bool(found["chief"]) for found in (alone, devices, first, second)] == [
        *(True, True, True, False)
    ]
    for name in {*alone.files} - {"chief"}:
        np.testing.assert_allclose(devices[name], alone[name], atol=1e-5)
        np.testing.assert_allclose(first[name], alone[name], atol=1e-5)
        np.testing.assert_array_equal(first[name], second[name])


def two_workers(*projects: Project) -> contextlib.AbstractContextManager[list[subprocess.Popen]]:
    """The train stage on two workers."""
    command = [sys.executable, "-m", "stages.train"]
    return started(
        [(command, p.folder, env) for p, env in zip(projects, environments(), strict=True)]
    )


def ended(processes: list[subprocess.Popen]) -> list[str]:
    """What processes printed that have ended well."""
    told = [process.communicate(timeout=LONGEST)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], told
    return told


@pytest.fixture
def second(project, tmp_path) -> Project:
    """A copy of the project, for the second worker."""
    shutil.copytree(project.folder, tmp_path / "second", symlinks=True)
    return Project(tmp_path / "second")


def test_a_killed_worker_ends_the_other_and_the_next_run_goes_on(project, second):
    """The first one is killed, which TensorFlow's workers take their orders from."""
    committed = second.contents("models", "metrics")
    for one in (project, second):
        one.set_params(SETTINGS)
    with two_workers(project, second) as processes:
        ended(processes)
    never_stopped = project.contents("models", "metrics")
    assert never_stopped != committed

    with two_workers(project, second) as (first, other):
        deadline = time.monotonic() + LONGEST
        while not (project.folder / ".checkpoint/training.safetensors").exists():
            assert first.poll() is other.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        first.send_signal(signal.SIGKILL)
        told = other.communicate(timeout=SECONDS)[0]
        assert other.returncode == 1
        assert told.splitlines()[-1].startswith("error: another worker does not answer any more")
        assert "Traceback" not in told

    with two_workers(project, second) as processes:
        for told in ended(processes):
            assert "this training was stopped: it resumes after epoch " in told
    assert project.contents("models", "metrics") == never_stopped
    assert second.contents("models", "metrics") == committed
    assert not (second.folder / ".checkpoint").exists()


def test_workers_that_are_not_alike_are_told_on_all(project, second):
    second.set_params({"model": {"architecture": "char_lstm"}})
    with two_workers(project, second) as processes:
        for process in processes:
            *_, line = process.communicate(timeout=LONGEST)[0].splitlines()
            assert line.startswith("error: TF_CONFIG: the workers are not alike")
            assert process.returncode == 1


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
