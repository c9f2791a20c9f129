import numpy as np
import pytest

from charner.batching import Example, bucket, documents, load_examples, pad
from charner.corpus import Sentence
from charner.encoding import Vocabulary, write_parquet

VOCABULARY = Vocabulary.build({"abcdefgh": 1, "ab": 2}, ["X"])


def example(*tokens: str, document: int = 0) -> Example:
    """Tokens that begin with `a` are entities."""
    tags = ["B-X" if token[0] == "a" else "O" for token in tokens]
    return Example.encode(document, list(tokens), tags, VOCABULARY)


def test_examples_come_back_from_parquet(tmp_path):
    sentence = Sentence(1, ["ab", "c"], ["B-X", "O"], [1, 2])
    write_parquet(tmp_path / "train.parquet", [sentence], VOCABULARY)
    (loaded,) = load_examples(tmp_path / "train.parquet")
    expected = Example.encode(1, sentence.tokens, sentence.tags, VOCABULARY)
    assert (loaded.document, loaded.tokens, loaded.tags) == (1, ["ab", "c"], ["B-X", "O"])
    assert loaded.character_ids.tolist() == expected.character_ids.tolist()
    assert loaded.label_ids.tolist() == expected.label_ids.tolist() == [2, 2, 1, 1]
    assert loaded.token_lengths.tolist() == [2, 1]


@pytest.mark.parametrize(
    ("max_length", "tokens"),
    [
        (100, ["abc", "de", "f"]),
        (8, ["abc", "de", "f"]),
        (7, ["abc", "de"]),
        (6, ["abc", "de"]),
        (5, ["abc"]),
        (2, ["ab"]),
    ],
)
def test_a_cut_sentence_keeps_whole_tokens(max_length, tokens):
    cut, expected = example("abc", "de", "f").cut(max_length), example(*tokens)
    assert (cut.tokens, cut.tags) == (expected.tokens, expected.tags)
    assert cut.character_ids.tolist() == expected.character_ids.tolist()
    assert cut.label_ids.tolist() == expected.label_ids.tolist()


def test_documents_are_the_sentences_of_a_number():
    examples = [example("a", document=number) for number in (1, 1, 1, 2, 1, 1)]
    assert [len(document) for document in documents(examples, 2)] == [2, 1, 1, 2]
    assert [one for document in documents(examples, 2) for one in document] == examples


def test_without_documents_every_sentence_is_one():
    assert [len(document) for document in documents([example("a")] * 3, 2)] == [1, 1, 1]


LENGTHS = np.random.default_rng(0).integers(1, 200, 1000)
ONE_EACH = np.ones(1000, int)


@pytest.mark.parametrize("seed", [None, 1])
def test_every_unit_is_in_one_batch(seed):
    generator = None if seed is None else np.random.default_rng(seed)
    batches = bucket(LENGTHS, ONE_EACH, 32, generator)
    assert sorted(np.concatenate(batches)) == list(range(1000))
    assert max(map(len, batches)) == 32


@pytest.mark.parametrize("seed", [None, 1])
def test_a_batch_is_full_when_its_units_hold_enough_sentences(seed):
    generator = None if seed is None else np.random.default_rng(seed)
    sizes = np.random.default_rng(1).integers(1, 20, 1000)
    batches = bucket(LENGTHS, sizes, 32, generator)
    sentences = [sizes[batch].sum() for batch in batches]
    assert max(sentences) < 32 + 20
    assert sum(count < 32 for count in sentences) <= 1 + 1000 * 10 // (32 * 50)


def test_batches_hold_little_padding():
    def padding(batches: list[np.ndarray]) -> float:
        padded = sum(LENGTHS[batch].max() * len(batch) for batch in batches)
        return padded / LENGTHS.sum() - 1

    assert padding(bucket(LENGTHS, ONE_EACH, 32, np.random.default_rng(1))) < 0.1
    assert padding(np.split(np.arange(1000), range(32, 1000, 32))) > 0.5


def test_shuffled_batches_repeat_with_their_seed_only():
    def order(seed: int) -> list[int]:
        batches = bucket(LENGTHS, ONE_EACH, 32, np.random.default_rng(seed))
        return np.concatenate(batches).tolist()

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_pad():
    assert pad([[1, 2], [], [3]]).tolist() == [[1, 2], [0, 0], [3, 0]]
    assert pad([]).tolist() == pad([[]]).tolist() == [[0]]
