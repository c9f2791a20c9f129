import numpy as np
import pytest

from charner.training.batching import bucket
from tests.helpers import example

LENGTHS = np.random.default_rng(0).integers(1, 200, 1000)
CHUNKS = [[example("b" * length)] for length in LENGTHS]


def row_length(chunk: list) -> int:
    return len(chunk[0].character_ids)


@pytest.mark.parametrize("seed", [None, 1])
def test_every_chunk_is_in_one_batch(seed):
    generator = None if seed is None else np.random.default_rng(seed)
    batches = bucket(CHUNKS, row_length, 32, generator)
    assert sorted(id(chunk) for batch in batches for chunk in batch) == sorted(map(id, CHUNKS))
    assert max(map(len, batches)) == 32


@pytest.mark.parametrize("seed", [None, 1])
def test_a_batch_is_full_when_its_chunks_hold_enough_sentences(seed):
    generator = None if seed is None else np.random.default_rng(seed)
    sizes = np.random.default_rng(1).integers(1, 20, 1000)
    chunks = [chunk * size for chunk, size in zip(CHUNKS, sizes, strict=True)]
    batches = bucket(chunks, row_length, 32, generator)
    sentences = [sum(map(len, batch)) for batch in batches]
    assert max(sentences) < 32 + 20
    assert sum(count < 32 for count in sentences) <= 1 + 1000 * 10 // (32 * 50)


def test_batches_hold_little_padding():
    def padding(batches: list[list]) -> float:
        padded = sum(max(map(row_length, batch)) * len(batch) for batch in batches)
        return padded / LENGTHS.sum() - 1

    assert padding(bucket(CHUNKS, row_length, 32, np.random.default_rng(1))) < 0.1
    assert padding([CHUNKS[start : start + 32] for start in range(0, 1000, 32)]) > 0.5


def test_shuffled_batches_repeat_with_their_seed_only():
    def order(seed: int) -> list[int]:
        batches = bucket(CHUNKS, row_length, 32, np.random.default_rng(seed))
        return [id(chunk) for batch in batches for chunk in batch]

    assert order(1) == order(1)
    assert order(1) != order(2)
