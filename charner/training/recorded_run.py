"""The run of the train stage that dvc.lock records."""

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml


def recorded_output(lock: Path, stage: str, parameters: dict[str, Any], output: str) -> str | None:
    """The digest that the lock records for an output of the code, data and parameters of now.

    Args:
        lock: dvc.lock, in the project's root.
        stage: the name of the stage.
        parameters: its parameters, as in dvc.yaml: a dot separates a section from a key.
        output: the path of the output, a file.

    Returns:
        The MD5 digest in hexadecimal, None if the lock does not have it, or has it for other code,
        data or parameters, or cannot be read, as with the marks of a merge.
    """
    try:
        recorded = yaml.safe_load(lock.read_text("utf-8"))["stages"][stage]
        if recorded["params"] != {"params.yaml": parameters}:
            return None
        if any(digest(lock.parent / dep["path"]) != dep["md5"] for dep in recorded["deps"]):
            return None
        return {out["path"]: out["md5"] for out in recorded["outs"]}.get(output)
    except (FileNotFoundError, UnicodeDecodeError, yaml.YAMLError, LookupError, TypeError):
        return None


def digest(path: Path) -> str | None:
    """DVC's MD5 digest of a file, or of a folder of code; None if it does not exist.

    In a folder of code, DVC ignores `__pycache__`, and nothing else lies there.
    """
    if path.is_file():
        return hashlib.md5(path.read_bytes()).hexdigest()
    if not path.is_dir():
        return None
    files = {str(file.relative_to(path)): digest(file) for file in path.rglob("*.py")}
    listed = [{"md5": files[name], "relpath": name} for name in sorted(files)]
    return hashlib.md5(json.dumps(listed).encode()).hexdigest() + ".dir"
