"""TensorFlow and Keras, without their start-up messages and with repeatable results.

Import `tf` and `keras` from here: the settings must be made before TensorFlow is loaded.
"""

import contextlib
import os
from collections.abc import Iterator

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"  # the training loop is written for it


@contextlib.contextmanager
def _silent_stderr() -> Iterator[None]:
    """Closes stderr even for C++: some of TensorFlow's messages heed no setting."""
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

__all__ = ["keras", "make_repeatable", "tf"]


def make_repeatable(seed: int) -> None:
    """Seeds Python, NumPy and TensorFlow, and lets TensorFlow use repeatable operations only."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
