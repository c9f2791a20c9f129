"""JSON lines with text and entities, as annotation tools and `charner tag` write them."""

import json
import math
from collections.abc import Callable, Iterator
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


def read_json_lines(path: Path, mistakes: Mistakes, language: str) -> Iterator[Sentence]:
    """Streams the sentences of a file; each line is a document.

    The entities of a text are in one of these fields, or the same in several:

    - `spans`: objects with `start`, `end` and `label` (Prodigy, which may add `tokens`);
    - `label` or `labels`: lists of start, end and type (doccano);
    - `entities`: objects with `start`, `end` and `type` (`charner tag`), or with `start_offset`,
      `end_offset` and `label` (doccano with relations).

    Offsets are in code points. Records that Prodigy's user rejected or ignored are left out.

    Raises:
        InputError: a line is not such an object, its fields have different entities, or an entity
            is not as `tagged_sentences` wants it; the message names the file and the line.
    """
    for number, line in text_lines(path):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            record = json_object(line, place)
            answer = record.get("answer", "accept")
            if answer != "accept":
                mistakes.add(NOT_ACCEPTED, f"{place}: {answer!r}")
                continue
            document = _document(record, number)
        except _MalformedError as error:
            raise InputError(f"{place}: {error}") from None
        except ValueError as error:
            raise InputError(f"{error}; each line should be a JSON object") from None
        yield from tagged_sentences(document, place, mistakes, language)


class _MalformedError(ValueError):
    """A record that is not as it should be; the message says why, but not where."""


def _document(record: dict[str, Any], number: int) -> AnnotatedText:
    text = next((record[name] for name in TEXTS if isinstance(record.get(name), str)), None)
    if text is None:
        raise _MalformedError("has no text in the field `text`")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _MalformedError(f"the text has half a character at {error.start}") from None
    fields = [name for name in _READERS if record.get(name) is not None]
    if not fields:
        if "answer" not in record:
            raise _MalformedError(f"has no entities: none of the fields {', '.join(_READERS)}")
        return AnnotatedText(text, [], number)
    field, *others = fields
    entities = _entities(record, field, text)
    for other in others:
        try:
            differ = {*_entities(record, other, text)} != {*entities}
        except _MalformedError:
            if _is_of_document(record[other]):
                continue
            differ = True
        if differ:
            raise _MalformedError(f"`{field}` and `{other}` have different entities; remove one")
    tokens = record.get("tokens") if field == "spans" else None
    return AnnotatedText(text, entities, number, None if tokens is None else _tokens(tokens, text))


def _is_of_document(value: Any) -> bool:
    """Whether it is a class of the whole document, or several, and no entity."""
    values = value if isinstance(value, list) else [value]
    return not any(isinstance(one, list | dict) for one in values)


def _entities(record: dict[str, Any], field: str, text: str) -> list[Span]:
    if not isinstance(record[field], list):
        raise _MalformedError(f"`{field}` is not a list")
    return [_READERS[field](item, text) for item in record[field]]


def _tokens(given: Any, text: str) -> list[Offsets]:
    """The offsets of Prodigy's tokens, which are all of the text but white space."""
    if not isinstance(given, list):
        raise _MalformedError("`tokens` is not a list")
    tokens = [_offsets(token, text) for token in given]
    position = 0
    for start, end in [*tokens, (len(text), len(text))]:
        if not position <= start <= end:
            raise _MalformedError(f"the token from {start} to {end} overlaps the one before it")
        if text[position:start].strip():
            raise _MalformedError(f"no token holds {text[position:start].strip()!r}")
        position = end
    return tokens


def _from_object(item: Any, text: str) -> Span:
    """An entity that is an object; if it has a text of its own, the offsets must hold it."""
    start, end = _offsets(item, text)
    name = item.get("label", item.get("type"))
    if not isinstance(name, str):
        raise _MalformedError(f"the entity {item} has no type")
    return Span(name, start, end)


def _from_list(item: Any, text: str) -> Span:
    match item:
        case [int(start), int(end), str(name)] if not _has_bool(start, end):
            return Span(name, start, end)
    raise _MalformedError(f"the entity {item} is not a list of start, end and type")


def _offsets(item: Any, text: str) -> Offsets:
    match item:
        case {"start": int(start), "end": int(end)} if not _has_bool(start, end):
            pass
        case {"start_offset": int(start), "end_offset": int(end)} if not _has_bool(start, end):
            pass
        case _:
            raise _MalformedError(f"{item} has no offsets: start and end, in characters")
    own = item.get("text")
    if own is not None and own != text[start:end]:
        raise _MalformedError(
            f"from {start} to {end} the text has {text[start:end]!r}, not {own!r}; offsets count"
            " characters (code points), not bytes"
        )
    return start, end


def _has_bool(*offsets: int) -> bool:
    """Whether an offset is `true` or `false`, which Python takes for a number."""
    return any(isinstance(offset, bool) for offset in offsets)


_READERS: dict[str, Callable[[Any, str], Span]] = {
    "spans": _from_object,
    "label": _from_list,
    "labels": _from_list,
    "entities": _from_object,
}


def json_object(text: str, place: str) -> dict:
    """Parses a JSON object.

    Args:
        text: a line.
        place: its file and line number, for messages.

    Raises:
        ValueError: it is not a JSON object; the message says where and why.
    """
    try:
        record = json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{place}: not valid JSON: {error.msg} at character {error.pos + 1}"
        ) from None
    except (RecursionError, ValueError) as error:  # nested too deeply, or too many digits
        raise ValueError(f"{place}: JSON that cannot be read: {error}") from None
    if not isinstance(record, dict):
        raise ValueError(f"{place}: not a JSON object")
    return record


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuses a key that is there twice, of which Python would take the last."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} is there twice")
    return found


def _refuse_constant(name: str) -> None:
    """Refuses NaN and Infinity, which Python reads and writes but JSON does not allow."""
    raise ValueError(f"{name} is not valid JSON")


def _finite(number: str) -> float:
    """Refuses numbers such as 1e999, which Python would write as Infinity."""
    value = float(number)
    if math.isinf(value):
        raise ValueError(f"the number {number} is too large")
    return value
