"""Files of spaCy's documents (`.spacy`); needs spaCy."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from charner.corpus import SPACY_START
from charner.corpus.annotated_text import AnnotatedText, tagged_sentences
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence
from charner.support.errors import InputError
from charner.tags.spans import Span


def recognises(path: Path, beginning: bytes) -> bool:
    """Whether a file begins as those of spaCy do."""
    return beginning.startswith(SPACY_START)


def read(path: Path, options: Options) -> Iterator[Sentence]:
    """Streams the sentences of a file, with spaCy's tokens.

    If spaCy knows no sentences, the text is split like raw text.

    Raises:
        InputError: spaCy is not installed, or this is no such file.
    """
    try:
        from spacy.tokens import DocBin
        from spacy.vocab import Vocab
    except ImportError:
        raise InputError(f"{path}: to read it, install spaCy: pip install 'spacy ~= 3.8'") from None
    try:
        docs = DocBin().from_disk(path).get_docs(Vocab())
        documents = [_annotated(doc, number) for number, doc in enumerate(docs, start=1)]
    except MemoryError:
        raise
    except Exception as error:  # whatever zlib, msgpack or spaCy raises
        raise InputError(f"{path}: spaCy cannot read it: {error}") from None
    for document in documents:
        location = f"{path}: document {document.number}"
        yield from tagged_sentences(document, location, options.mistakes, options.language)


def _annotated(doc: Any, number: int) -> AnnotatedText:
    is_split = doc.has_annotation("SENT_START")
    return AnnotatedText(
        doc.text,
        [Span(entity.label_, entity.start_char, entity.end_char) for entity in doc.ents],
        number,
        [(token.idx, token.idx + len(token)) for token in doc],
        [sentence.start_char for sentence in doc.sents] if is_split else None,
    )
