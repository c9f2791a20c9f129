import pytest

from charner.support.files import replacing


def test_all_outputs_appear_together(tmp_path):
    folder, file = tmp_path / "folder", tmp_path / "file"
    folder.mkdir()
    (folder / "old").touch()
    with replacing(folder, file) as (new_folder, new_file):
        new_folder.mkdir()
        (new_folder / "new").touch()
        new_file.write_text("new")
        assert (folder / "old").exists()
        assert not file.exists()
    assert [path.name for path in folder.iterdir()] == ["new"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_failure_leaves_everything_as_it_was(tmp_path):
    file, other = tmp_path / "file", tmp_path / "other"
    file.write_text("old")

    def fail() -> None:
        with replacing(file, other) as (new_file, new_other):
            new_file.write_text("new")
            new_other.mkdir()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert file.read_text() == "old"
