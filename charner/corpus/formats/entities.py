"""Entities in JSON: lists of start, end and type, or objects with these."""

from typing import Any

from charner.corpus.tokens import Offsets
from charner.tags.spans import Span


def entities_of(items: Any, text: str) -> list[Span]:
    """The entities of a list, each `[start, end, type]` or an object.

    An object has `start` and `end`, or `start_offset` and `end_offset`, and `label`, `labels` (of
    one label) or `type`. If it has a `text`, this must be what is at the offsets.

    Raises:
        ValueError: an item is no entity of the text.
    """
    return [_entity(item, text) for item in items]


def _entity(item: Any, text: str) -> Span:
    match item:
        case [start, end, str(name)] if _are_integers(start, end):
            return Span(name, start, end)
        case dict():
            start, end = offsets_of(item, text)
            labels = item.get("labels")
            if isinstance(labels, list) and len(labels) > 1:
                raise ValueError(f"the entity {item} has several types; an entity has one")
            label = labels[0] if isinstance(labels, list) and labels else labels
            label = label or item.get("label", item.get("type"))
            if isinstance(label, str):
                return Span(label, start, end)
            raise ValueError(f"the entity {item} has no type")
    raise ValueError(f"the entity {item} is not a list of start, end and type")


def offsets_of(item: Any, text: str) -> Offsets:
    """The offsets of an object.

    Raises:
        ValueError: it has none, or its `text` is not what is there.
    """
    match item:
        case {"start": start, "end": end} if _are_integers(start, end):
            pass
        case {"start_offset": start, "end_offset": end} if _are_integers(start, end):
            pass
        case _:
            raise ValueError(f"{item} has no offsets: start and end, in characters")
    own = item.get("text")
    if own is not None and own != text[start:end]:
        message = f"from {start} to {end} the text has {text[start:end]!r}, not {own!r}; offsets"
        units = text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end]
        if isinstance(own, str) and units == own.encode("utf-16-le", "surrogatepass"):
            raise ValueError(f"{message} count characters (code points); these count UTF-16 units")
        raise ValueError(f"{message} count characters (code points), not bytes")
    return start, end


def _are_integers(*offsets: Any) -> bool:
    return all(type(offset) is int for offset in offsets)  # `true` and `false` are none


def whole_characters(text: str) -> str:
    """The text.

    Raises:
        ValueError: it has half a character, a lone surrogate.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"the text has half a character at {error.start}") from None
    return text
