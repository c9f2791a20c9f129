"""Which files are found, and what is told of damaged ones."""

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import fsspec
import pyarrow
import pyarrow.parquet
import pytest
from fsspec.implementations.local import LocalFileOpener

from charner.bulk.inputs import find_files
from charner.bulk.tag_part import PartError, tag_part
from charner.support.errors import InputError
from tests.charner.bulk.helpers import TEXTS, begin, json_lines, parquet, written


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("in/[ab].jsonl", ["a.jsonl", "b.jsonl"]),
        ("in/?.jsonl", ["a.jsonl", "b.jsonl", "c.jsonl"]),
        ("in/*.jsonl", ["a.jsonl", "b.jsonl", "c.jsonl"]),
        ("in", ["a.jsonl", "b.jsonl", "c.jsonl"]),
        ("i[n]/**", ["a.jsonl", "b.jsonl", "c.jsonl"]),
        ("in/_x", ["_x/d.jsonl"]),
        ("in/_x/", ["_x/d.jsonl"]),
        ("in/_x/*", ["_x/d.jsonl"]),
        ("in/_*/*.jsonl", ["_x/d.jsonl"]),
        ("i?/_x/*.jsonl", ["_x/d.jsonl"]),
        ("in/.[h]*", [".h.jsonl"]),
        ("in/_e.jsonl", ["_e.jsonl"]),
        ("in/**/_e.jsonl", ["_e.jsonl"]),
    ],
)
@pytest.mark.parametrize("parent", ["data", "_data", ".data"])
def test_names_that_are_data(tmp_path, monkeypatch, parent, given, expected):
    """Below what the user typed, names that begin with `_` or `.` are not; what he typed is."""
    folder = tmp_path / parent / "in"
    (folder / "_x").mkdir(parents=True)
    for name in ("a.jsonl", "b.jsonl", "c.jsonl", "_x/d.jsonl", "_e.jsonl", ".h.jsonl", "f.txt"):
        json_lines(folder / name)
    monkeypatch.chdir(folder.parent)
    for start in ("", f"{folder.parent}/"):
        found = [file.path for file in find_files([start + given], "text", 1000)]
        assert found == [f"{folder}/{name}" for name in expected]


def test_links_between_input_and_output(run, tmp_path):
    """What is in what is decided by the real folders."""
    (tmp_path / "in").mkdir()
    path = json_lines(tmp_path / "in/a.jsonl")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    with pytest.raises(InputError, match=r"link/out: is in the folder .*/in of the input; name an"):
        run(tmp_path / "in", output=str(tmp_path / "link/out"))
    with pytest.raises(InputError, match=r"in/out: is in the folder .*/link of the input; name an"):
        run(tmp_path / "link", output=str(tmp_path / "in/out"))
    (tmp_path / "in/out").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/_b.jsonl").symlink_to(path)
    with pytest.raises(InputError, match=r"in: the input .*link/a.jsonl is in this folder; name a"):
        run(tmp_path / "link/a.jsonl", output=str(tmp_path / "in"))
    assert sorted(p.name for p in (tmp_path / "in").iterdir()) == ["a.jsonl", "out"]


@pytest.mark.parametrize("given", ["in/**/*.jsonl", "in/*/*.jsonl", "in/out/p*"])
def test_a_pattern_that_would_find_the_output(run, tmp_path, given):
    (tmp_path / "in/a").mkdir(parents=True)
    (tmp_path / "in/out").mkdir()
    json_lines(tmp_path / "in/a/a.jsonl")
    with pytest.raises(InputError, match=r"in/out: is in the folder .* of the input|no file is fo"):
        run(tmp_path / given, output=str(tmp_path / "in/out"))
    assert [*(tmp_path / "in/out").iterdir()] == []


def zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jsonl", content)
    return file.getvalue()


COMPRESSIONS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zip": zipped}


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]


def problem(path: Path, output: Path, model: Path) -> str:
    """What is told of a part that cannot be read; another error would be tried again."""
    (description,) = begin(path, output, model, part_size=10_000).waiting
    return tag_part(description)["problem"]


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize(
    "damage",
    [
        flipped,
        lambda content: content[: len(content) // 2],
        lambda content: content[:-4],
        lambda content: b"no such file",
        bytes,
    ],
)
def test_damage_of_a_compressed_file_is_reported_with_its_name(
    tmp_path, model, compression, damage: Callable[[bytes], bytes]
):
    plain = json_lines(tmp_path / "in.jsonl", TEXTS * 50).read_bytes()
    path = tmp_path / f"in.jsonl.{compression}"
    whole = COMPRESSIONS[compression](plain)
    path.write_bytes(damage(whole))
    if damage is bytes:  # no damage
        (description,) = begin(path, tmp_path / "o", model, part_size=10_000).waiting
        assert tag_part(description)["rows written"] == 300
    else:
        told = problem(path, tmp_path / "output", model)
        assert told.startswith(f"{path}: is damaged (")
        assert "\n" not in told


@pytest.mark.parametrize("damage", [10, 40, 80])
def test_damage_of_parquet_is_reported_with_its_name(tmp_path, model, damage):
    path = parquet(tmp_path / "in.parquet", TEXTS * 50, rows=300)
    content = bytearray(path.read_bytes())
    content[damage : damage + 8] = b"\xff" * 8
    path.write_bytes(content)
    told = problem(path, tmp_path / "output", model)
    assert told.startswith(f"{path}: is damaged (") or told.startswith(f"{path}, row ")
    assert "\n" not in told


def test_an_error_of_the_storage_is_not_damage(tmp_path, model, monkeypatch):
    """It may pass: Dask tries again."""
    path = tmp_path / "in.jsonl.gz"
    path.write_bytes(gzip.compress(json_lines(tmp_path / "in.jsonl").read_bytes()))
    (description,) = begin(path, tmp_path / "o", model, part_size=10_000).waiting

    def failing(self: LocalFileOpener, *size: int) -> bytes:
        raise OSError("the network is down")

    monkeypatch.setattr("charner.bulk.tag_part.PAUSE", 0)
    with monkeypatch.context() as patched:
        patched.setattr(LocalFileOpener, "read", failing, raising=False)
        with pytest.raises(PartError, match=rf"^{path}: OSError: the network is down$") as raised:
            tag_part(description)
    assert raised.value.__context__ is None  # it could not always be sent
    assert tag_part(description)["rows written"] == len(TEXTS)


def test_an_error_of_the_output_is_not_damage_of_the_input(tmp_path, model, monkeypatch):
    path = parquet(tmp_path / "in.parquet", TEXTS)
    (description,) = begin(path, tmp_path / "o", model, part_size=10_000).waiting

    def full(*arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("charner.bulk.output_folder.Written.write", full)
    monkeypatch.setattr("charner.bulk.tag_part.PAUSE", 0)
    with pytest.raises(PartError, match=r"OSError: .*No space left on device"):
        tag_part(description)
    assert not [*(tmp_path / "o").glob("part-*")]


def test_files_in_an_archive(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plain = json_lines(tmp_path / "in.jsonl").read_bytes()
    with zipfile.ZipFile("in.zip", "w") as archive:
        archive.writestr("b/b.jsonl", plain)
        archive.writestr("a.jsonl.gz", gzip.compress(plain))
    assert run("zip://::in.zip")["rows written"] == 2 * len(TEXTS)
    manifest = json.loads((tmp_path / "output/_manifest.json").read_text())
    archive = tmp_path / "in.zip"
    names = ["a.jsonl.gz", "b/b.jsonl"]
    assert [f["path"] for f in manifest["input"]] == [f"zip://{n}::{archive}" for n in names]
    run("zip://b/*.jsonl::in.zip", output=str(tmp_path / "other"))
    assert [row["text"] for row in written(tmp_path / "other")] == TEXTS


def test_a_cache_in_front_of_a_storage(run, tmp_path):
    fs = fsspec.filesystem("memory")
    fs.pipe("/cached/a.jsonl", json_lines(tmp_path / "in.jsonl").read_bytes())
    assert run("simplecache::memory://cached/a.jsonl")["rows written"] == len(TEXTS)
    table = pyarrow.table({"text": ["ab"]})
    with fs.open("/cached/b.parquet", "wb") as file:
        pyarrow.parquet.write_table(table, file)
    output = str(tmp_path / "other")
    assert run("simplecache::memory://cached/*.parquet", output=output)["rows written"] == 1
