"""What `import charner` gives, and what it does not load."""

import subprocess
import sys

import charner
from tests.helpers import ROOT


def test_the_tagger_is_loaded_when_it_is_first_used():
    program = (
        "import sys, charner; before = 'numpy' in sys.modules; charner.Tagger;"
        "print(before, 'numpy' in sys.modules, 'tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["False", "True", "False"]


def test_other_names_are_no_attributes():
    assert not hasattr(charner, "Taggers")
