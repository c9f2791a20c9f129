import numpy as np
import pytest

from charner.batching import Example, bucket, dataset, load_examples
from charner.corpus import Sentence
from charner.encoding import Vocabulary, write_parquet


def example(*tokens: str) -> Example:
    vocabulary = Vocabulary.build("abcdefgh", ["X"])
    tags = ["B-X"] * len(tokens)
    return Example(
        np.array(vocabulary.encode_characters(list(tokens))),
        np.array(vocabulary.encode_labels(list(tokens), tags, "outside")),
        np.array([*map(len, tokens)]),
        tags,
    )


def test_examples_come_back_from_parquet(tmp_path):
    vocabulary = Vocabulary.build("abc", ["X"])
    sentence = Sentence(1, ["ab", "c"], ["B-X", "O"], [1, 2])
    write_parquet(tmp_path / "train.parquet", [sentence], vocabulary, "outside")
    (loaded,) = load_examples(tmp_path / "train.parquet")
    assert loaded.character_ids.tolist() == vocabulary.encode_characters(["ab", "c"])
    assert loaded.label_ids.tolist() == [2, 2, 1, 1]
    assert loaded.token_lengths.tolist() == [2, 1]
    assert loaded.tags == ["B-X", "O"]


@pytest.mark.parametrize(
    ("max_length", "lengths", "characters"),
    [
        (100, [3, 2, 1], 8),
        (8, [3, 2, 1], 8),
        (7, [3, 2], 6),
        (6, [3, 2], 6),
        (5, [3], 3),
        (2, [2], 2),
    ],
)
def test_a_cut_sentence_keeps_whole_tokens(max_length, lengths, characters):
    cut = example("abc", "de", "f").cut(max_length)
    assert cut.token_lengths.tolist() == lengths
    assert len(cut.character_ids) == len(cut.label_ids) == characters
    assert cut.tags == ["B-X"] * len(lengths)


LENGTHS = np.random.default_rng(0).integers(1, 200, 1000)


@pytest.mark.parametrize("seed", [None, 1])
def test_every_sentence_is_in_one_batch(seed):
    generator = None if seed is None else np.random.default_rng(seed)
    batches = bucket(LENGTHS, 32, generator)
    assert sorted(np.concatenate(batches)) == list(range(1000))
    assert max(map(len, batches)) == 32


def test_batches_hold_little_padding():
    def padding(batches: list[np.ndarray]) -> float:
        padded = sum(LENGTHS[batch].max() * len(batch) for batch in batches)
        return padded / LENGTHS.sum() - 1

    assert padding(bucket(LENGTHS, 32, np.random.default_rng(1))) < 0.1
    assert padding(np.split(np.arange(1000), range(32, 1000, 32))) > 0.5


def test_shuffled_batches_repeat_with_their_seed_only():
    def order(seed: int) -> list[int]:
        return np.concatenate(bucket(LENGTHS, 32, np.random.default_rng(seed))).tolist()

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_a_dataset_yields_padded_batches():
    examples = [example("ab"), example("cd", "ef"), example("g")]
    first, second = dataset(examples, [np.array([2, 1]), np.array([0])]).as_numpy_iterator()
    positions, character_ids, label_ids = first
    assert positions.tolist() == [2, 1]
    assert character_ids.tolist() == [
        [*examples[2].character_ids, 0, 0, 0, 0],
        [*examples[1].character_ids],
    ]
    assert label_ids.tolist() == [[2, 0, 0, 0, 0], [2, 2, 1, 2, 2]]
    assert second[1].tolist() == [[*examples[0].character_ids]]
