"""What char_encode has written, missing or damaged, is told in one line."""

import contextlib
import json
import random

import pyarrow
import pyarrow.parquet
import pytest

from charner.encoding.examples import Example
from charner.encoding.parquet import SCHEMA, load_examples, write_parquet
from charner.encoding.vocabulary import Vocabulary
from charner.support.errors import InputError
from tests.helpers import VOCABULARY

ROW = {
    "document": 1,
    "tokens": ["ab", "c"],
    "tags": ["B-X", "O"],
    "character_ids": [2, 3, 1, 4],
    "label_ids": [2, 2, 1, 1],
}


def assert_told(load, path, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        load(path)
    assert str(caught.value) == f"{path}: {problem}; `dvc repro char_encode` makes it"


@pytest.mark.parametrize("load", [load_examples, Vocabulary.load])
def test_a_missing_file(tmp_path, load):
    assert_told(load, tmp_path / "file", "is missing")


@pytest.mark.parametrize("load", [load_examples, Vocabulary.load])
def test_a_folder(tmp_path, load):
    with pytest.raises(InputError, match="`dvc repro char_encode` makes it"):
        load(tmp_path)


def test_damaged_parquet(tmp_path):
    path = tmp_path / "train.parquet"
    write_parquet(path, [Example(1, ["ab", "c"], ["B-X", "O"])] * 50, VOCABULARY)
    content = path.read_bytes()
    chance = random.Random(1)
    garbage = [b"", b"PAR1", content[:-1], content[:-20], content[: len(content) // 2], b"a" * 999]
    for damaged in garbage:
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="`dvc repro char_encode` makes it"):
            load_examples(path)
    for _ in range(300):  # read, or refused
        i = chance.randrange(len(content))
        path.write_bytes(content[:i] + chance.randbytes(2) + content[i + 2 :])
        with contextlib.suppress(InputError):
            load_examples(path)


@pytest.mark.parametrize(
    "change",
    [
        {"document": None},
        {"tokens": None},
        {"tokens": ["ab", None]},
        {"tags": ["O"]},
        {"tags": [None, "O"]},
        {"tags": ["O", ""]},
        {"tokens": ["", "c"]},
        {"tokens": [], "tags": []},
    ],
)
def test_rows_that_do_not_fit_together(tmp_path, change):
    path = tmp_path / "train.parquet"
    for rows in ([ROW, ROW], [ROW, {**ROW, **change}, ROW]):
        table = pyarrow.Table.from_pylist(rows, SCHEMA)
        pyarrow.parquet.write_table(table, path)
        if len(rows) == 2:
            assert len(load_examples(path)) == 2
    assert_told(load_examples, path, "is damaged, or from another version of this project")


@pytest.mark.parametrize(
    "table",
    [
        pyarrow.table({"document": [1]}),
        SCHEMA.empty_table(),
        pyarrow.Table.from_pylist([ROW], SCHEMA).rename_columns([*"abcde"]),
        pyarrow.Table.from_pylist([ROW]),
        pyarrow.Table.from_pylist([ROW], SCHEMA).append_column("more", [[1]]),
    ],
    ids=["columns", "rows", "names", "types", "more"],
)
def test_other_tables(tmp_path, table):
    path = tmp_path / "train.parquet"
    pyarrow.parquet.write_table(table, path)
    assert_told(load_examples, path, "is damaged, or from another version of this project")


@pytest.mark.parametrize(
    "change",
    [
        {"tokens": ["a"]},
        {"tokens": {"a": "1"}},
        {"characters": "abc"},
        {"characters": ["<PAD>"]},
        {"labels": ["<PAD>", "O", "B-X"]},
        {"labels": ["<PAD>", "O", "X"]},
        {"normalisation": "NFX"},
        {"language": None},
    ],
)
def test_another_vocabulary(tmp_path, change):
    path = tmp_path / "vocabulary.json"
    VOCABULARY.save(path)
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, **change}))
    problem = "is damaged, or from another version of this project"
    assert_told(Vocabulary.load, path, problem)
    (name,) = change
    del content[name]
    path.write_text(json.dumps(content))
    assert_told(Vocabulary.load, path, problem)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_vocabulary(write, content):
    path = write(content, "vocabulary.json")
    assert_told(Vocabulary.load, path, "is damaged, or from another version of this project")
