import numpy as np
import pytest

from charner.encoding.examples import Example
from charner.encoding.vocabulary import Vocabulary
from charner.tags.spans import entities
from charner.training.augmentation import Augmentation

VOCABULARY = Vocabulary.build({"abcdefghijklmnopqrstuvwxyz": 1}, ["LOC", "PER"])
LOC, PER = ["B-LOC"], ["B-PER", "I-PER"]
TRAIN = [
    Example.encode(1, ["go", "to", "Rome", "now"], ["O", "O", *LOC, "O"], VOCABULARY),
    Example.encode(1, ["Ann", "Lee", "Rome"], [*PER, *LOC], VOCABULARY),
    Example.encode(2, ["Bo", "Oslo"], ["B-PER", *LOC], VOCABULARY),
    Example.encode(2, ["OSLO", "it", "is"], [*LOC, "O", "O"], VOCABULARY),
]
DOCUMENTS = [TRAIN[:2], TRAIN[2:]]


def augmentation(
    mention_replacement: float = 0.0, case_change: float = 0.0, tokens_with_typo: float = 0.0
) -> Augmentation:
    generator = np.random.default_rng(1)
    return Augmentation(
        TRAIN, VOCABULARY, mention_replacement, case_change, tokens_with_typo, generator
    )


def mentions(example: Example) -> list[tuple[str, str]]:
    return [(name, " ".join(example.tokens[a:b])) for name, a, b in entities(example.tags)]


def test_mentions_are_replaced_by_those_of_their_type():
    known = {mention for example in TRAIN for mention in mentions(example)}
    known.add(("LOC", "ROME"))
    augment = augmentation(mention_replacement=1.0)
    seen = set()
    for _ in range(50):
        for document in DOCUMENTS:
            for before, after in zip(document, augment(document), strict=True):
                assert [name for name, _ in mentions(after)] == [n for n, _ in mentions(before)]
                assert set(mentions(after)) <= known
                outside = [
                    [t for t, tag in zip(e.tokens, e.tags, strict=True) if tag == "O"]
                    for e in (before, after)
                ]
                assert outside[0] == outside[1]
                encoded = VOCABULARY.encode_characters(after.tokens)
                assert after.character_ids.tolist() == encoded
                assert len(after.label_ids) == len(encoded)
                seen |= set(mentions(after))
    assert seen == known


def test_a_mention_is_replaced_alike_throughout_its_document():
    augment = augmentation(mention_replacement=0.5)
    changed = 0
    for _ in range(50):
        first, second = augment(DOCUMENTS[0])
        assert mentions(first)[0] == mentions(second)[1]
        changed += mentions(first)[0][1] != "Rome"
    assert 5 < changed < 25  # half of them, and of these some by itself


def test_nothing_is_changed_at_rate_0():
    assert augmentation()(DOCUMENTS[0]) == DOCUMENTS[0]


def test_whole_sentences_change_case():
    augment = augmentation(case_change=0.5)
    texts = [" ".join(augment([TRAIN[1]])[0].tokens) for _ in range(200)]
    assert set(texts) == {"Ann Lee Rome", "ann lee rome", "ANN LEE ROME"}
    assert texts.count("Ann Lee Rome") == pytest.approx(100, abs=25)


def test_some_tokens_are_mistyped():
    augment = augmentation(tokens_with_typo=0.5)
    found = [augment([TRAIN[3]])[0] for _ in range(200)]
    assert all(len(one.tokens) == 3 and one.tags == TRAIN[3].tags for one in found)
    unchanged = np.mean([one.tokens[0] == "OSLO" for one in found])
    # Half are not drawn; one that is has four chances of one in four, of which a swap at the end
    # shows not.
    assert unchanged == pytest.approx(0.5 + 0.5 * (1 - 0.25) ** 4, abs=0.12)
