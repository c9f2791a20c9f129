import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from charner.corpus.formats import read_sentences
from charner.support.errors import InputError

TOKENS, TAGS = ["Ann", "left", "Paris"], ["B-PER", "O", "B-LOC"]
NAMES = ["O", "B-PER", "I-PER", "B-LOC"]
NUMBERS = [1, 0, 3]


@pytest.mark.parametrize("field", ["tags", "ner_tags", "labels"])
def test_each_line_is_a_sentence(write, field):
    lines = [{"id": str(i), "tokens": TOKENS, field: TAGS} for i in range(2)]
    lines.insert(1, {"id": "x", "tokens": [], field: []})
    first, second = read_sentences(write("\n".join(map(json.dumps, lines))))
    assert (first.tokens, first.tags, first.document) == (TOKENS, TAGS, 0)
    assert second.lines == [3] * 3


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"tokens": TOKENS, "tags": TAGS[:2]}, "a tag for each of 3 tokens"),
        ({"tokens": TOKENS, "tags": "O"}, "`tags` should be a list"),
        ({"tokens": TOKENS, "ner_tags": NUMBERS}, "`ner_tags` holds 1, .* `dataset.to_parquet`"),
        ({"tokens": [""], "tags": ["O"]}, "found the token ''; should be a word"),
        ({"tokens": ["left\n"], "tags": ["O"]}, "found the token .*; should be a word"),
        ({"tokens": ["\ud83d"], "tags": ["O"]}, "half a character"),
    ],
)
def test_mistakes_name_the_line(write, record, message):
    with pytest.raises(InputError, match=f":1: .*{message}"):
        list(read_sentences(write(json.dumps(record))))


def parquet(path, rows: dict, features: dict | None = None):
    table = pa.table(rows)
    if features:
        info = json.dumps({"info": {"features": features}})
        table = table.replace_schema_metadata({"huggingface": info})
    pq.write_table(table, path)
    return path


@pytest.mark.parametrize("kind", ["Sequence", "List"])
def test_numbers_of_parquet_have_the_names_in_the_file(tmp_path, kind):
    label = {"names": NAMES, "_type": "ClassLabel"}
    path = parquet(
        tmp_path / "train.parquet",
        {"id": ["0", "1"], "tokens": [TOKENS] * 2, "ner_tags": [NUMBERS] * 2},
        {"ner_tags": {"feature": label, "_type": kind}},
    )
    first, second = read_sentences(path)
    assert (first.tokens, first.tags, second.lines) == (TOKENS, TAGS, [2] * 3)


def test_tokens_may_be_called_words(write, tmp_path):
    rows = {"words": [TOKENS], "ner": [TAGS]}
    for path in (
        parquet(tmp_path / "train.parquet", rows),
        write(json.dumps({name: value for name, (value,) in rows.items()})),
    ):
        (sentence,) = read_sentences(path)
        assert (sentence.tokens, sentence.tags) == (TOKENS, TAGS)


def test_parquet_may_hold_the_names_of_tags(tmp_path):
    path = parquet(tmp_path / "train.parquet", {"tokens": [TOKENS], "tags": [TAGS]})
    (sentence,) = read_sentences(path)
    assert sentence.tags == TAGS


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"text": ["a"]}, "should have a column `tokens`, and `ner_tags` or .*; has text"),
        ({"tokens": [TOKENS], "ner_tags": [NUMBERS]}, "row 1: `ner_tags` holds 1"),
        ({"tokens": [TOKENS], "tags": [None]}, "row 1: `tags` should be a list"),
        ({"tokens": [None], "tags": [TAGS]}, "row 1: "),
        ({"tokens": [[1, 2]], "tags": [["O", "O"]]}, "row 1: found the token 1"),
    ],
)
def test_mistakes_of_parquet_name_the_row(tmp_path, rows, message):
    with pytest.raises(InputError, match=message):
        list(read_sentences(parquet(tmp_path / "train.parquet", rows)))


def test_damaged_parquet_is_refused(write):
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        list(read_sentences(write(b"PAR1 and no more")))
