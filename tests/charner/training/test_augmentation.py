import numpy as np
import pytest

from charner.encoding.examples import Example
from charner.encoding.vocabulary import Vocabulary
from charner.params import Train
from charner.tags.spans import entities
from charner.training.augmentation import Augmentation
from tests.helpers import SMALL

VOCABULARY = Vocabulary.build({"abcdefghijklmnopqrstuvwxyz": 1}, ["LOC", "PER"])
LOC, PER = ["B-LOC"], ["B-PER", "I-PER"]
TRAIN = [
    Example(1, ["go", "to", "Rome", "now"], ["O", "O", *LOC, "O"]),
    Example(1, ["Ann", "Lee", "Rome"], [*PER, *LOC]),
    Example(2, ["Bo", "Oslo"], ["B-PER", *LOC]),
    Example(2, ["OSLO", "it", "is"], [*LOC, "O", "O"]),
]
DOCUMENTS = [TRAIN[:2], TRAIN[2:]]


def augmentation(
    mention_replacement: float = 0.0, case_change: float = 0.0, tokens_with_typo: float = 0.0
) -> Augmentation:
    changes = {
        "mention_replacement": mention_replacement,
        "case_change": case_change,
        "tokens_with_typo": tokens_with_typo,
    }
    settings = Train(**SMALL["train"]).model_copy(update=changes)
    return Augmentation(DOCUMENTS, VOCABULARY, settings, np.random.default_rng(1))


def mentions(example: Example) -> list[tuple[str, str]]:
    return [(name, " ".join(example.tokens[a:b])) for name, a, b in entities(example.tags)]


def test_mentions_are_replaced_by_those_of_their_type():
    known = {mention for example in TRAIN for mention in mentions(example)}
    known.add(("LOC", "ROME"))
    augment = augmentation(mention_replacement=1.0)
    seen = set()
    for _ in range(50):
        for document in DOCUMENTS:
            for before, after in zip(
                document, augment(document, replaces_mentions=True), strict=True
            ):
                assert [name for name, _ in mentions(after)] == [n for n, _ in mentions(before)]
                assert set(mentions(after)) <= known
                outside = [
                    [t for t, tag in zip(e.tokens, e.tags, strict=True) if tag == "O"]
                    for e in (before, after)
                ]
                assert outside[0] == outside[1]
                seen |= set(mentions(after))
    assert seen == known


def test_a_mention_is_replaced_alike_throughout_its_document():
    augment = augmentation(mention_replacement=0.5)
    changed = 0
    for _ in range(50):
        first, second = augment(DOCUMENTS[0], replaces_mentions=True)
        assert mentions(first)[0] == mentions(second)[1]
        changed += mentions(first)[0][1] != "Rome"
    assert 5 < changed < 25  # half of them, and of these some by itself


def test_nothing_is_changed_at_rate_0():
    assert augmentation()(DOCUMENTS[0], replaces_mentions=True) == DOCUMENTS[0]


def test_whole_sentences_change_case():
    augment = augmentation(case_change=0.5)
    texts = [" ".join(augment([TRAIN[1]], replaces_mentions=True)[0].tokens) for _ in range(200)]
    assert set(texts) == {"Ann Lee Rome", "ann lee rome", "ANN LEE ROME"}
    assert texts.count("Ann Lee Rome") == pytest.approx(100, abs=25)


def test_some_tokens_are_mistyped():
    augment = augmentation(tokens_with_typo=0.5)
    mistyped = [augment([TRAIN[3]], replaces_mentions=True)[0] for _ in range(200)]
    assert all(len(one.tokens) == 3 and one.tags == TRAIN[3].tags for one in mistyped)
    unchanged = np.mean([one.tokens[0] == "OSLO" for one in mistyped])
    # Half are not drawn; one that is has four chances of one in four, of which a swap at the end
    # shows not.
    assert unchanged == pytest.approx(0.5 + 0.5 * (1 - 0.25) ** 4, abs=0.12)


def test_mentions_are_not_replaced_where_they_should_stay():
    augment = augmentation(mention_replacement=1.0)
    assert augment(DOCUMENTS[0], replaces_mentions=False) == DOCUMENTS[0]
