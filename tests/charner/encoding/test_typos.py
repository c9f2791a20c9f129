import numpy as np
import pytest

from charner.encoding.typos import with_typos

LETTERS = "abcd"


def test_mistyped_tokens():
    generator = np.random.default_rng(0)
    found = {with_typos("ab", 0.5, LETTERS, generator) for _ in range(500)}
    assert {"ab", "ba", "a", "b", "aab", "abb"} <= found
    assert {"cb", "db", "ac", "ad"} <= found
    assert {letter for token in found for letter in token} == {*LETTERS}
    assert "" not in {with_typos("a", 1.0, LETTERS, generator) for _ in range(100)}
    assert with_typos("abc", 0.0, LETTERS, generator) == "abc"
    tokens = [with_typos("a" * 20, 0.05, LETTERS, generator) for _ in range(500)]
    changed = np.mean([token != "a" * 20 for token in tokens])
    assert changed == pytest.approx(1 - (1 - 0.05 * 0.75) ** 20, abs=0.08)  # a swap shows not


def test_a_letter_in_upper_case_stays_so():
    generator = np.random.default_rng(0)
    found = {with_typos("A", 1.0, LETTERS, generator) for _ in range(100)}
    assert found == {"A", "B", "C", "D", "AA"}
