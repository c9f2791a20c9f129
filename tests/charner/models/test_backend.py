import os
import subprocess
import sys

import pytest

from tests.helpers import ROOT


@pytest.mark.slow
def test_a_users_choice_of_another_backend_does_not_break_the_pipeline():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from charner.models.backend import keras; print(keras.config.backend())",
        ],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == ("tensorflow\n", "")


TRAINING = """
import hashlib
from charner.models.backend import make_repeatable
make_repeatable(1)
from tests.helpers import small_model
from tests.small_training import TRAIN, epochs, sentences
settings = TRAIN.model_copy(update={"epochs": 2, "tokens_with_typo": 0.3})
model = small_model("cnn_lstm_crf")
print([*epochs(model, sentences(200, 0), sentences(20, 1), settings)])
print(hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest())
"""


@pytest.mark.slow
def test_the_number_of_cores_changes_no_byte():
    outputs = [
        subprocess.run(
            [sys.executable, "-c", TRAINING],
            cwd=ROOT,
            env={
                **os.environ,
                "TF_NUM_INTEROP_THREADS": threads,
                "TF_NUM_INTRAOP_THREADS": threads,
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "4")
    ]
    assert outputs[0] == outputs[1] != ""
