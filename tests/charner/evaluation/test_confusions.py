import pytest

from charner.evaluation.confusions import confusions
from charner.tags.spans import Span

LOC, ORG, LONGER = Span("LOC", 1, 3), Span("ORG", 1, 3), Span("LOC", 2, 5)
NEXT = Span("LOC", 3, 4)  # shares no token with LOC


def named(*sentences: tuple[list[Span], list[Span]]) -> list[tuple]:
    """Each confusion in words, with its entities."""
    return [(str(confusion), spans) for confusion, spans in confusions(sentences)]


@pytest.mark.parametrize(
    ("true", "predicted", "expected"),
    [
        ([LOC], [ORG], [("LOC tagged as ORG", [(0, LOC)])]),
        ([LOC], [LONGER], [("LOC, wrong boundaries", [(0, LOC)])]),
        ([ORG], [LONGER], [("ORG tagged as LOC, wrong boundaries", [(0, ORG)])]),
        ([LOC], [], [("LOC missed", [(0, LOC)])]),
        ([], [LOC], [("false LOC", [(0, LOC)])]),
        ([LOC], [LOC], []),
        ([LOC], [NEXT], [("LOC missed", [(0, LOC)]), ("false LOC", [(0, NEXT)])]),
    ],
)
def test_each_confusion_has_its_name_and_its_entities(true, predicted, expected):
    assert named((true, predicted)) == expected


def test_the_most_frequent_come_first():
    found = named(([LOC], []), ([Span("PER", 0, 1), Span("PER", 1, 2)], []))
    assert found == [
        ("PER missed", [(1, ("PER", 0, 1)), (1, ("PER", 1, 2))]),
        ("LOC missed", [(0, LOC)]),
    ]
