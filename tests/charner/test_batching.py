import numpy as np
import pytest

from charner.batching import bucket, pad
from tests.charner.test_examples import example

LENGTHS = np.random.default_rng(0).integers(1, 200, 1000)
UNITS = [[example("b" * length)] for length in LENGTHS]


def row_length(unit: list) -> int:
    return len(unit[0].character_ids)


@pytest.mark.parametrize("seed", [None, 1])
def test_every_unit_is_in_one_batch(seed):
    generator = None if seed is None else np.random.default_rng(seed)
    batches = bucket(UNITS, row_length, 32, generator)
    assert sorted(id(unit) for batch in batches for unit in batch) == sorted(map(id, UNITS))
    assert max(map(len, batches)) == 32


@pytest.mark.parametrize("seed", [None, 1])
def test_a_batch_is_full_when_its_units_hold_enough_sentences(seed):
    generator = None if seed is None else np.random.default_rng(seed)
    sizes = np.random.default_rng(1).integers(1, 20, 1000)
    units = [unit * size for unit, size in zip(UNITS, sizes, strict=True)]
    batches = bucket(units, row_length, 32, generator)
    sentences = [sum(map(len, batch)) for batch in batches]
    assert max(sentences) < 32 + 20
    assert sum(count < 32 for count in sentences) <= 1 + 1000 * 10 // (32 * 50)


def test_batches_hold_little_padding():
    def padding(batches: list[list]) -> float:
        padded = sum(max(map(row_length, batch)) * len(batch) for batch in batches)
        return padded / LENGTHS.sum() - 1

    assert padding(bucket(UNITS, row_length, 32, np.random.default_rng(1))) < 0.1
    assert padding([UNITS[start : start + 32] for start in range(0, 1000, 32)]) > 0.5


def test_shuffled_batches_repeat_with_their_seed_only():
    def order(seed: int) -> list[int]:
        batches = bucket(UNITS, row_length, 32, np.random.default_rng(seed))
        return [id(unit) for batch in batches for unit in batch]

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_pad():
    assert pad([[1, 2], [], [3]]).tolist() == [[1, 2], [0, 0], [3, 0]]
    assert pad([]).tolist() == pad([[]]).tolist() == [[0]]
