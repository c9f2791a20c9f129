"""Python loads this at its start: a stage writes which files of the project it has loaded."""

import atexit
import sys
from pathlib import Path


def record(stage: str) -> None:
    here = Path.cwd()
    files = {Path(m.__file__) for m in [*sys.modules.values()] if getattr(m, "__file__", None)}
    names = sorted(str(file.relative_to(here)) for file in files if file.is_relative_to(here))
    (here / "loaded" / stage).write_text("\n".join(names))


if sys.orig_argv[1:2] == ["-m"] and sys.orig_argv[2].startswith("stages."):
    atexit.register(record, sys.orig_argv[2].removeprefix("stages."))
