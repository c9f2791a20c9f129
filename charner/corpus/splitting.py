"""Splits a corpus in train, valid and test, by documents."""

import hashlib
from collections.abc import Sequence
from itertools import groupby

import numpy as np

from charner.corpus import SPLITS
from charner.corpus.sentence import Sentence
from charner.support import counted
from charner.support.errors import InputError


def split_by_document(
    sentences: Sequence[Sentence], shares: Sequence[float], seed: int
) -> dict[str, list[Sentence]]:
    """Draws the documents of each split; sentences without documents are drawn one by one.

    The documents are put in the order of a hash of their text. So when some are added to a corpus,
    nearly all others stay in their split, and the scores before and after can be compared.

    Args:
        sentences: of the whole corpus, in its order, which each split keeps.
        shares: of documents in train, valid and test; their sum is 1.
        seed: other seeds draw other documents.

    Raises:
        InputError: there are too few documents to have one in each split.
    """
    if any(sentence.document for sentence in sentences):
        documents = [[*group] for _, group in groupby(sentences, lambda s: s.document)]
    else:
        documents = [[sentence] for sentence in sentences]
    order = sorted(range(len(documents)), key=lambda number: _hash(documents[number], seed))
    ends = np.rint(np.cumsum(shares) * len(documents)).astype(int)
    parts = np.split(np.array(order), ends[:-1])
    if not all(map(len, parts)):
        raise InputError(
            f"the corpus has {counted(len(documents), 'document')}: too few for shares of"
            f" {', '.join(map(str, shares))} in {', '.join(SPLITS)}"
        )
    return {
        split: [sentence for number in sorted(part) for sentence in documents[number]]
        for split, part in zip(SPLITS, parts, strict=True)
    }


def _hash(document: list[Sentence], seed: int) -> bytes:
    tokens = [token for sentence in document for token in sentence.tokens]
    return hashlib.sha256(f"{seed} {' '.join(tokens)}".encode()).digest()
