import json

import pytest

from charner.corpus.formats import read_sentences
from charner.corpus.mistakes import Mistakes
from charner.support.errors import InputError

TEXT = "Ann left Paris."
EXPECTED = [("Ann", "B-PER"), ("left", "O"), ("Paris", "B-LOC"), (".", "O")]


def value(start: int, end: int, label: str) -> dict:
    return {"start": start, "end": end, "text": TEXT[start:end], "labels": [label]}


PER, LOC = value(0, 3, "PER"), value(9, 14, "LOC")
RELATION = {"from_id": "a", "to_id": "b", "type": "relation"}


def annotation(*values: dict, **others) -> dict:
    results = [{"value": one, "type": "labels", "from_name": "label"} for one in values]
    return {"id": 1, "result": [*results, RELATION], "was_cancelled": False, **others}


def task(*annotations: dict, **data: str) -> dict:
    return {"id": 7, "annotations": [*annotations], "data": data or {"text": TEXT}}


MINIMAL = {
    **{"text": TEXT, "id": 7, "label": [PER, LOC], "annotator": 1, "annotation_id": 3},
    **{"created_at": "2026-01-01", "updated_at": "2026-01-01"},
}


@pytest.fixture
def read(write):
    def read(content: object, mistakes: Mistakes | None = None):
        text = content if isinstance(content, str) else json.dumps(content, indent=1)
        return [*read_sentences(write(text, "in.json"), mistakes=mistakes)]

    return read


@pytest.mark.parametrize(
    "record",
    [
        task(annotation(PER, LOC)),
        task(annotation(PER, LOC), title="", note=TEXT) | {"data": {"note": TEXT}},
        {"completions": [annotation(LOC, PER)], "data": {"text": TEXT, "title": "x"}},
        MINIMAL,
        {**{k: v for k, v in MINIMAL.items() if k != "text"}, "note": TEXT},
    ],
)
def test_tasks_are_read_from_an_array_or_from_lines(read, record):
    other = {**record, "id": 8}
    for content in ([record, other], "\n".join(map(json.dumps, (record, other)))):
        first, second = read(content)
        assert [*zip(first.tokens, first.tags, strict=True)] == EXPECTED
        assert (first.document, second.document) == (1, 2)


def test_tasks_with_predictions_alone_are_not_annotated(read):
    mistakes = Mistakes()
    predicted = {"data": {"text": TEXT}, "predictions": [annotation(PER)]}
    (sentence,) = read([predicted, task(annotation(PER, LOC))], mistakes=mistakes)
    assert sentence.document == 2
    (told,) = mistakes.report()
    assert told.startswith("tasks without a finished annotation were left out; 1 in all")


def test_of_several_annotators_the_first_that_finished_counts(read):
    mistakes = Mistakes()
    cancelled, second = annotation(was_cancelled=True), annotation(PER)
    (sentence,) = read([task(cancelled, annotation(LOC), second)], mistakes)
    assert sentence.tags == ["O", "O", "B-LOC", "O"]
    (told,) = mistakes.report()
    assert told.startswith(
        "of the annotations of a task, the ground truth or else the first finished one was"
    )
    assert told.endswith("in.json: record 1")


def test_the_ground_truth_counts_more(read):
    (sentence,) = read([task(annotation(LOC), annotation(PER, ground_truth=True))])
    assert sentence.tags == ["B-PER", "O", "O", "O"]


def test_of_several_annotators_of_json_min_the_first_counts(read):
    mistakes = Mistakes()
    (sentence,) = read([MINIMAL, {**MINIMAL, "annotator": 2, "label": [PER]}], mistakes)
    assert [*zip(sentence.tokens, sentence.tags, strict=True)] == EXPECTED
    assert len(mistakes.report()) == 1


def test_entities_of_json_min_may_be_in_several_fields(read):
    (sentence,) = read([{**MINIMAL, "label": [PER], "place": [LOC]}])
    assert [*zip(sentence.tokens, sentence.tags, strict=True)] == EXPECTED


def test_tasks_that_were_not_annotated_are_left_out_and_counted(read):
    mistakes = Mistakes()
    tasks = [task(annotation(PER)), task(), task(annotation(PER, was_cancelled=True))]
    assert len(read(tasks, mistakes)) == 1
    (told,) = mistakes.report()
    assert told.startswith("tasks without a finished annotation were left out; 2 in all")
    assert told.endswith("in.json: record 2")


def test_an_annotated_text_may_have_no_entities(read):
    without = {name: value for name, value in MINIMAL.items() if name != "label"}
    for record in (task(annotation()), without):
        (sentence,) = read([record])
        assert set(sentence.tags) == {"O"}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (task(annotation(PER), title="x", note=TEXT), "only field with text; `title`, `note`"),
        (task(annotation({**PER, "labels": ["PER", "X"]})), "record 1: .* has several types"),
        (task({"result": [{"type": "hypertextlabels", "value": PER}]}), "have no offsets in plain"),
        (task({"result": None}), "no lists of objects"),
        (task({"result": [{"type": "labels"}]}), "the entity None"),
        (task(5), "no lists of objects"),
        ({**MINIMAL, "label": [PER, {"start": 9, "end": 14, "text": "Paris"}]}, "has no type"),
        (
            task({"result": [{"type": "labels", "to_name": n, "value": PER} for n in "ab"]}),
            "labels are in several texts: a, b",
        ),
        (task(annotation({**PER, "labels": []})), "record 1: the entity .* has no type"),
        (task(annotation({**PER, "start": "/p[1]"})), "record 1: .* has no offsets"),
        (task(annotation({**PER, "end": 4})), "from 0 to 4 the text has 'Ann ', not 'Ann'"),
    ],
)
def test_mistakes_name_the_record(read, record, message):
    with pytest.raises(InputError, match=f"in.json: record 1: |{message}") as caught:
        read([record])
    assert caught.match(message)


def test_offsets_in_utf_16_units_are_named_so(read):
    record = task(annotation({**PER, "start": 3, "end": 6}), text=f"🚢 {TEXT}")
    with pytest.raises(InputError, match="these count UTF-16 units"):
        read([record])
