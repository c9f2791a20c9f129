"""Training on several devices of a machine, or on several machines: TensorFlow's strategies.

Each replica, a device of one of the processes (workers), computes the gradients of its part of each
batch, and their sum changes the weights of all. So all replicas have the same weights at all times.
"""

import contextlib
import functools
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from charner.models.backend import tf
from charner.support.errors import InputError
from charner.support.process import end_at_once_on_ctrl_c, raise_on_ctrl_c

# What TensorFlow raises where a process does not answer, or its connection breaks.
_LOST = (
    tf.errors.UnavailableError,
    tf.errors.DeadlineExceededError,
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.FailedPreconditionError,  # one that was started again while others were not
)


class WorkerLostError(OSError):
    """Another worker of the same training does not answer any more."""


def choose_strategy() -> Any:
    """The strategy of this process.

    That of several machines where the variable TF_CONFIG names them (it waits until all are there),
    that of several devices where this machine has several GPUs, otherwise TensorFlow's default.

    Raises:
        InputError: TF_CONFIG is not as TensorFlow reads it, or the worker cannot start.
    """
    if "TF_CONFIG" in os.environ:
        addresses = _checked(os.environ["TF_CONFIG"])
        print(f"waiting for all workers: {', '.join(addresses)}", flush=True)
        end_at_once_on_ctrl_c()  # TensorFlow waits outside of Python
        try:
            return tf.distribute.MultiWorkerMirroredStrategy()
        except tf.errors.OpError as error:
            raise InputError(f"TF_CONFIG: {error.message}") from None
        finally:
            raise_on_ctrl_c()
    if len(tf.config.list_physical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def _checked(text: str) -> list[str]:
    """The workers' addresses in TF_CONFIG, whose mistakes TensorFlow tells badly or not at all."""
    wanted = '{"cluster": {"worker": ["HOST:PORT", …]}, "task": {"type": "worker", "index": 0}}'
    try:
        content = json.loads(text)
        addresses = content["cluster"]["worker"]
        index = content["task"]["index"]
        is_right = (
            [*content["cluster"]] == ["worker"]
            and content["task"]["type"] == "worker"
            and all(isinstance(address, str) and ":" in address for address in addresses)
            and isinstance(index, int)
            and 0 <= index < len(addresses)
        )
    except (ValueError, KeyError, TypeError):
        is_right = False
    if not is_right:
        raise InputError(f"TF_CONFIG: found {text}; should be such as {wanted}")
    return addresses


def are_several() -> bool:
    """Whether this process is one of several workers."""
    return isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy)


def is_chief() -> bool:
    """Whether this process is the one that writes: the first worker, or the only process."""
    return not are_several() or tf.distribute.get_strategy().cluster_resolver.task_id == 0


def check_that_all_are_alike(fingerprint: str) -> None:
    """Checks that all workers train the same.

    Raises:
        InputError: some worker's fingerprint is not that of the chief; raised on all.
    """
    if not are_several():
        return
    differs = from_chief(fingerprint.encode()) != fingerprint.encode()
    if sum_over_workers(np.array([differs]))[0]:
        raise InputError(
            "TF_CONFIG: the workers are not alike: the code, the parameters, the data, the versions"
            " of the libraries and the kind of processor must be the same"
        )


def own_replicas() -> list[int]:
    """The numbers of this process's replicas among all."""
    strategy = tf.distribute.get_strategy()

    @tf.function
    def numbers() -> Any:
        return strategy.run(lambda: tf.distribute.get_replica_context().replica_id_in_sync_group)

    return [int(number) for number in strategy.experimental_local_results(numbers())]


def sum_over_workers(values: np.ndarray) -> np.ndarray:
    """The sums of integers over all workers.

    Args:
        values: (n,) of this worker; n is the same on all, and not 0: TensorFlow would crash.
    """
    sums = _compiled_sum()(tf.constant(values, tf.int64))
    return sums[0].numpy() // len(sums)  # each replica of this worker added its values


@functools.cache
def _compiled_sum() -> Callable[[Any], Any]:
    """A function that sums an array over all replicas; it returns the sum for each of its own."""
    strategy = tf.distribute.get_strategy()

    @tf.function
    def total(values):
        def replica_sum() -> Any:
            own = tf.identity(values)  # on the replica's device
            return tf.distribute.get_replica_context().all_reduce("SUM", own)

        return strategy.experimental_local_results(strategy.run(replica_sum))

    return total


def from_chief(content: bytes) -> bytes:
    """What the chief has; what the others have is ignored."""
    if not are_several():
        return content
    (size,) = sum_over_workers(np.array([len(content) if is_chief() else 0]))
    if not size:
        return b""
    whole = size + -size % 8  # bytes, eight in an integer
    padded = content.ljust(whole, b"\0") if is_chief() else bytes(whole)
    return sum_over_workers(np.frombuffer(padded, np.int64)).tobytes()[:size]


@contextlib.contextmanager
def telling_of_lost_workers() -> Iterator[None]:
    """Turns the errors of TensorFlow's communication into one for the user.

    Raises:
        WorkerLostError: a worker is gone.
    """
    try:
        yield
    except _LOST as error:
        if not are_several():
            raise
        raise WorkerLostError(
            "another worker does not answer any more; start all again: the training resumes after"
            " its last finished epoch, if it had one"
        ) from error
