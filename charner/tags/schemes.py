"""The ways to write entities as one tag a token: IOB1, IOB2 and BIOES.

`O` is outside of any entity; `B-X`, `I-X`, `E-X` and `S-X` begin, continue, end and are by
themselves an entity of type X. IOB2 marks each first token with B, IOB1 only one that follows
another entity of its type (Tjong Kim Sang and Veenstra 1999, "Representing Text Chunks").
"""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from charner.support.errors import InputError

PAD = 0  # the id of no tag: what stands before and after a sentence, and where no token is
PAD_TAG = "<PAD>"
OUTSIDE = "O"
PREFIXES = {"IOB1": "BI", "IOB2": "BI", "BIOES": "BIES"}


def split_tag(tag: str | None) -> tuple[str, str | None]:
    """`B-PER` -> (`B`, `PER`); `O`, and the end of a sentence (None), -> (`O`, None)."""
    if tag is None or tag == OUTSIDE:
        return OUTSIDE, None
    prefix, _, entity_type = tag.partition("-")
    return prefix, entity_type


@lru_cache(maxsize=4096)
def is_legal(scheme: str, previous: str | None, tag: str | None) -> bool:
    """Whether `tag` may stand after `previous`; None stands for the sentence's start and end."""
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


class SchemeDetector:
    """Finds the one scheme in which all the sentences shown to it are legal."""

    def __init__(self, scheme: str = "auto"):
        """Starts without a sentence.

        Args:
            scheme: `auto`, or the name of the only scheme that is allowed.
        """
        self._violations: Counter[str] = Counter()
        self._first_violation: dict[str, str] = {}
        self._candidates = list(PREFIXES) if scheme == "auto" else [scheme]

    def add(self, path: Path, tags: list[str], lines: list[int]) -> None:
        """Takes in one sentence: its tags, and the line of `path` on which each stands."""
        for scheme in self._candidates:
            previous: str | None = None
            for tag, line in zip([*tags, None], [*lines, lines[-1]], strict=True):
                if not is_legal(scheme, previous, tag):
                    self._violations[scheme] += 1
                    if scheme not in self._first_violation:
                        place = f"after {previous}" if previous else "at the start of a sentence"
                        found = f"tag {tag} {place}" if tag else f"sentence ends {place}"
                        self._first_violation[scheme] = f"{path}:{line}: {found}"
                previous = tag

    def scheme(self) -> str:
        """The scheme of all sentences so far.

        Raises:
            InputError: no scheme fits; names the first breach of the one that fits best.
        """
        best = min(self._candidates, key=lambda scheme: self._violations[scheme])
        if self._violations[best]:
            raise InputError(
                f"{self._first_violation[best]} is not legal in {best}; tag_scheme allows"
                f" {' or '.join(self._candidates)} throughout"
            )
        return best


def to_iob2(tags: list[str], scheme: str) -> list[str]:
    """The same entities in IOB2; `tags` must be legal in `scheme`."""
    if scheme == "IOB2":
        return tags
    converted = []
    previous_type = None
    for tag in tags:
        prefix, entity_type = split_tag(tag)
        if entity_type is not None:
            begins = prefix in ("B", "S") or (scheme == "IOB1" and entity_type != previous_type)
            tag = f"{'B' if begins else 'I'}-{entity_type}"
        converted.append(tag)
        previous_type = entity_type
    return converted


def to_bioes(tags: list[str]) -> list[str]:
    """The same entities in BIOES; `tags` must be legal in IOB2."""
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


def iob2_tags(length: int, entities: Iterable[tuple[str, int, int]]) -> list[str]:
    """The tags of a sentence in IOB2.

    Args:
        length: of the sentence, in tokens.
        entities: as `entities` gives them, none of them overlapping.
    """
    tags = [OUTSIDE] * length
    for entity_type, start, end in entities:
        tags[start:end] = [f"B-{entity_type}"] + [f"I-{entity_type}"] * (end - start - 1)
    return tags


def entities(tags: list[str]) -> list[tuple[str, int, int]]:
    """The entities of a sentence: (type, start, end), in tokens, `end` excluded.

    As conlleval reads IOB2 (Tjong Kim Sang and De Meulder 2003): an I- that continues no entity
    of its type begins one.
    """
    found = []
    start = 0
    current_type: str | None = None
    for position, tag in enumerate([*tags, OUTSIDE]):
        prefix, entity_type = split_tag(tag)
        if current_type is not None and (prefix != "I" or entity_type != current_type):
            found.append((current_type, start, position))
            current_type = None
        if entity_type is not None and current_type is None:
            start, current_type = position, entity_type
    return found
