from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charner.corpus.scheme_detection import Fit, SchemeDetector
from charner.support.errors import InputError
from charner.tags.schemes import to_bioes, to_iob2
from charner.tags.spans import entities, iob2_tags

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


def detect(*sentences: list[str], scheme: str = "auto") -> Fit:
    detector = SchemeDetector(scheme)
    line = 1
    for tags in sentences:
        detector.add(PATH, tags, list(range(line, line + len(tags))))
        line += len(tags) + 1
    return detector.fit()


@given(sentences(), st.sampled_from(["IOB1", "IOB2", "BIOES"]))
def test_every_scheme_is_recognised_and_converted(runs, scheme):
    tags = write_tags(runs, scheme)
    if any(entity_type for entity_type, _ in runs):
        assert detect(tags) == Fit(scheme)
    assert detect(tags, scheme=scheme) == Fit(scheme)
    assert to_iob2(tags) == write_tags(runs, "IOB2")


@given(sentences())
def test_entities_are_those_of_the_runs(runs):
    expected, start = [], 0
    for entity_type, length in runs:
        if entity_type:
            expected.append((entity_type, start, start + length))
        start += length
    assert entities(write_tags(runs, "IOB2")) == expected


def test_the_scheme_is_that_of_all_sentences_together():
    assert detect(["O", "O"], ["I-PER", "B-PER"]).scheme == "IOB1"


@pytest.mark.parametrize(
    ("tags", "scheme", "count", "first"),
    [
        (["O", "I-PER"], "IOB2", 1, "train.txt:2: tag I-PER after O is not legal in IOB2"),
        (["B-PER", "O", "B-LOC"], "IOB1", 2, "train.txt:1: tag B-PER at the start"),
        (["B-PER", "I-LOC"], "IOB2", 1, ":2: tag I-LOC after B-PER"),
        (["B-PER", "O"], "BIOES", 1, ":2: tag O after B-PER"),
        (["O", "B-PER"], "BIOES", 1, ":2: sentence ends after B-PER"),
        (["S-PER"], "IOB2", 1, ":1: tag S-PER"),
        (
            ["B-PER", "B-LOC", "O", "I-PER"],
            "auto",
            1,
            ":4: tag I-PER after O is not legal in IOB2, the scheme that fits best",
        ),
    ],
)
def test_illegal_tags_are_counted_and_the_first_has_its_line(tags, scheme, count, first):
    fit = detect(tags, scheme=scheme)
    assert fit.violations == count
    assert first in fit.first_violation


@pytest.mark.parametrize(
    "tag", ["PER", "B-", "-PER", "O-PER", "o", "b-PER", "BI-PER", "B_PER", "", "B-<b>"]
)
def test_what_is_no_tag_in_any_scheme_is_refused(tag):
    with pytest.raises(InputError, match=rf"train\.txt:2: {tag!r} is not a tag"):
        detect(["B-PER", tag])


def test_the_breach_that_is_told_is_that_of_the_scheme_that_fits_best():
    fit = detect(["B-PER", "I-PER"], ["B-LOC", "B-PER"], ["O", "I-LOC"])
    assert fit.first_violation.startswith(
        "train.txt:8: tag I-LOC after O is not legal in IOB2, the scheme that fits best"
    )


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("I-A I-A", "B-A I-A"),  # at the start, and after O
        ("O I-A", "O B-A"),
        ("B-A I-B I-A", "B-A B-B B-A"),  # another type
        ("B-A E-A I-A", "B-A I-A B-A"),  # after an end
        ("S-A E-A", "B-A B-A"),
        ("E-A E-A", "B-A B-A"),
        ("B-A S-A", "B-A B-A"),
        ("B-A I-A O", "B-A I-A O"),  # an end that is missing in BIOES
    ],
)
def test_illegal_tags_are_read_as_by_conlleval(tags, expected):
    assert to_iob2(tags.split()) == expected.split()


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
