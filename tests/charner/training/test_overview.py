from charner.training.overview import overview
from tests.helpers import example


def test_a_corpus_with_documents():
    train = [example("ab", "c", "ab", "abc", document=1), example("ad", document=2)]
    train += [example("a", document=3)] * 18
    valid = [example("ab", "ac", document=1), example("abc", "af", document=1)]
    assert overview(train, valid, ["X", "Y"]) == [
        "train: 20 sentences, 3 documents; valid: 2 sentences, 1 document",
        "entities in train: X 22, Y 0",
        "types with fewer than 20 entities in train: Y",
        "entities of valid that are not in train: 2 of 4 (50%)",
    ]


def test_a_corpus_without_documents():
    train = [example("ab"), example("b")] * 20
    size, _, rare, unseen = overview(train, [example("ab"), example("ac")], ["X"])
    assert size.startswith("train: 40 sentences, no documents, each sentence by itself; ")
    assert rare == "types with fewer than 20 entities in train: none"
    assert unseen == "entities of valid that are not in train: 1 of 2 (50%)"
