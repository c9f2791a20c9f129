"""The pages of `dvc plots`, in a real browser without network."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import Project

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
NO_NETWORK = ("--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9")


def opened(page: Path, folder: Path) -> tuple[str, list[str]]:
    """The page as the browser has it in the end, and what it wrote to its console."""
    done = subprocess.run(
        [
            *(str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--enable-logging=stderr", f"--user-data-dir={folder / 'browser'}", *NO_NETWORK),
            *("--virtual-time-budget=10000", "--dump-dom", page.as_uri()),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout, re.findall(r"CONSOLE.*", done.stderr)


def plots(project: Project, *arguments: str) -> Path:
    """The page of a `dvc plots` command."""
    return Path(project.run("dvc", "plots", *arguments).stdout.strip().removeprefix("file://"))


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="needs Chromium or Chrome")
def test_every_plot_is_drawn_without_network(fast_project, tmp_path):
    project = fast_project
    project.set_params({"train": {"seed": 2}})
    project.repro()
    project.commit("second run")
    project.run(sys.executable, "-m", "charner", "offline-plots")
    for arguments in (["show"], ["diff", "HEAD~1"]):
        page = plots(project, *arguments)
        assert page.stat().st_size < 3_000_000
        shown, console = opened(page, tmp_path)
        assert console == []
        expected = json.loads(project.run("dvc", "plots", *arguments, "--json").stdout)["data"]
        assert len(expected) > 10
        assert len(re.findall(r"<svg[^>]+ class=\"marks\" width=\"[1-9]", shown)) == len(expected)


def fails(folder: Path, expected: str) -> None:
    """The command ends with one line."""
    done = subprocess.run(
        [sys.executable, "-m", "charner", "offline-plots"],
        cwd=folder,
        env={"PYTHONPATH": str(Path(__file__).parent.parent)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {expected}")
    assert done.stderr.count("\n") == 1


def test_the_command_says_where_it_works(tmp_path):
    fails(tmp_path, "no folder .dvc is here; run this command in the folder of the project\n")


@pytest.mark.parametrize("is_link", [True, False])
def test_a_folder_in_place_of_the_page_is_refused_and_kept(tmp_path, is_link):
    page = tmp_path / ".dvc/plots_page.html"
    folder = tmp_path / "mine" if is_link else page
    folder.mkdir(parents=True)
    (folder / "file").touch()
    if is_link:
        page.parent.mkdir()
        page.symlink_to(folder)
    fails(tmp_path, ".dvc/plots_page.html: is a folder; ")
    assert (page / "file").exists()


def test_settings_that_dvc_cannot_write_are_told(tmp_path):
    (tmp_path / ".dvc/config.local").mkdir(parents=True)
    fails(tmp_path, "DVC does not take the page: ")
