import numpy as np
import pytest

from charner.typos import with_typos


def test_mistyped_tokens():
    generator = np.random.default_rng(0)
    found = {with_typos("ab", 0.5, generator) for _ in range(500)}
    assert {"ab", "ba", "a", "b", "aab", "abb"} <= found
    assert any(len(token) == 2 and token[0] not in "ab" for token in found)
    assert "" not in {with_typos("a", 1.0, generator) for _ in range(100)}
    assert with_typos("abc", 0.0, generator) == "abc"
    tokens = [with_typos("a" * 20, 0.05, generator) for _ in range(500)]
    changed = np.mean([token != "a" * 20 for token in tokens])
    assert changed == pytest.approx(1 - (1 - 0.05 * 0.75) ** 20, abs=0.08)  # a swap shows not
