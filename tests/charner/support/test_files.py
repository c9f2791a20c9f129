import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from charner.support.errors import InputError
from charner.support.files import check_is_replaceable, locked_folder, replacing, replacing_folder
from tests.helpers import ROOT


@pytest.mark.parametrize("is_there", [True, False])
def test_a_file_is_replaced_as_a_whole(tmp_path, is_there):
    file = tmp_path / "folder/file"
    if is_there:
        file.parent.mkdir()
        file.write_text("old")
    with replacing(file) as new_file:
        new_file.write_text("new")
        assert not is_there or file.read_text() == "old"
    assert file.read_text() == "new"
    assert [path.name for path in file.parent.iterdir()] == ["file"]


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "old").touch()
    with replacing_folder(folder) as new_folder:
        (new_folder / "new").touch()
        assert (folder / "old").exists()
    assert [path.name for path in folder.iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_failure_leaves_everything_as_it_was(tmp_path):
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.write_text("old")
    folder.mkdir()
    (folder / "old").touch()

    def fail() -> None:
        with (
            replacing(file) as new_file,
            replacing(tmp_path / "other"),
            replacing_folder(folder) as new_folder,
        ):
            new_file.write_text("new")
            (new_folder / "new").touch()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]
    assert file.read_text() == "old"
    assert [path.name for path in folder.iterdir()] == ["old"]


def folder(path: Path) -> None:
    path.mkdir()
    (path / "kept").write_text("a user's")


def link_to_a_folder(path: Path) -> None:
    folder(path.with_name("real"))
    path.symlink_to("real")


def link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/null")


def link_to_standard_output(path: Path) -> None:
    """It may lead to a regular file."""
    path.with_name("link").symlink_to("/proc/self/fd/1")
    path.symlink_to("link")


NO_FILES = {
    "folder": folder,
    "link": link_to_a_folder,
    "pipe": os.mkfifo,
    "null": link_to_a_device,
    "stdout": link_to_standard_output,
}


@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES)
@pytest.mark.parametrize("name", ["file", ".file.charner.partial"])
def test_what_is_no_file_is_never_replaced(tmp_path, make, name):
    make(tmp_path / name)
    before = {path: path.lstat().st_ino for path in tmp_path.rglob("*")}
    with pytest.raises(InputError, match=name), replacing(tmp_path / "file") as path:
        path.write_text("new")
    assert {path: path.lstat().st_ino for path in tmp_path.rglob("*")} == before


def test_a_link_to_a_file_is_replaced_and_its_file_kept(tmp_path):
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("in DVC's cache")
    link.symlink_to(file)
    with replacing(link) as path:
        path.write_text("new")
    assert link.read_text() == "new"
    assert file.read_text() == "in DVC's cache"


@pytest.mark.parametrize("make", [Path.touch, link_to_a_folder])
def test_only_a_folder_is_replaced_by_a_folder(tmp_path, make):
    make(tmp_path / "folder")
    before = {path: path.lstat().st_ino for path in tmp_path.rglob("*")}
    with pytest.raises(InputError, match="is not a folder"), replacing_folder(tmp_path / "folder"):
        pass
    assert {path: path.lstat().st_ino for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("is_link", [True, False])
def test_a_file_in_place_of_the_folder_is_refused_before_anything_is_written(tmp_path, is_link):
    folder = tmp_path / "models"
    folder.symlink_to(tmp_path / "nowhere") if is_link else folder.touch()
    expected = f"{folder}: is not a folder, and weights belongs there"
    with pytest.raises(InputError, match=expected), replacing(folder / "weights"):
        pass
    assert [*tmp_path.iterdir()] == [folder]


def test_a_folder_in_which_nothing_can_be_written_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    with pytest.raises(InputError, match=f"{tmp_path}: nothing can be written there"):
        check_is_replaceable(tmp_path / "file")


def test_a_folder_is_locked_until_the_end_or_a_kill(tmp_path):
    program = """
from charner.support.files import locked_folder
with locked_folder("it"):
    print("locked", flush=True)
    input()
"""
    first = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout
    assert first.stdout.readline() == "locked\n"

    def lock() -> None:
        with contextlib.chdir(tmp_path), locked_folder("it"):
            pass

    with pytest.raises(InputError, match="it already runs in this"):
        lock()
    first.kill()
    first.wait()
    lock()
    lock()
    assert not [*tmp_path.iterdir()]


def test_what_has_become_a_folder_meanwhile_is_kept(tmp_path):
    def replace() -> None:
        with replacing(tmp_path / "file") as new_file:
            new_file.write_text("new")
            folder(tmp_path / "file")

    with pytest.raises(InputError, match="file: is a folder"):
        replace()
    assert [path.name for path in tmp_path.rglob("*")] == ["file", "kept"]


def test_a_file_that_another_process_writes_is_left_to_it(tmp_path):
    def write() -> None:
        with replacing(tmp_path / "file") as path:
            path.write_text("second")

    with replacing(tmp_path / "file") as path:
        path.write_text("first")
        with pytest.raises(InputError, match="file: another process is writing it"):
            write()
    assert (tmp_path / "file").read_text() == "first"
    write()
    assert (tmp_path / "file").read_text() == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
