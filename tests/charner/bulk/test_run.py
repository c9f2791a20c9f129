"""Runs of all parts in this process: what is read and written, and what is refused."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import fsspec
import pyarrow
import pyarrow.parquet
import pytest

from charner.bulk.tag_part import tag_part
from charner.corpus.segmentation import SplittingError
from charner.support.errors import InputError
from charner.tagging.tagger import TaggedText, Tagger
from tests.charner.bulk.helpers import TEXTS, begin, json_lines, parquet, written
from tests.helpers import write_small_model

WORDS = ["ab", "cd", "gh", "AB", "c.", "abc", "hg", "de", "fa", "bad"]


def test_rows_are_those_of_the_tagger_in_their_order(run, tmp_path, model):
    totals = run(json_lines(tmp_path / "in.jsonl"))
    rows = written(tmp_path / "output")
    assert [row["id"] for row in rows] == [*range(len(TEXTS))]
    tagger = Tagger.load(model)
    for row, text in zip(rows, TEXTS, strict=True):
        wanted = tagger.tag(text).entities
        assert [(e["type"], e["start"], e["end"]) for e in row["entities"]] == [
            (e.type, e.start, e.end) for e in wanted
        ]
    assert totals["parts"] > 3
    assert totals["rows read"] == totals["rows written"] == len(TEXTS)
    assert totals["entities"] == sum(len(row["entities"]) for row in rows) > 3
    assert json.loads((tmp_path / "output/_SUCCESS").read_text())["entities"] == totals["entities"]


@pytest.mark.parametrize("part_size", [1, 2, 17, 64, 100, 10_000])
def test_each_line_is_in_one_part_wherever_the_file_is_cut(run, tmp_path, part_size):
    path = json_lines(tmp_path / "in.jsonl")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\n\n").rstrip())  # and empty lines
    run(path, part_size=part_size)
    assert [row["text"] for row in written(tmp_path / "output")] == TEXTS


def test_a_compressed_file_is_one_part(run, tmp_path):
    content = json_lines(tmp_path / "in.jsonl").read_bytes()
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress(content))
    assert run(tmp_path / "in.jsonl.gz", part_size=10)["parts"] == 1
    assert [row["text"] for row in written(tmp_path / "output")] == TEXTS


def test_files_of_a_folder_by_name(run, tmp_path):
    (tmp_path / "folder/inner").mkdir(parents=True)
    for number, name in enumerate(["b.jsonl", "a.ndjson", "inner/c.jsonl", "_d.jsonl", "e.txt"]):
        json_lines(tmp_path / "folder" / name, [f"ab {number}"])
    run(tmp_path / "folder")
    assert [row["text"] for row in written(tmp_path / "output")] == ["ab 1", "ab 0", "ab 2"]


def test_parquet_keeps_its_columns(run, tmp_path):
    path = parquet(tmp_path / "in.parquet", TEXTS, entities=["old"] * 6, tags=[["x"]] * 6)
    totals = run(path, part_size=1)
    assert totals["parts"] == 3
    found = [pyarrow.parquet.read_table(p) for p in sorted((tmp_path / "output").glob("part-*"))]
    table = pyarrow.concat_tables(found)
    assert table.schema.names == ["id", "text", "tags", "entities"]
    assert table.column("id").to_pylist() == [*range(6)]
    json_lines(tmp_path / "in.jsonl")
    (tmp_path / "output").rename(tmp_path / "parquet")
    run(tmp_path / "in.jsonl", part_size=10_000)
    rows = written(tmp_path / "output")
    assert table.column("entities").to_pylist() == [row["entities"] for row in rows]


def test_large_parquet_is_written_in_several_row_groups(run, tmp_path, monkeypatch):
    monkeypatch.setattr("charner.bulk.rows.ROW_GROUP", 20_000)
    run(parquet(tmp_path / "in.parquet", ["ab cd"] * 1000, rows=1000), part_size=10**6)
    (path,) = (tmp_path / "output").glob("part-*")
    assert 1 < pyarrow.parquet.ParquetFile(path).metadata.num_row_groups < 4
    assert pyarrow.parquet.read_table(path).num_rows == 1000


def test_a_bad_row_stops_the_run_and_its_part_is_not_written(run, tmp_path):
    path = json_lines(tmp_path / "in.jsonl")
    with path.open("a") as file:
        file.write('{"id": 6}\n')
    with pytest.raises(InputError, match=r"in\.jsonl:7: the field 'text' is missing \(--skip-bad"):
        run(path, part_size=10_000)
    assert not [*(tmp_path / "output").glob("part-*")]
    assert not [*(tmp_path / "output/_temporary").iterdir()]


def test_bad_rows_are_skipped_and_listed(run, tmp_path):
    path = json_lines(tmp_path / "in.jsonl")
    with path.open("ab") as file:
        file.write(b'{"id": 6}\n\xff\n{"text": "ab"}\n')
    totals = run(path, part_size=10_000, skip_bad=True)
    assert (totals["rows written"], totals["rows skipped"]) == (7, 2)
    listed = [json.loads(x) for x in (tmp_path / "output/_rejects/000000.jsonl").open()]
    assert [row["problem"] for row in listed] == [
        f"{path}:7: the field 'text' is missing",
        f"{path}:8: byte 0xff is not UTF-8",
    ]


def test_the_location_of_a_bad_row_in_a_later_part(run, tmp_path):
    path = json_lines(tmp_path / "in.jsonl")
    start = path.stat().st_size
    with path.open("a") as file:
        file.write('{"text": "ab"}\n[]\n')
    with pytest.raises(InputError, match=rf"in\.jsonl from byte {start}:2: "):
        run(path, part_size=start)


def test_a_row_of_parquet_without_text(run, tmp_path):
    path = parquet(tmp_path / "in.parquet", ["ab", "cd", "ab", None])
    with pytest.raises(InputError, match=r"in\.parquet, row 4: no text"):
        run(path, part_size=1)
    totals = run(path, part_size=1, skip_bad=True)  # goes on
    assert (totals["tagged"], totals["rows written"]) == (1, 3)


@pytest.mark.parametrize("write", [json_lines, parquet])
def test_a_text_that_cannot_be_tagged_costs_its_row(run, tmp_path, monkeypatch, write):
    """Even if it ends the whole batch."""
    texts = ["ab", "cd poison", "gh AB", "poison"]
    path = write(tmp_path / f"in.{write.__name__}".replace("json_lines", "jsonl"), texts)
    tag_batch = Tagger.tag_batch

    def failing(self: Tagger, texts: list[str], min_score: float) -> list[TaggedText]:
        if any("poison" in text for text in texts):
            raise SplittingError("the text cannot be split")
        return tag_batch(self, texts, min_score)

    monkeypatch.setattr(Tagger, "tag_batch", failing)
    location = f"{path}, row 2" if write is parquet else f"{path}:2"
    with pytest.raises(
        InputError, match=rf"^{location}: the text cannot be split \(--skip-bad skips"
    ):
        run(path, part_size=10_000)
    totals = run(path, part_size=10_000, skip_bad=True)
    assert (totals["rows written"], totals["rows skipped"]) == (2, 2)
    assert len((tmp_path / "output/_rejects/000000.jsonl").read_text().splitlines()) == 2
    (part,) = (tmp_path / "output").glob("part-*")
    if write is parquet:
        assert pyarrow.parquet.read_table(part).column("text").to_pylist() == ["ab", "gh AB"]
    else:
        assert [row["text"] for row in written(tmp_path / "output")] == ["ab", "gh AB"]


def test_parquet_with_bytes_that_are_not_text(run, tmp_path):
    path = parquet(tmp_path / "in.parquet", ["ab", "cd", "gh", "ab"])
    content = path.read_bytes()
    assert content.count(b"gh") > 1  # in the data, and in the statistics
    path.write_bytes(content.replace(b"gh", b"g\xff"))
    with pytest.raises(InputError, match=r"in\.parquet, row 3: byte 0xff is not UTF-8"):
        run(path)
    assert run(path, skip_bad=True)["rows written"] == 3


def test_parquet_with_a_dictionary_of_texts(run, tmp_path):
    table = pyarrow.table({"text": pyarrow.array(["ab", "cd", "ab"]).dictionary_encode()})
    pyarrow.parquet.write_table(table, tmp_path / "in.parquet")
    run(tmp_path / "in.parquet")
    (path,) = (tmp_path / "output").glob("part-*")
    assert pyarrow.parquet.read_table(path).column("text").to_pylist() == ["ab", "cd", "ab"]


def test_entities_with_a_low_score_are_left_out(run, tmp_path):
    path = json_lines(tmp_path / "in.jsonl")
    run(path)
    scores = [e["score"] for row in written(tmp_path / "output") for e in row["entities"]]
    limit = sorted(scores)[len(scores) // 2]
    (tmp_path / "output").rename(tmp_path / "all")
    run(path, min_score=limit)
    kept = [e["score"] for row in written(tmp_path / "output") for e in row["entities"]]
    assert kept == [score for score in scores if score >= limit]
    assert 0 < len(kept) < len(scores)


def test_input_that_changes_while_it_is_tagged(tmp_path, model):
    path = json_lines(tmp_path / "in.jsonl")
    started = begin(path, tmp_path / "output", model)
    json_lines(path, TEXTS[:2])
    (description,) = started.waiting
    assert tag_part(description) == {
        "part": 0,
        "problem": f"{path}: has changed since the run began",
    }


def test_receipts_of_another_run_do_not_count(run, tmp_path):
    path = json_lines(tmp_path / "in.jsonl")
    parts = run(path, min_score=0.5)["parts"]
    (tmp_path / "output").rename(tmp_path / "other")
    run(path)
    # As a worker of a run that was stopped may write it.
    shutil.copy(tmp_path / "other/_receipts/000000.json", tmp_path / "output/_receipts/000000.json")
    assert parts > 1
    assert run(path)["tagged"] == 1


def test_a_run_goes_on_and_does_nothing_when_all_is_done(run, tmp_path):
    path = json_lines(tmp_path / "in.jsonl")
    parts = run(path)["tagged"]
    output = tmp_path / "output"

    def contents() -> dict[Path, bytes]:
        return {p: p.read_bytes() for p in output.rglob("*") if p.is_file()}

    before = contents()
    assert run(path)["tagged"] == 0
    # Killed after a part was written, but not its receipt; and before another one.
    (output / "_SUCCESS").unlink()
    (output / "_receipts/000001.json").unlink()
    (output / "_receipts/000002.json").unlink()
    (output / "part-000002.jsonl").unlink()
    assert parts > 3
    assert run(path)["tagged"] == 2
    assert contents() == before


def test_another_run_may_not_write_into_the_folder(run, tmp_path):
    path = json_lines(tmp_path / "in.jsonl")
    run(path)
    with pytest.raises(InputError, match=r"another run: min_score was 0\.0, now 0\.5"):
        run(path, min_score=0.5)
    with pytest.raises(InputError, match=r"another run: part_size was 60, now 50$"):
        run(path, part_size=50)
    other = tmp_path / "other-model"
    other.mkdir()
    write_small_model(other)
    (other / "temperature.json").write_text('{"temperature": 2.0}')
    with pytest.raises(InputError, match="another run: another model"):
        run(path, model=other)
    with pytest.raises(InputError, match=rf"another run: the input {tmp_path}/more.jsonl is new"):
        run(path, json_lines(tmp_path / "more.jsonl"))
    path.write_text(path.read_text().replace("gh", "hg"))
    with pytest.raises(InputError, match=rf"another run: the input {path} has changed"):
        run(path)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("in.txt", b"ab", "the name should end with one of .jsonl"),
        ("in.parquet", b"ab", r"in\.parquet: is damaged \(ArrowInvalid: Parquet file size is 2"),
        ("missing/in.jsonl", None, "no file is found whose name ends with .jsonl"),
        ("s3x://bucket/in.jsonl", None, "s3x"),
    ],
)
def test_input_that_is_refused(run, tmp_path, name, content, expected):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=expected):
        run(name if "://" in name else tmp_path / name)


def test_columns_and_formats_that_are_refused(run, tmp_path):
    path = parquet(tmp_path / "in.parquet", ["ab"])
    with pytest.raises(InputError, match=r"has no column 'body'; it has id, text"):
        run(path, text_field="body")
    with pytest.raises(InputError, match=r"the column 'id' is int64, not string"):
        run(path, text_field="id")
    with pytest.raises(InputError, match=r"JSON lines and of Parquet; tag them in two runs"):
        run(path, json_lines(tmp_path / "in.jsonl"))
    with pytest.raises(InputError, match="the text cannot be in the field `entities`"):
        run(path, text_field="entities")
    with pytest.raises(InputError, match=r"in\.parquet: is in the input 2 times"):
        run(path, tmp_path / "*.parquet")


def test_output_folders_that_are_refused(run, tmp_path):
    path = json_lines(tmp_path / "in.jsonl")
    output = tmp_path / "output"
    output.mkdir()
    (output / "notes.txt").write_text("")
    with pytest.raises(InputError, match=r"is not empty, it has notes\.txt"):
        run(path)
    (output / "notes.txt").unlink()
    with pytest.raises(InputError, match=r"the input .* is in this folder"):
        run(json_lines(output / "in.jsonl"))
    (output / "in.jsonl").unlink()
    with pytest.raises(InputError, match=r"is in the folder .* of the input"):
        run(tmp_path)


def test_the_same_bytes_whatever_the_process_has_tagged_before(tmp_path, model, monkeypatch):
    monkeypatch.setattr("charner.tagging.writers.PROBABILITY_DIGITS", 12)
    path = json_lines(tmp_path / "in.jsonl", [" ".join(WORDS[: 1 + n // 9]) for n in range(90)])

    def tagged(folder: Path, in_order: Callable) -> list[bytes]:
        started = begin(path, folder, model)
        for description in in_order(started.waiting):
            tag_part(description)
        return [part.read_bytes() for part in sorted(folder.glob("part-*"))]

    assert tagged(tmp_path / "a", list) == tagged(tmp_path / "b", reversed)


def test_storage_other_than_disk(model):
    """The same code writes to any storage; the memory of fsspec stands for them."""
    fs = fsspec.filesystem("memory")
    fs.pipe("/in/a.jsonl", b'{"text": "ab cd"}\n' * 100)
    started = begin("memory://in", "memory://out", model)
    assert len(started.parts) == 2
    for description in started.waiting:
        tag_part(description)
    assert started.finish()["rows written"] == 100
    assert fs.exists("/out/_SUCCESS")
