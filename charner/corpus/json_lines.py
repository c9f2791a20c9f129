"""JSON lines with text and entities, as annotation tools and `charner tag` write them."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from charner.corpus.annotated_text import AnnotatedText, tagged_sentences
from charner.corpus.mistakes import NOT_ACCEPTED, Mistakes
from charner.corpus.sentence import Sentence
from charner.corpus.text_lines import text_lines
from charner.corpus.tokens import Offsets
from charner.support.errors import InputError
from charner.tags.spans import Span

ANNOTATION = ("spans", "tokens", "label", "labels", "entities", "answer")
"""The fields that hold what an annotator did, in any of the tools."""

TEXTS = ("text", "data")
"""The field with the text; `data` is that of older versions of doccano."""

_ENTITIES = ("spans", "label", "labels", "entities")


def read_json_lines(path: Path, mistakes: Mistakes, language: str) -> Iterator[Sentence]:
    """Streams the sentences of a file; each line is a document.

    The entities of a text are in one of these fields, or the same in several:

    - `spans`: objects with `start`, `end` and `label` (Prodigy, which may add `tokens`);
    - `label` or `labels`: lists of start, end and type (doccano);
    - `entities`: objects with `start`, `end` and `type` (`charner tag`), or with `start_offset`,
      `end_offset` and `label` (doccano with relations).

    Each form is read in any of them. Offsets are in code points. Records that Prodigy's user
    rejected or ignored are left out.

    Raises:
        InputError: a line is not such an object, its fields have different entities, or an entity
            is not as `tagged_sentences` wants it; the message names the file and the line.
    """
    for number, line in text_lines(path):
        if not line.strip():
            continue
        location = f"{path}:{number}"
        try:
            record = json_object(line, location)
        except ValueError as error:
            raise InputError(f"{error}; each line should be a JSON object") from None
        answer = record.get("answer", "accept")
        if answer != "accept":
            mistakes.add(NOT_ACCEPTED, f"{location}: {answer!r}")
            continue
        try:
            document = _document(record, number)
        except ValueError as error:
            raise InputError(f"{location}: {error}") from None
        yield from tagged_sentences(document, location, mistakes, language)


def _document(record: dict[str, Any], number: int) -> AnnotatedText:
    """Raises a ValueError that says why, but not where."""
    text = next((record[name] for name in TEXTS if isinstance(record.get(name), str)), None)
    if text is None:
        raise ValueError("has no text in the field `text`")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"the text has half a character at {error.start}") from None
    fields = [name for name in _ENTITIES if record.get(name) is not None]
    if not fields:
        if "answer" not in record:
            raise ValueError(f"has no entities: none of the fields {', '.join(_ENTITIES)}")
        return AnnotatedText(text, [], number)
    field, *others = fields
    entities = _entities(record, field, text)
    for other in others:
        try:
            is_same = {*_entities(record, other, text)} == {*entities}
        except ValueError:
            is_same = _are_of_document(record[other])
        if not is_same:
            raise ValueError(f"`{field}` and `{other}` have different entities; remove one")
    tokens = record.get("tokens") if field == "spans" else None
    return AnnotatedText(text, entities, number, None if tokens is None else _tokens(tokens, text))


def _are_of_document(labels: Any) -> bool:
    """Whether these are one or more classes of the whole document, and no entities."""
    labels = labels if isinstance(labels, list) else [labels]
    return not any(isinstance(label, list | dict) for label in labels)


def _entities(record: dict[str, Any], field: str, text: str) -> list[Span]:
    if not isinstance(record[field], list):
        raise ValueError(f"`{field}` is not a list")
    return [_entity(item, text) for item in record[field]]


def _entity(item: Any, text: str) -> Span:
    match item:
        case [start, end, str(name)] if _are_integers(start, end):
            return Span(name, start, end)
        case dict():
            start, end = _offsets(item, text)
            label = item.get("label", item.get("type"))
            if isinstance(label, str):
                return Span(label, start, end)
            raise ValueError(f"the entity {item} has no type")
    raise ValueError(f"the entity {item} is not a list of start, end and type")


def _tokens(items: Any, text: str) -> list[Offsets]:
    """The offsets of Prodigy's tokens, which are all of the text but white space."""
    if not isinstance(items, list):
        raise ValueError("`tokens` is not a list")
    tokens = [_offsets(item, text) for item in items]
    position = 0
    for start, end in [*tokens, (len(text), len(text))]:
        if not position <= start <= end:
            raise ValueError(f"the token from {start} to {end} overlaps the one before it")
        if text[position:start].strip():
            raise ValueError(f"no token holds {text[position:start].strip()!r}")
        position = end
    return tokens


def _offsets(item: Any, text: str) -> Offsets:
    """The offsets of an object; if it has a text of its own, they must hold it."""
    match item:
        case {"start": start, "end": end} if _are_integers(start, end):
            pass
        case {"start_offset": start, "end_offset": end} if _are_integers(start, end):
            pass
        case _:
            raise ValueError(f"{item} has no offsets: start and end, in characters")
    own = item.get("text")
    if own is not None and own != text[start:end]:
        raise ValueError(
            f"from {start} to {end} the text has {text[start:end]!r}, not {own!r}; offsets count"
            " characters (code points), not bytes"
        )
    return start, end


def _are_integers(*offsets: Any) -> bool:
    return all(type(offset) is int for offset in offsets)  # `true` and `false` are none


def json_object(text: str, location: str) -> dict[str, Any]:
    """Parses a JSON object, of the file and line that `location` names in messages.

    Raises:
        ValueError: it is not a JSON object; the message says where and why.
    """
    try:
        record = json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        message = f"{location}: not valid JSON: {error.msg} at character {error.pos + 1}"
        raise ValueError(message) from None
    except (RecursionError, ValueError) as error:  # nested too deeply, or too many digits
        raise ValueError(f"{location}: JSON that cannot be read: {error}") from None
    if not isinstance(record, dict):
        raise ValueError(f"{location}: not a JSON object")
    return record


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuses a key that is there twice, of which Python would take the last."""
    record = dict(pairs)
    if len(record) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the key {twice!r} is there twice")
    return record


def _refuse_constant(name: str) -> None:
    """Refuses NaN and Infinity, which Python reads and writes but JSON does not allow."""
    raise ValueError(f"{name} is not valid JSON")


def _finite(number: str) -> float:
    """Refuses numbers such as 1e999, which Python would write as Infinity."""
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"the number {number} is too large")
    return value
