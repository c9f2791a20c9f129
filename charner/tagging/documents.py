"""Tags documents in batches; one that cannot be tagged does not stop the others."""

from collections.abc import Sequence

from charner.corpus.segmentation import SplittingError
from charner.tagging.readers import BadDocument, Document, TextDocument, TokenDocument
from charner.tagging.tagger import TaggedText, Tagger, as_text


def tag_documents(
    tagger: Tagger, documents: Sequence[Document], min_score: float
) -> list[TaggedText | BadDocument]:
    """Tags the good documents of a batch.

    Args:
        tagger: the tagger.
        documents: all texts, or all with tokens.
        min_score: entities with a lower score are left out.

    Returns:
        Each document in its position, tagged or bad; a text that the library for sentences cannot
        split becomes a bad document, too.
    """
    good = [document for document in documents if not isinstance(document, BadDocument)]
    texts = [document.text for document in good if isinstance(document, TextDocument)]
    tokens = [document.sentences for document in good if isinstance(document, TokenDocument)]
    try:
        tagged = [
            *tagger.tag_batch(texts, min_score),
            *map(as_text, tagger.tag_tokens(tokens, min_score)),
        ]
    except SplittingError as error:
        if len(documents) == 1:
            return [BadDocument(f"{good[0].location}: {error}", good[0].size)]
        alone = (tag_documents(tagger, [document], min_score) for document in documents)
        return [one for (one,) in alone]
    in_order = iter(tagged)
    return [one if isinstance(one, BadDocument) else next(in_order) for one in documents]
