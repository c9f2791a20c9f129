"""Detects the tag scheme of a corpus."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from charner.support.errors import InputError
from charner.tags.schemes import OUTSIDE, PREFIXES, is_entity_type, is_legal, split_tag


class Fit(NamedTuple):
    """A scheme, how many tags are illegal in it, and a description of the first of them."""

    scheme: str
    violations: int = 0
    first_violation: str = ""


class SchemeDetector:
    """Detects the scheme in which all added sentences are legal."""

    def __init__(self, scheme: str = "auto"):
        """Makes a detector without sentences.

        Args:
            scheme: `auto`, or the name of the only scheme that is allowed.
        """
        self._violations: Counter[str] = Counter()
        self._first_violation: dict[str, str] = {}
        self._candidates = list(PREFIXES) if scheme == "auto" else [scheme]

    def add(self, path: Path, tags: list[str], lines: list[int]) -> None:
        """Adds one sentence: its tags, and their line numbers in `path`.

        Raises:
            InputError: a tag is none in any scheme, so it cannot be read.
        """
        for name, line in zip(tags, lines, strict=True):
            if not _is_tag(name):
                raise InputError(
                    f"{path}:{line}: {name!r} is not a tag; a tag is O, or B-, I-, E- or S- and an"
                    " entity type, a word without < and >"
                )
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

    def fit(self) -> "Fit":
        """The scheme that fits all sentences added so far, or the most of their tags."""
        best = min(self._candidates, key=lambda scheme: self._violations[scheme])
        if not (count := self._violations[best]):
            return Fit(best)
        found = f"{self._first_violation[best]} is not legal in {best}"
        if len(self._candidates) > 1:
            found += ", the scheme that fits best"
        return Fit(best, count, found)


def _is_tag(tag: str) -> bool:
    prefix, entity_type = split_tag(tag)
    if entity_type is None:
        return tag == OUTSIDE
    return prefix in tuple(PREFIXES["BIOES"]) and is_entity_type(entity_type)
