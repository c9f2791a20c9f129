"""What docs/guarantees.md says about damaged files in DVC's cache, on a real cache."""

import re
from pathlib import Path

import yaml

from tests.helpers import ROOT, Project
from tests.stops import ALL_OUTPUTS

COMMANDS = re.findall(r"^  \$ (.+)$", (ROOT / "docs/guarantees.md").read_text(), re.MULTILINE)
FIND, DELETE, REPRO = COMMANDS


def named(project: Project) -> list[str]:
    """The files that the documented command names."""
    shown = project.run("bash", "-c", f"set -o pipefail; {FIND}", check=False)
    found = re.findall(r"^(.+): FAILED$", shown.stdout, re.MULTILINE)
    assert shown.returncode == bool(found)
    return sorted(found)


def damage(path: Path) -> None:
    """Changes a byte; DVC trusts files that cannot be written."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    path.chmod(0o444)


def test_damaged_files_in_the_cache_are_found_and_made_again(project):
    assert named(project) == []
    before = project.contents(*ALL_OUTPUTS)
    stages = yaml.safe_load((project.folder / "dvc.lock").read_text())["stages"]
    digests = {out["path"]: out["md5"] for stage in stages.values() for out in stage["outs"]}
    outputs = ("data/raw", "data/encoded/valid.parquet")
    assert digests["data/raw"].endswith(".dir")
    expected = []
    for output in outputs:
        digest = digests[output]
        expected.append(f".dvc/cache/files/md5/{digest[:2]}/{digest[2:]}")
        damage(project.folder / expected[-1])
    assert named(project) == sorted(expected)

    (project.folder / outputs[1]).unlink()
    project.run("dvc", "checkout", outputs[1])
    assert project.contents(*ALL_OUTPUTS) != before  # DVC's gap
    for path in expected:
        (project.folder / path).unlink()
    project.run("sh", "-c", DELETE)
    project.run(*REPRO.split())
    assert project.contents(*ALL_OUTPUTS) == before
    assert named(project) == []
