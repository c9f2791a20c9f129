"""TensorFlow and Keras, without start-up messages and with repeatable results.

Import `tf` and `keras` from here: the settings below must be made before TensorFlow is loaded.
"""

import contextlib
import os
from collections.abc import Iterator

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"  # the training loop is written for it


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    """Silences stderr, of C++ code too: some messages of TensorFlow ignore all settings."""
    saved = os.dup(2)
    with open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


with _silent_stderr():
    import keras
    import tensorflow as tf

__all__ = ["keras", "make_repeatable", "memory_errors", "tf"]


def make_repeatable(seed: int) -> None:
    """Seeds Python, NumPy and TensorFlow, and makes TensorFlow's operations deterministic.

    Call it before any operation.

    Args:
        seed: of all random numbers.
    """
    # Several threads within an operation would round sums in another order. Operations that do not
    # depend on each other still run on all cores.
    tf.config.threading.set_intra_op_parallelism_threads(1)
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


@contextlib.contextmanager
def memory_errors() -> Iterator[None]:
    """Raises MemoryError where TensorFlow raises an error of its own for too little memory."""
    try:
        yield
    except tf.errors.ResourceExhaustedError:
        raise MemoryError from None
