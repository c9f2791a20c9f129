import json

import pytest

from charner.corpus.formats import read_sentences
from charner.corpus.mistakes import Mistakes
from charner.support.errors import InputError

TEXT = "Ann left Paris."
EXPECTED = [("Ann", "B-PER"), ("left", "O"), ("Paris", "B-LOC"), (".", "O")]
PRODIGY = {
    "text": TEXT,
    "spans": [
        {"start": 0, "end": 3, "label": "PER", "token_start": 0, "token_end": 0},
        {"start": 9, "end": 14, "label": "LOC"},
    ],
    "answer": "accept",
}
DOCCANO = {"id": 5, "text": TEXT, "label": [[9, 14, "LOC"], [0, 3, "PER"]]}
RELATIONS = {
    "text": TEXT,
    "entities": [
        {"id": 1, "label": "PER", "start_offset": 0, "end_offset": 3},
        {"id": 2, "label": "LOC", "start_offset": 9, "end_offset": 14},
    ],
    "relations": [],
}
SPACY = {
    "text": TEXT,
    "ents": PRODIGY["spans"],
    "sents": [{"start": 0, "end": 15}],
    "tokens": [{"id": 0, "start": 0, "end": 3}, {"id": 1, "start": 4, "end": 8}],
}
TAGGED = {
    "text": TEXT,
    "entities": [
        {"type": "PER", "start": 0, "end": 3, "text": "Ann", "score": 0.9},
        {"type": "LOC", "start": 9, "end": 14, "text": "Paris", "score": 0.8},
    ],
}


@pytest.fixture
def read(tmp_path):
    """Writes records to a file and reads its sentences."""

    def read(*records: dict | str, mistakes: Mistakes | None = None):
        path = tmp_path / "in.txt"
        lines = (r if isinstance(r, str) else json.dumps(r) for r in records)
        path.write_text("\n".join(lines), "utf-8")
        return [*read_sentences(path, mistakes=mistakes)]

    return read


@pytest.mark.parametrize("record", [PRODIGY, DOCCANO, RELATIONS, SPACY, TAGGED])
def test_records_of_tools_are_read(read, record):
    (sentence,) = read(record)
    assert [*zip(sentence.tokens, sentence.tags, strict=True)] == EXPECTED


@pytest.mark.parametrize(("field", "record"), [("entities", DOCCANO), ("label", PRODIGY)])
def test_lists_and_objects_are_read_in_any_field(read, field, record):
    """spaCy's examples, for instance, have lists in `entities`."""
    (sentence,) = read({"text": TEXT, field: record.get("label", record.get("spans"))})
    assert [*zip(sentence.tokens, sentence.tags, strict=True)] == EXPECTED


def test_each_line_is_a_document(read):
    first, second, third = read(
        f"\ufeff{json.dumps(DOCCANO)}\r", "", {**PRODIGY, "text": f"{TEXT} So."}
    )
    assert (first.document, second.document, third.document) == (1, 3, 3)
    assert first.lines == [1] * 4


def test_tokens_of_prodigy_are_kept(read):
    tokens = [{"text": "Ann left", "start": 0, "end": 8}, {"text": "Paris.", "start": 9, "end": 15}]
    (sentence,) = read({"text": TEXT, "spans": [], "tokens": tokens})
    assert sentence.tokens == ["Ann", "left", "Paris."]


def test_the_same_entities_may_be_in_two_fields(read):
    (sentence,) = read({**PRODIGY, "label": DOCCANO["label"], "labels": ["news"]})
    assert [*zip(sentence.tokens, sentence.tags, strict=True)] == EXPECTED


def test_records_that_were_not_accepted_are_left_out_and_reported(read):
    mistakes = Mistakes()
    rejected = [{**PRODIGY, "answer": answer} for answer in ("reject", "ignore")]
    assert len(read(PRODIGY, *rejected, mistakes=mistakes)) == 1
    (report,) = mistakes.report()
    assert report.startswith("records whose answer is not accept were left out; 2 in all")
    assert report.endswith("in.txt:2: 'reject'")


def test_an_accepted_record_may_have_no_entities(read):
    (sentence,) = read({"text": TEXT, "answer": "accept"})
    assert set(sentence.tags) == {"O"}


OVERLAPPING = [{"start": 0, "end": 3}, {"start": 2, "end": 15}]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            {"text": TEXT},
            ":2: has no entities: none of the fields label, labels, spans, entities, ents; has",
        ),
        ({"label": []}, ":2: has no text"),
        (
            {**PRODIGY, "label": [[0, 3, "ORG"]]},
            ":2: `label` and `spans` have different entities; .*repair reads",
        ),
        ({**DOCCANO, "entities": [[0, 3, "PER"]]}, ":2: `label` and `entities` have different"),
        ({"text": TEXT, "label": [], "labels": {"PER": [0, 3]}}, ":2: `labels` is not a list"),
        ('{"text": "a", "label": [[0, 1, "X"]], "label": []}', ":2: .*key 'label' is there twice"),
        ({**TAGGED, "spans": []}, ":2: `spans` and `entities` have different entities"),
        ({"text": TEXT, "spans": [], "tokens": []}, ":2: no token holds 'Ann left Paris.'"),
        ({"text": TEXT, "spans": [], "tokens": 5}, ":2: `tokens` is not a list"),
        ('{"text": "Ann", "label": [], "x": [-1e999]}', ":2: .*the number -1e999 is too large"),
        ({"text": TEXT, "label": {"PER": 1}}, ":2: `label` is not a list"),
        ({"text": TEXT, "label": [[0, 3]]}, r":2: the entity \[0, 3\] is not a list of start"),
        (
            {"text": TEXT, "label": ["news"]},
            ":2: `label` is of the whole text, .*news.*; a tagger is trained on",
        ),
        ({"text": TEXT, "spans": [{"start": 0, "end": 3}]}, ":2: the entity .* has no type"),
        ({"text": TEXT, "spans": [{"label": "PER"}]}, ":2: .* has no offsets"),
        (
            {"text": TEXT, "entities": [{"type": "PER", "start": 1, "end": 4, "text": "Ann"}]},
            ":2: from 1 to 4 the text has 'nn ', not 'Ann'; offsets count characters",
        ),
        ({"text": TEXT, "label": [[0, 3, "PER"], [2, 5, "LOC"]]}, ":2: .* overlaps"),
        ({"text": TEXT, "label": [[False, True, "PER"]]}, ":2: the entity .* is not a list of"),
        ({"text": TEXT, "spans": [{"start": 0, "end": True, "label": "X"}]}, ":2: .* no offsets"),
        ({"text": TEXT, "spans": [], "tokens": OVERLAPPING}, ":2: the token from 2 to 15 overlaps"),
        ({"text": TEXT, "spans": [], "tokens": OVERLAPPING[:1]}, ":2: no token holds 'left Paris"),
        ({"text": "a\ud800", "label": []}, ":2: the text has half a character at 1"),
        ("[1]", ":2: record 1: holds no text with entities in any of the known formats"),
        ('{"text": ', ":2: not valid JSON: .*; each line should be a JSON object"),
        ('{"text": "a", "label": [[0, NaN, "PER"]]}', ":2: .*NaN"),
    ],
)
def test_mistakes_name_the_line(read, record, message):
    with pytest.raises(InputError, match=message):
        read(DOCCANO, record)


def test_a_file_of_rejected_records_says_so(read):
    with pytest.raises(InputError, match=r"holds no sentence; records .* were left out: 2"):
        read(*[{**PRODIGY, "answer": "reject"}] * 2)


def test_a_corpus_in_columns_may_begin_with_a_brace(tmp_path):
    path = tmp_path / "in.txt"
    path.write_text("{ O\nAnn B-PER\n")
    (sentence,) = read_sentences(path)
    assert sentence.tokens == ["{", "Ann"]
