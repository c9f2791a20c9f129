"""Chooses the documents to annotate next: those whose tags are least certain."""

import heapq
from collections.abc import Iterable
from itertools import count

from charner.corpus.segmentation import SplittingError
from charner.tagging.readers import BadDocument, Document, TextDocument, TokenDocument
from charner.tagging.tagger import Tagger


def least_certain(tagger: Tagger, batches: Iterable[list[Document]], number: int) -> list[Document]:
    """Chooses documents by `TokenTagger.certainty`.

    Args:
        tagger: the tagger.
        batches: of documents, which are read one after the other.
        number: how many are chosen; all, if there are fewer.

    Returns:
        First the bad documents, then the chosen ones, the least certain first.
    """
    bad: list[Document] = []
    chosen: list[tuple[float, int, Document]] = []  # a heap: the most certain is the first
    order = count(step=-1)  # of equally certain documents, the first is chosen
    for batch in batches:
        good: list[TextDocument | TokenDocument] = []
        tokens: list[list[list[str]]] = []
        for document in batch:
            if isinstance(document, BadDocument):
                bad.append(document)
                continue
            try:
                if isinstance(document, TextDocument):
                    tokens.append(tagger.split(document.text))
                else:
                    tokens.append(document.sentences)
                good.append(document)
            except SplittingError as error:
                bad.append(BadDocument(f"{document.location}: {error}", document.size))
        for document, certainty in zip(good, tagger.certainty(tokens).tolist(), strict=True):
            heapq.heappush(chosen, (-certainty, next(order), document))
            if len(chosen) > number:
                heapq.heappop(chosen)
    return bad + [document for *_, document in sorted(chosen, reverse=True)]
