"""The folder that a run writes: what of a user's is left alone, and what damage is noticed."""

import json
import os
from pathlib import Path

import fsspec
import pytest

from charner.bulk.output_folder import OutputFolder
from charner.bulk.tag_part import tag_part
from charner.encoding.model_files import MODEL_FILES
from charner.support.errors import InputError
from tests.charner.bulk.helpers import TEXTS, begin, json_lines, parquet, written


def contents(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.parametrize("name", ["", "file://", "file:", "local://"])
def test_an_empty_input_or_output_is_not_the_working_folder(run, tmp_path, monkeypatch, name):
    (tmp_path / "here").mkdir()
    path = json_lines(tmp_path / "here/in.jsonl")
    monkeypatch.chdir(path.parent)
    with pytest.raises(InputError, match=r"^an input or the output is empty; name a file or a "):
        run(name)
    with pytest.raises(InputError, match=r"^an input or the output is empty; name a file or a "):
        run(path, output=name)
    assert os.listdir() == ["in.jsonl"]


@pytest.mark.parametrize(
    "name", ["_temporary/notes.txt", f"_temporary/{'0' * 32}", "_temporary/a/b", "_model/notes.txt"]
)
def test_files_in_folders_named_as_ours_are_not_taken_for_ours(run, tmp_path, name):
    path = json_lines(tmp_path / "in.jsonl")
    file = tmp_path / "output" / name
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    first = "/".join(name.split("/")[:2])
    with pytest.raises(InputError, match=f"output: is not empty, it has {first}; name a new fold"):
        run(path)
    assert contents(tmp_path / "output") == {name: b"mine"}


def test_a_model_that_is_not_the_one_to_be_written_is_not_overwritten(run, tmp_path, model):
    path = json_lines(tmp_path / "in.jsonl")
    (tmp_path / "output/_model").mkdir(parents=True)
    (tmp_path / "output/_model/model.json").write_bytes((model / "model.json").read_bytes() + b" ")
    before = contents(tmp_path / "output")
    with pytest.raises(InputError, match=r"is not empty, it has _model/model\.json; name a new f"):
        run(path)
    assert contents(tmp_path / "output") == before


def test_a_run_that_was_killed_before_its_manifest_goes_on(run, tmp_path, model):
    path = json_lines(tmp_path / "in.jsonl")
    output = tmp_path / "output"
    (output / "_model").mkdir(parents=True)
    (output / "_temporary").mkdir()
    (output / "_model/model.json").write_bytes((model / "model.json").read_bytes())
    killed = OutputFolder(str(output)).publishing("_model/weights.safetensors")
    killed.__enter__().write(b"half")
    assert len([*(output / "_temporary").iterdir()]) == 1
    run(path)
    assert [row["text"] for row in written(output)] == TEXTS
    assert not (output / "_temporary").exists()


def test_only_files_of_this_program_are_deleted_at_the_end(run, tmp_path):
    path = json_lines(tmp_path / "in.jsonl")
    run(path)
    notes = tmp_path / "output/_temporary/notes.txt"
    notes.parent.mkdir()
    notes.write_text("mine")
    (notes.parent / f"{'0' * 32}.partial").write_text("ours")
    run(path)
    assert contents(notes.parent) == {"notes.txt": b"mine"}


def test_on_an_object_store_files_of_others_stay(bucket, fs, model):
    fs.pipe(f"{bucket}/in.jsonl", b"")  # no parts
    mine = f"{bucket}/out/_temporary/notes.txt"
    fs.pipe(mine, b"mine")

    urls = f"s3://{bucket}/in.jsonl", f"s3://{bucket}/out"
    with pytest.raises(InputError, match=r"is not empty, it has _temporary/notes\.txt; name a new"):
        begin(*urls, model)
    fs.mv(mine, f"{bucket}/elsewhere")
    begin(*urls, model)
    fs.mv(f"{bucket}/elsewhere", mine)
    fs.pipe(f"{bucket}/out/_temporary/{'0' * 32}.partial", b"ours")
    begin(*urls, model).finish()
    assert fs.find(f"{bucket}/out/_temporary") == [mine]
    assert fs.cat_file(mine) == b"mine"


def test_a_folder_that_an_object_store_shows_as_empty(bucket, fs, run, tmp_path):
    """Its web page makes an empty object for it."""
    for name in ("out/", "out/_temporary/", "out/_model/"):
        fs.call_s3("put_object", Bucket=bucket, Key=name, Body=b"")
    path, output = json_lines(tmp_path / "in.jsonl"), f"s3://{bucket}/out"
    assert run(path, output=output)["rows written"] == len(TEXTS)
    assert run(path, output=output)["tagged"] == 0


@pytest.mark.parametrize("kind", ["file", "device", "link to a file", "link to nothing"])
def test_an_output_that_is_no_folder(run, tmp_path, kind):
    path = json_lines(tmp_path / "in.jsonl")
    output, target = tmp_path / "output", tmp_path / "target"
    if kind == "file":
        output.write_text("mine")
    elif kind == "device":
        output = Path("/dev/null")
    else:
        output.symlink_to(target)
        if kind == "link to a file":
            target.write_text("mine")
    with pytest.raises(InputError, match=f"^{output}: is not a folder; name a new one$"):
        run(path, output=str(output))
    assert target.exists() == (kind == "link to a file")
    assert kind == "link to nothing" or output.read_text() in ("mine", "")


def test_names_that_look_like_patterns(run, tmp_path):
    folder = tmp_path / "years [2024]?"
    folder.mkdir()
    json_lines(folder / "in[1].jsonl")
    output = str(folder / "out [*]")
    assert run(folder / "in[1].jsonl", output=output)["tagged"] > 1
    assert run(folder / "in[1].jsonl", output=output)["tagged"] == 0
    assert [row["text"] for row in written(Path(output))] == TEXTS


def test_a_pattern_is_no_folder_of_an_object_store(run, tmp_path):
    path = json_lines(tmp_path / "in.jsonl")
    fs = fsspec.filesystem("memory")
    fs.pipe("/years-2/_temporary/mine", b"mine")
    with pytest.raises(InputError, match=r"in this storage, name a folder without \* \? \[ in it"):
        run(path, output="memory://years-[2]")
    assert fs.cat_file("/years-2/_temporary/mine") == b"mine"


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_flipped_bit_in_a_part(run, tmp_path, kind):
    texts = ["ab cd"] * 10
    if kind == "jsonl":
        path = json_lines(tmp_path / "in.jsonl", texts)
    else:
        path = parquet(tmp_path / "in.parquet", texts)
    output = tmp_path / "output"
    run(path)
    before = contents(output)
    content = bytearray(before[f"part-000001.{kind}"])
    content[len(content) // 2] ^= 1
    (output / f"part-000001.{kind}").write_bytes(content)
    (output / "_SUCCESS").unlink()
    message = (
        f"{output}: part 1 is missing or not as its receipt says; delete _receipts/000001.json"
    )
    with pytest.raises(InputError, match=f"^{message}, and the same command tags it again$"):
        run(path)
    assert not (output / "_SUCCESS").exists()
    (output / "_receipts/000001.json").unlink()
    assert run(path)["tagged"] == 1
    assert contents(output) == before


def test_damaged_totals_are_written_again(run, tmp_path):
    path = json_lines(tmp_path / "in.jsonl")
    run(path)
    before = contents(tmp_path / "output")
    (tmp_path / "output/_SUCCESS").write_text("")
    run(path)
    assert contents(tmp_path / "output") == before


def test_all_damaged_parts_are_reported(run, tmp_path):
    path = json_lines(tmp_path / "in.jsonl")
    run(path)
    (tmp_path / "output/part-000000.jsonl").unlink()
    (tmp_path / "output/part-000002.jsonl").write_text("")
    with pytest.raises(InputError, match=r"part 0 is missing.*; .*part 2 is missing"):
        run(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"run": "',
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        {"sha256": None},
        {"part": "1"},
        {"part": True},
        {"tokens": 1.5},
        {"run": "another"},
    ],
)
def test_a_receipt_that_is_damaged_counts_as_none(run, tmp_path, content):
    path = json_lines(tmp_path / "in.jsonl")
    run(path)
    before = contents(tmp_path / "output")
    receipt = tmp_path / "output/_receipts/000001.json"
    if isinstance(content, dict):
        content = json.dumps(json.loads(receipt.read_text()) | content).encode()
    receipt.write_bytes(content)
    assert run(path)["tagged"] == 1
    assert contents(tmp_path / "output") == before


def test_two_different_runs_that_begin_at_once(tmp_path, model):
    """Both find an empty folder; only the one whose manifest stays may end."""
    path = json_lines(tmp_path / "in.jsonl")
    first = begin(path, tmp_path / "output", model)
    begin(path, tmp_path / "other", model, min_score=0.5)
    tag_part(first.waiting[0])
    (tmp_path / "other/_manifest.json").replace(tmp_path / "output/_manifest.json")
    with pytest.raises(InputError, match=r"output: _manifest\.json is that of another run, which "):
        first.finish()
    assert not (tmp_path / "output/_SUCCESS").exists()


@pytest.mark.parametrize("damage", ["empty", "cut", "list", "flipped", "not UTF-8"])
def test_a_damaged_manifest(run, tmp_path, damage):
    path = json_lines(tmp_path / "in.jsonl")
    run(path)
    manifest = tmp_path / "output/_manifest.json"
    content = manifest.read_bytes()
    damaged = {
        "empty": b"",
        "cut": content[: len(content) // 2],
        "list": b"[]",
        "flipped": content.replace(b"min_score", b"min_scorf"),
        "not UTF-8": b"\xff" + content,
    }
    manifest.write_bytes(damaged[damage])
    with pytest.raises(InputError, match=r"output: _manifest\.json is damaged, or .*; name a new"):
        run(path)


def test_a_damaged_model_in_the_folder(run, tmp_path):
    path = json_lines(tmp_path / "in.jsonl")
    run(path)
    before = contents(tmp_path / "output")
    for name in MODEL_FILES:
        file = tmp_path / "output/_model" / name
        file.write_bytes(file.read_bytes()[:-1])
        with pytest.raises(InputError, match=f"output: _model/{name} is not of this run; delete "):
            run(path)
        file.unlink()
        run(path)
        assert contents(tmp_path / "output") == before
