import json

import numpy as np
import pytest
import safetensors.numpy

from charner.encoding.word_vectors import WordVectors
from tests.helpers import ROOT, VECTORS

WORDS = ["the", "The", "wien", "é", "word with spaces"]


def packed(dimensions: int, words: list[str] = WORDS) -> tuple[WordVectors, np.ndarray]:
    values = np.random.default_rng(2).normal(3, 0.01, (len(words), dimensions))
    values *= np.where(np.arange(len(words)) % 2, 1, -1)[:, None]
    return WordVectors.packed("some", "free", words, values), values


@pytest.mark.parametrize("dimensions", [1, 4, 5])
def test_each_word_has_its_own_vector(dimensions):
    words = [str(number) for number in range(3000)]
    values = np.random.default_rng(1).normal(0, 7, (len(words), dimensions))
    vectors = WordVectors.packed("some", "free", words, values)
    found = vectors(words)
    assert found.dtype == np.float32
    assert found.shape == values.shape
    # In root mean squares: half a step is 0.18; scales are a little larger for what is cut.
    expected = np.clip(values / np.sqrt((values**2).mean(axis=0)), -2.5, 2.5)
    assert np.abs(found - expected).max() < 0.27
    np.testing.assert_allclose((found**2).mean(axis=0), 1, rtol=1e-4)


def test_a_token_has_the_vector_of_its_form_or_else_of_its_lower_case():
    vectors, _ = packed(6)
    the, upper, unknown, empty, wien, lone = vectors(["the", "The", "x", "", "WIEN", "wien\ud800"])
    np.testing.assert_array_equal(vectors(["THE"])[0], the)
    np.testing.assert_array_equal(vectors(["Wien"])[0], wien)
    assert (the != upper).any()
    for none in (unknown, empty, lone):
        assert not none.any()
    assert [*vectors.knows(["THE", "x", "", "É", "word with spaces"])] == [
        *(True, False, False, True, True),
    ]
    assert vectors([]).shape == (0, 6)


def test_no_vectors_have_no_dimensions(tmp_path):
    none = WordVectors.none()
    assert none(["a", "b"]).shape == (2, 0)
    assert not none.knows(["a"]).any()
    none.save(tmp_path / "none")
    assert WordVectors.load(tmp_path / "none").title == none.title == "none"


def test_a_dimension_without_values_stays_without(tmp_path):
    vectors = WordVectors.packed("some", "free", ["a", "b"], np.array([[0.0, 1], [0, -1]]))
    np.testing.assert_allclose(vectors(["a", "b"]), [[0, 1], [0, -1]])


def test_vectors_come_back_from_a_file(tmp_path):
    vectors, _ = packed(5)
    vectors.save(tmp_path / "vectors")
    loaded = WordVectors.load(tmp_path / "vectors")
    assert (loaded.name, loaded.licence) == ("some", "free")
    assert loaded.title == "some, 5 words of 5 values"
    np.testing.assert_array_equal(loaded(WORDS), vectors(WORDS))
    loaded.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "vectors").read_bytes()


ARRAYS = {"keys": VECTORS.keys, "pairs": VECTORS.pairs, "scales": VECTORS.scales}


@pytest.mark.parametrize(
    "change",
    [
        {"keys": VECTORS.keys[::-1].copy()},
        {"keys": VECTORS.keys.repeat(2)[: len(VECTORS)]},
        {"keys": VECTORS.keys.astype(np.int64)},
        {"keys": VECTORS.keys[:-1].copy()},
        {"keys": VECTORS.keys[:, None]},
        {"pairs": VECTORS.pairs[:, :1].copy()},
        {"pairs": VECTORS.pairs.astype(np.int8)},
        {"scales": VECTORS.scales * np.float32("nan")},
        {"scales": VECTORS.scales * 1000},
        {"scales": -VECTORS.scales},
        {"scales": VECTORS.scales[:, None]},
    ],
)
def test_arrays_of_another_kind_are_refused(change, tmp_path):
    description = {"description": json.dumps({"name": "some", "licence": "free"})}
    path = tmp_path / "vectors"
    path.write_bytes(safetensors.numpy.save(ARRAYS, description))
    WordVectors.load(path)
    path.write_bytes(safetensors.numpy.save({**ARRAYS, **change}, description))
    refused(path)


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"description": "[" * 100_000},
        {"description": "3"},
        {"description": '{"name": "x"}'},
        {"description": '{"name": 3, "licence": "free"}'},
        {"description": '{"name": "x\\u001b[2J", "licence": "free"}'},
    ],
)
def test_another_description_is_refused(metadata, tmp_path):
    path = tmp_path / "vectors"
    path.write_bytes(safetensors.numpy.save(ARRAYS, metadata))
    refused(path)


def test_what_is_no_file_of_vectors_is_refused(tmp_path):
    for content in (b"", b"x" * 100, safetensors.numpy.save({"a": np.ones(3)})):
        (tmp_path / "vectors").write_bytes(content)
        refused(tmp_path / "vectors")
    with pytest.raises(FileNotFoundError):
        WordVectors.load(tmp_path / "missing")


def test_numbers_that_numpy_lacks_are_refused(tmp_path):
    content = safetensors.numpy.save(ARRAYS, {"description": '{"name": "some", "licence": "x"}'})
    assert content.count(b'"U8"') == 1
    (tmp_path / "vectors").write_bytes(content.replace(b'"U8"', b'"F8_E4M3"', 1))
    refused(tmp_path / "vectors")


def refused(path) -> None:
    with pytest.raises(ValueError, match=r"^does not hold word vectors of this version$"):
        WordVectors.load(path)


def test_the_vectors_in_the_box_know_english():
    vectors = WordVectors.load(ROOT / "data/vectors/auto/en.safetensors")
    assert vectors.title == (
        "GloVe 6B (Pennington, Socher and Manning 2014), 100,000 words of 100 values"
    )
    found = vectors(["Lisbon", "Porto", "walked", "ran", "U.S.", "'s", "1996"])
    assert (np.abs(found).sum(axis=1) > 10).all()
    unit = found / np.linalg.norm(found, axis=1, keepdims=True)
    cosines = unit @ unit.T
    assert cosines[0, 1] > 0.5 > cosines[0, 2]
    assert cosines[2, 3] > 0.4 > cosines[1, 3]
