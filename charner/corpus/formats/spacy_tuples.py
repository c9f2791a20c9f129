"""Texts with entities as spaCy 2 was trained with: `["Ann left.", {"entities": [[0, 3, "PER"]]}]`.

ner-annotator writes the same.
"""

from collections.abc import Iterable
from typing import Any

from charner.corpus.annotated_text import AnnotatedText, tagged_sentences
from charner.corpus.formats.entities import entities_of, whole_characters
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence


def recognises(record: Any) -> bool:
    """Whether it is a list of a text and an object."""
    match record:
        case [str(), dict()]:
            return True
    return False


def sentences(record: Any, location: str, number: int, options: Options) -> Iterable[Sentence]:
    """The sentences of a text.

    Raises:
        ValueError: the object has no entities, or one is not a list of start, end and type.
        InputError: see `tagged_sentences`.
    """
    text, annotations = record
    if not isinstance(annotations.get("entities"), list):
        raise ValueError("the object beside the text has no list `entities`")
    document = AnnotatedText(
        whole_characters(text), entities_of(annotations["entities"], text), number
    )
    return tagged_sentences(document, location, options.mistakes, options.language)
