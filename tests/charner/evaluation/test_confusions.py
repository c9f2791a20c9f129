from charner.evaluation.confusions import confusions


def kinds(*sentences: tuple[list, list]) -> list[tuple]:
    """Each kind in words, with the place of its first entity and their number."""
    return [(str(kind), *found[0], len(found)) for kind, found in confusions(sentences)]


def test_each_kind_has_its_name_and_its_places():
    assert kinds(([("LOC", 0, 2)], [("ORG", 0, 2)])) == [("LOC tagged as ORG", 0, 0, 2, 1)]
    assert kinds(([("LOC", 1, 3)], [("LOC", 2, 5)])) == [("LOC with other ends", 0, 1, 3, 1)]
    found = kinds(([("LOC", 1, 3)], [("ORG", 2, 3)]))
    assert found == [("LOC tagged as ORG with other ends", 0, 1, 3, 1)]
    assert kinds(([("LOC", 4, 5)], [])) == [("LOC missed", 0, 4, 5, 1)]
    assert kinds(([], []), ([], [("LOC", 4, 5)])) == [("LOC where no entity is", 1, 4, 5, 1)]


def test_neighbours_share_no_token():
    found = kinds(([("LOC", 0, 2)], [("LOC", 2, 3)]))
    assert found == [("LOC missed", 0, 0, 2, 1), ("LOC where no entity is", 0, 2, 3, 1)]


def test_what_is_right_is_no_confusion():
    assert kinds(([("LOC", 0, 2)], [("LOC", 0, 2)])) == []


def test_the_most_frequent_come_first():
    found = kinds(([("LOC", 0, 1)], []), ([("PER", 0, 1), ("PER", 1, 2)], []))
    assert found == [("PER missed", 1, 0, 1, 2), ("LOC missed", 0, 0, 1, 1)]
