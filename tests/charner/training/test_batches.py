import numpy as np
import pytest

from charner.encoding.word_vectors import WordVectors
from charner.params import Train
from charner.training.batches import Batches, bucket, repeat_factors
from tests.helpers import SMALL, VECTORS, example

LENGTHS = np.random.default_rng(0).integers(1, 200, 1000)
CHUNKS = [[example("b" * length)] for length in LENGTHS]


def row_length(chunk: list) -> int:
    return chunk[0].length


class EachSentence:
    """Stands for a model: each sentence is a chunk, tokens that begin with `a` have tag 2."""

    row_length = staticmethod(row_length)
    vectors = VECTORS

    def chunks(self, examples: list) -> list:
        return [[one] for one in examples]

    def target_ids(self, chunk: list) -> np.ndarray:
        return np.array([2 if token[0] == "a" else 1 for token in chunk[0].tokens])


def batches(examples: list, **changes) -> Batches:
    settings = Train(**SMALL["train"]).model_copy(update={"oversample_threshold": 0.0, **changes})
    return Batches(EachSentence(), examples, settings)


@pytest.mark.parametrize("seed", [None, 1])
def test_every_chunk_is_in_one_batch(seed):
    generator = None if seed is None else np.random.default_rng(seed)
    buckets = bucket(CHUNKS, row_length, 32, generator)
    assert sorted(id(chunk) for batch in buckets for chunk in batch) == sorted(map(id, CHUNKS))
    assert max(map(len, buckets)) == 32


@pytest.mark.parametrize("seed", [None, 1])
def test_a_batch_is_full_when_its_chunks_hold_enough_sentences(seed):
    generator = None if seed is None else np.random.default_rng(seed)
    sizes = np.random.default_rng(1).integers(1, 20, 1000)
    chunks = [chunk * size for chunk, size in zip(CHUNKS, sizes, strict=True)]
    sentences = [sum(map(len, batch)) for batch in bucket(chunks, row_length, 32, generator)]
    assert max(sentences) < 32 + 20
    assert sum(count < 32 for count in sentences) <= 1 + 1000 * 10 // (32 * 50)


def test_batches_hold_little_padding():
    def padding(batches: list[list]) -> float:
        padded = sum(max(map(row_length, batch)) * len(batch) for batch in batches)
        return padded / LENGTHS.sum() - 1

    assert padding(bucket(CHUNKS, row_length, 32, np.random.default_rng(1))) < 0.1
    assert padding([CHUNKS[start : start + 32] for start in range(0, 1000, 32)]) > 0.5


def test_drawn_batches_repeat_with_their_seed_only():
    train = batches([chunk[0] for chunk in CHUNKS])

    def order(seed: int) -> list[int]:
        drawn = train.draw(np.random.default_rng(seed))
        return [id(chunk) for batch in drawn for chunk in batch.chunks]

    assert order(1) == order(1)
    assert order(1) != order(2)


@pytest.mark.parametrize(
    ("sentences", "batch_size", "min_steps", "expected"),
    [
        (320, 32, 1, (32, 1, 10)),
        (320, 32, 10, (32, 1, 10)),
        (320, 32, 11, (29, 1, 12)),  # smaller batches
        (320, 32, 40, (8, 1, 40)),
        (320, 32, 41, (8, 2, 80)),  # and more passes
        (3, 32, 25, (8, 25, 25)),
        (40, 4, 20, (4, 2, 20)),  # never larger than asked for
    ],
)
def test_a_small_corpus_has_smaller_batches_and_is_read_several_times(
    sentences, batch_size, min_steps, expected
):
    train = batches([example("b")] * sentences, batch_size=batch_size, min_steps=min_steps)
    assert (train.size, train.passes, train.steps) == expected
    drawn = train.draw(np.random.default_rng(0))
    assert len(drawn) == train.steps
    replacing = train.steps * (train.passes - 1) / train.passes
    assert sum(batch.replaces_mentions for batch in drawn) == replacing


def test_a_model_without_word_vectors_reads_train_more_often(monkeypatch):
    examples = [example("b")] * 320
    assert batches(examples, min_steps=1, passes_without_vectors=2).passes == 1
    monkeypatch.setattr(EachSentence, "vectors", WordVectors.none())
    train = batches(examples, min_steps=1, passes_without_vectors=2)
    assert train.passes == 2
    assert all(batch.replaces_mentions for batch in train.draw(np.random.default_rng(0)))
    assert batches(examples, min_steps=320 // 8 * 3, passes_without_vectors=2).passes == 3


TAGS = [np.array([1, 1])] * 96 + [np.array([1, 2, 2])] * 4


def test_sentences_with_rare_tags_are_repeated():
    np.testing.assert_allclose(repeat_factors(TAGS, 0.16), [1] * 96 + [2] * 4)  # sqrt(0.16 / 0.04)


def test_threshold_0_repeats_nothing():
    assert (repeat_factors(TAGS, 0) == 1).all()


def test_draws_are_as_frequent_as_their_factors():
    examples = [example("b")] * 9 + [example("a")]
    train = batches(examples, oversample_threshold=0.4, min_steps=1)  # sqrt(0.4 / 0.1) = 2
    generator = np.random.default_rng(0)
    drawn = [c[0].tokens for _ in range(200) for b in train.draw(generator) for c in b.chunks]
    assert drawn.count(["b"]) == 9 * 200
    assert drawn.count(["a"]) == 2 * 200
    train = batches(examples, oversample_threshold=0.225, min_steps=1)  # 1.5 times on average
    drawn = [c[0].tokens for _ in range(2000) for b in train.draw(generator) for c in b.chunks]
    assert drawn.count(["a"]) / 2000 == pytest.approx(1.5, abs=0.05)
