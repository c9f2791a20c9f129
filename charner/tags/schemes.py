"""Tag schemes, which write entities as one tag for each token: IOB1, IOB2 and BIOES.

`O` is a token outside of entities. `B-X`, `I-X` and `E-X` are the first token, a middle token and
the last token of an entity of type X, `S-X` is the only token. IOB1 and IOB2 have no E and S. IOB2
starts every entity with B, IOB1 only one that directly follows another of the same type (Tjong Kim
Sang and Veenstra 1999, "Representing Text Chunks").
"""

from collections.abc import Iterable
from functools import lru_cache

PAD = 0  # the id of padding, and of the positions before and after a sentence
PAD_TAG = "<PAD>"
OUTSIDE = "O"
PREFIXES = {"IOB1": "BI", "IOB2": "BI", "BIOES": "BIES"}


def split_tag(tag: str | None) -> tuple[str, str | None]:
    """Splits a tag: `B-PER` to (`B`, `PER`); `O` or None (end of a sentence) to (`O`, None)."""
    if tag is None or tag == OUTSIDE:
        return OUTSIDE, None
    prefix, _, entity_type = tag.partition("-")
    return prefix, entity_type


def is_entity_type(name: str) -> bool:
    """Whether a name can be an entity type: characters that print, without `<` and `>`.

    Names come from corpora and models, and go into pages and terminals as they are. An invisible
    character, such as a no-break space or a space at its end, would make another type.
    """
    is_visible = name.isprintable() and name == name.strip(" ")
    return bool(name) and is_visible and not any(mark in name for mark in "<>")


@lru_cache(maxsize=4096)
def is_legal(scheme: str, previous: str | None, tag: str | None) -> bool:
    """Whether `tag` may follow `previous`; None is the start or the end of a sentence."""
    prefix, entity_type = split_tag(tag)
    if tag not in (OUTSIDE, None) and (prefix not in tuple(PREFIXES[scheme]) or not entity_type):
        return False
    previous_prefix, previous_type = split_tag(previous)
    same_type = entity_type is not None and entity_type == previous_type
    if scheme == "IOB1":
        return prefix != "B" or same_type
    if scheme == "IOB2":
        return prefix != "I" or same_type
    inside = previous_prefix in ("B", "I")
    continues = prefix in ("I", "E")
    return inside == continues and (same_type or not continues)


def to_iob2(tags: list[str]) -> list[str]:
    """Converts tags of any scheme to IOB2.

    They are read as by conlleval (Tjong Kim Sang and De Meulder 2003): an entity begins at B- and
    S-, and at I- and E- where no entity of their type goes on. In tags that are legal in their
    scheme, these are the entities that were meant.
    """
    converted = []
    previous_type = None  # of the entity that may go on
    for tag in tags:
        prefix, entity_type = split_tag(tag)
        if entity_type is not None:
            begins = prefix in ("B", "S") or entity_type != previous_type
            tag = f"{'B' if begins else 'I'}-{entity_type}"
        converted.append(tag)
        previous_type = None if prefix in ("E", "S") else entity_type
    return converted


def to_bioes(tags: list[str]) -> list[str]:
    """Converts tags to BIOES; they must be legal in IOB2."""
    converted = []
    for tag, following in zip(tags, [*tags[1:], OUTSIDE], strict=True):
        prefix, entity_type = split_tag(tag)
        if entity_type is not None and not following.startswith("I-"):
            tag = f"{'S' if prefix == 'B' else 'E'}-{entity_type}"
        converted.append(tag)
    return converted


def bioes_tags(entity_types: Iterable[str]) -> list[str]:
    """All tags of BIOES, PAD first."""
    prefixes = PREFIXES["BIOES"]
    return [PAD_TAG, OUTSIDE, *(f"{prefix}-{name}" for name in entity_types for prefix in prefixes)]
