"""Texts with entities as Prodigy, doccano and `charner tag` write them."""

from collections.abc import Iterable
from typing import Any

from charner.corpus.annotated_text import AnnotatedText, tagged_sentences
from charner.corpus.formats.entities import entities_of, offsets_of, whole_characters
from charner.corpus.mistakes import (
    BINARY,
    DIFFERENT_FIELDS,
    NOT_ACCEPTED,
    REJECTED_SPAN,
    Mistakes,
)
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence
from charner.corpus.tokens import Offsets

ANNOTATION = ("spans", "tokens", "label", "labels", "entities", "ents", "answer")
"""The fields that hold what an annotator did, in any of the tools."""

TEXTS = ("text", "data")
"""The field with the text; `data` is that of older versions of doccano."""

_ENTITIES = ("label", "labels", "spans", "entities", "ents")


def recognises(record: Any) -> bool:
    """Whether it is an object: what it lacks is told when it is read."""
    return isinstance(record, dict)


def sentences(record: Any, location: str, number: int, options: Options) -> Iterable[Sentence]:
    """The sentences of a text; none if Prodigy's user did not accept the record.

    The entities are in one of these fields, or the same in several:

    - `spans`: objects with `start`, `end` and `label` (Prodigy, which may add `tokens`);
    - `label` or `labels`: lists of start, end and type (doccano);
    - `entities`: objects with `start`, `end` and `type` (`charner tag`), or with `start_offset`,
      `end_offset` and `label` (doccano with relations), or lists (older versions of doccano);
    - `ents`: objects with `start`, `end` and `label` (`Doc.to_json` of spaCy).

    Each form is read in any of them. doccano keeps the fields that it imported: a field of it
    counts more than one of Prodigy, which may be empty. Offsets are in code points.

    Raises:
        ValueError: the object has no text or no entities, or one of its fields is not as it should
            be.
        InputError: see `tagged_sentences`; or two fields have different entities, and mistakes are
            not repaired.
    """
    mistakes = options.mistakes
    answer = record.get("answer", "accept")
    if answer != "accept":
        mistakes.add(NOT_ACCEPTED, f"{location}: {answer!r}")
        return []
    if record.get("_is_binary"):
        mistakes.add(BINARY, location)
    text = next((record[name] for name in TEXTS if isinstance(record.get(name), str)), None)
    if text is None:
        raise ValueError(f"has no text in the field `text`; has {_names(record) or 'no field'}")
    whole_characters(text)
    field = _field(record, text, location, mistakes)
    items = _accepted(record[field], location, mistakes) if field else []
    tokens = record.get("tokens") if "spans" in record else None
    document = AnnotatedText(
        text, entities_of(items, text), number, None if tokens is None else _tokens(tokens, text)
    )
    return tagged_sentences(document, location, mistakes, options.language)


def _field(record: dict[str, Any], text: str, location: str, mistakes: Mistakes) -> str | None:
    """The field with the entities; None: the record was accepted without any."""
    there = [name for name in _ENTITIES if record.get(name) is not None]
    if not there:
        if "answer" not in record:
            raise ValueError(
                f"has no entities: none of the fields {', '.join(_ENTITIES)}; has {_names(record)}"
            )
        return None
    of_entities = [name for name in there if not _are_of_document(record[name])]
    if not of_entities:
        raise ValueError(
            f"`{there[0]}` is of the whole text, {record[there[0]]!r}; a tagger is trained on"
            " entities, each with start, end and type"
        )
    first, *others = of_entities
    for name in of_entities:
        if not isinstance(record[name], list):
            raise ValueError(f"`{name}` is not a list")
    entities = {*entities_of(record[first], text)}
    for name in others:
        others_entities = {*entities_of(record[name], text)}
        if others_entities and others_entities != entities:
            message = f"`{first}` and `{name}` have different entities"
            mistakes.add(DIFFERENT_FIELDS, f"{location}: {message}")
    return first


def _names(record: dict[str, Any]) -> str:
    return ", ".join(f"`{name}`" for name in record)


def _accepted(items: list, location: str, mistakes: Mistakes) -> list:
    """The items without those that Prodigy's user rejected one by one."""
    accepted = []
    for item in items:
        if isinstance(item, dict) and item.get("answer", "accept") != "accept":
            mistakes.add(REJECTED_SPAN, f"{location}: {item}")
        else:
            accepted.append(item)
    return accepted


def _are_of_document(labels: Any) -> bool:
    """Whether these are one or more classes of the whole document, and no entities."""
    labels = labels if isinstance(labels, list) else [labels]
    return bool(labels) and not any(isinstance(label, list | dict) for label in labels)


def _tokens(items: Any, text: str) -> list[Offsets]:
    """The offsets of Prodigy's tokens, which are all of the text but white space."""
    if not isinstance(items, list):
        raise ValueError("`tokens` is not a list")
    for item in items:
        if isinstance(item, dict) and (item.get("disabled") or item.get("text") in _WORD_PIECES):
            raise ValueError(
                f"`tokens` are word pieces of a transformer, such as {item.get('text')!r}; remove"
                " the field, and the text is split into words"
            )
    tokens = [offsets_of(item, text) for item in items]
    position = 0
    for start, end in [*tokens, (len(text), len(text))]:
        if not position <= start <= end:
            raise ValueError(f"the token from {start} to {end} overlaps the one before it")
        if text[position:start].strip():
            raise ValueError(f"no token holds {text[position:start].strip()!r}")
        position = end
    return tokens


_WORD_PIECES = ("[CLS]", "[SEP]", "<s>", "</s>")
