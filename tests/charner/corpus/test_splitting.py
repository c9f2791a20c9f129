import pytest

from charner.corpus.sentence import Sentence
from charner.corpus.splitting import share_of, split_by_document
from charner.support.errors import InputError

SHARES = (0.6, 0.2, 0.2)


def corpus(documents: list[int]) -> list[Sentence]:
    """A corpus; each number is a sentence's document."""
    return [Sentence(d, [f"token{i}"], ["O"], [i]) for i, d in enumerate(documents)]


def test_documents_stay_whole_and_in_order():
    sentences = corpus([number for number in range(1, 11) for _ in range(number)])
    parts = split_by_document(sentences, SHARES, seed=1)
    documents = {split: {s.document for s in part} for split, part in parts.items()}
    assert [len(numbers) for numbers in documents.values()] == [6, 2, 2]
    assert set.union(*documents.values()) == set(range(1, 11))
    assert sum(map(len, parts.values())) == len(sentences)
    for part in parts.values():
        assert part == sorted(part, key=lambda sentence: sentence.lines)


def test_sentences_without_documents_are_drawn_one_by_one():
    parts = split_by_document(corpus([0] * 50), SHARES, seed=1)
    assert [len(part) for part in parts.values()] == [30, 10, 10]


def test_the_seed_chooses():
    sentences = corpus([0] * 50)
    first = split_by_document(sentences, SHARES, seed=1)
    assert split_by_document(sentences, SHARES, seed=1) == first
    assert split_by_document(sentences, SHARES, seed=2) != first


def test_documents_stay_in_their_split_when_others_are_added():
    before = corpus([*range(1, 101)])
    after = [*corpus([*range(1, 121)])[100:], *before]
    for seed in range(5):
        parts = [split_by_document(sentences, SHARES, seed) for sentences in (before, after)]
        kept = [
            {s.document for s in parts[0][split]} & {s.document for s in parts[1][split]}
            for split in parts[0]
        ]
        assert sum(map(len, kept)) >= 90


@pytest.mark.parametrize("shares", [(0.8, 0.1, 0.1), (1.0, 0.0, 0.0)])
def test_each_split_needs_a_document(shares):
    with pytest.raises(InputError, match="2 documents: too few"):
        split_by_document(corpus([1, 1, 1, 2]), shares, seed=1)
    with pytest.raises(InputError, match="1 document: too few"):
        split_by_document(corpus([1, 1, 1]), shares, seed=1)


@pytest.mark.parametrize("documents", [[*range(1, 401), *range(1, 401)], [0] * 400])
def test_a_smaller_share_of_train_is_a_part_of_a_larger_one(documents):
    sentences = corpus(sorted(documents))
    shares = [[*share_of(sentences, share, seed=1)] for share in (0.125, 0.25, 0.5, 1)]
    assert shares[-1] == sentences
    for share, smaller, larger in zip((0.125, 0.25, 0.5), shares, shares[1:], strict=False):
        assert len(smaller) / len(sentences) == pytest.approx(share, abs=0.06)
        assert smaller == [sentence for sentence in larger if sentence in smaller]
    drawn = {sentence.document for sentence in shares[1]}
    if any(documents):
        assert shares[1] == [sentence for sentence in sentences if sentence.document in drawn]
    assert [*share_of(sentences, 0.25, seed=2)] != shares[1]
