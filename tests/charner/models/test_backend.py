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
