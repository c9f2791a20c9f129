from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charner.support.errors import InputError
from charner.tags.schemes import (
    SchemeDetector,
    entities,
    iob2_tags,
    to_bioes,
    to_iob2,
)

PATH = Path("train.txt")


@st.composite
def sentences(draw) -> list[tuple[str | None, int]]:
    """Sentences as runs of tokens: (entity type or None, length)."""
    run = st.tuples(st.sampled_from([None, "LOC", "PER"]), st.integers(1, 3))
    return draw(st.lists(run, min_size=1, max_size=8))


def write_tags(runs: list[tuple[str | None, int]], scheme: str) -> list[str]:
    """The tags of the runs in a scheme, written without the code under test."""
    tags, previous = [], None
    for entity_type, length in runs:
        if entity_type is None:
            tags += ["O"] * length
        elif scheme == "IOB2":
            tags += [f"B-{entity_type}"] + [f"I-{entity_type}"] * (length - 1)
        elif scheme == "IOB1":
            first = "B" if previous == entity_type else "I"
            tags += [f"{first}-{entity_type}"] + [f"I-{entity_type}"] * (length - 1)
        elif length == 1:
            tags += [f"S-{entity_type}"]
        else:
            middle = [f"I-{entity_type}"] * (length - 2)
            tags += [f"B-{entity_type}", *middle, f"E-{entity_type}"]
        previous = entity_type
    return tags


def detect(*sentences: list[str], scheme: str = "auto") -> str:
    detector = SchemeDetector(scheme)
    line = 1
    for tags in sentences:
        detector.add(PATH, tags, list(range(line, line + len(tags))))
        line += len(tags) + 1
    return detector.scheme()


@given(sentences(), st.sampled_from(["IOB1", "IOB2", "BIOES"]))
def test_every_scheme_is_recognised_and_converted(runs, scheme):
    tags = write_tags(runs, scheme)
    if any(entity_type for entity_type, _ in runs):
        assert detect(tags) == scheme
    assert detect(tags, scheme=scheme) == scheme
    assert to_iob2(tags, scheme) == write_tags(runs, "IOB2")


@given(sentences())
def test_entities_are_those_of_the_runs(runs):
    expected, start = [], 0
    for entity_type, length in runs:
        if entity_type:
            expected.append((entity_type, start, start + length))
        start += length
    assert entities(write_tags(runs, "IOB2")) == expected


def test_the_scheme_is_that_of_all_sentences_together():
    assert detect(["O", "O"], ["I-PER", "B-PER"]) == "IOB1"


@pytest.mark.parametrize(
    ("tags", "scheme", "message"),
    [
        (["O", "I-PER"], "IOB2", r"train\.txt:2: tag I-PER after O is not legal in IOB2"),
        (["B-PER"], "IOB1", r"train\.txt:1: tag B-PER at the start"),
        (["B-PER", "I-LOC"], "IOB2", r":2: tag I-LOC after B-PER"),
        (["B-PER", "O"], "BIOES", r":2: tag O after B-PER"),
        (["O", "B-PER"], "BIOES", r":2: sentence ends after B-PER"),
        (["S-PER"], "IOB2", r":1: tag S-PER"),
        (["B-PER", "PER"], "auto", r":2: tag PER after B-PER"),
        (["B-PER", "B-"], "auto", r":2: tag B- after B-PER"),
        (["B-PER", "O-PER"], "auto", r":2: tag O-PER"),
        (["B-PER", "o"], "auto", r":2: tag o after"),
        (["B-PER", "O", "I-PER", "E-PER"], "auto", r"not legal"),
    ],
)
def test_an_illegal_tag_is_told_with_file_and_line(tags, scheme, message):
    with pytest.raises(InputError, match=message):
        detect(tags, scheme=scheme)


def test_the_breach_that_is_told_is_that_of_the_scheme_that_fits_best():
    with pytest.raises(InputError, match=r"train\.txt:8: tag I-LOC after O is not legal in IOB2"):
        detect(["B-PER", "I-PER"], ["B-LOC", "B-PER"], ["O", "I-LOC"])


@given(sentences())
def test_to_bioes(runs):
    assert to_bioes(write_tags(runs, "IOB2")) == write_tags(runs, "BIOES")


@given(sentences())
def test_tags_of_entities_are_the_tags_they_were_read_from(runs):
    tags = [
        tag
        for entity_type, length in runs
        for tag in (
            ["O"] * length
            if entity_type is None
            else [f"B-{entity_type}"] + [f"I-{entity_type}"] * (length - 1)
        )
    ]
    assert iob2_tags(len(tags), entities(tags)) == tags
