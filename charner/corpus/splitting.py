"""Draws documents of a corpus: train, valid and test, or a share of train."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
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
    order = sorted(range(len(documents)), key=lambda number: _hash(documents[number], f"{seed}"))
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


def share_of(sentences: Iterable[Sentence], share: float, seed: int) -> Iterator[Sentence]:
    """Draws about this share of the documents, or of sentences without documents, in their order.

    A smaller share is a part of a larger one: each document is drawn by a hash of its text.

    Args:
        sentences: of train.
        share: from 0 to 1.
        seed: other seeds draw other documents.
    """
    for number, group in groupby(sentences, lambda sentence: sentence.document):
        for document in [[*group]] if number else ([sentence] for sentence in group):
            place = int.from_bytes(_hash(document, f"train {seed}")) / 2**256
            if place < share:
                yield from document


def _hash(document: list[Sentence], seed: str) -> bytes:
    tokens = [token for sentence in document for token in sentence.tokens]
    return hashlib.sha256(f"{seed} {' '.join(tokens)}".encode()).digest()
