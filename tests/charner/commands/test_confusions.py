from pathlib import Path

from charner.commands.confusions import Confusions
from charner.corpus.sentence import Sentence

SENTENCE = Sentence(0, ["a", "b", "c", "d", "e"], ["O"] * 5, [11, 12, 13, 14, 15])


def lines(*pairs: tuple[list, list], most: int = 20) -> list[str]:
    """The report on the true and the predicted entities of several sentences."""
    confusions = Confusions()
    for true, predicted in pairs:
        confusions.add(Path("in.txt"), SENTENCE, true, predicted)
    return [" ".join(line.split()) for line in confusions.report(most)[1:]]


def test_each_kind_has_its_name_and_its_first_place():
    assert lines(([("LOC", 0, 2)], [("ORG", 0, 2)])) == ["1 LOC tagged as ORG in.txt:11 a b"]
    assert lines(([("LOC", 1, 3)], [("LOC", 2, 5)])) == ["1 LOC with other ends in.txt:12 b c"]
    found = lines(([("LOC", 1, 3)], [("ORG", 2, 3)]))
    assert found == ["1 LOC tagged as ORG with other ends in.txt:12 b c"]
    assert lines(([("LOC", 4, 5)], [])) == ["1 LOC missed in.txt:15 e"]
    assert lines(([], [("LOC", 4, 5)])) == ["1 LOC where no entity is in.txt:15 e"]


def test_neighbours_share_no_token():
    found = lines(([("LOC", 0, 2)], [("LOC", 2, 3)]))
    assert found == ["1 LOC missed in.txt:11 a b", "1 LOC where no entity is in.txt:13 c"]


def test_what_is_right_is_no_confusion():
    assert lines(([("LOC", 0, 2)], [("LOC", 0, 2)])) == []


def test_the_most_frequent_come_first_and_the_rest_is_counted():
    pairs = [([("LOC", 0, 1)], []), ([("PER", 0, 1)], []), ([("PER", 1, 2)], [])]
    assert lines(*pairs, most=1) == ["2 PER missed in.txt:11 a", "1 others, of 1 kinds"]
