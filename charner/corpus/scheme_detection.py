"""Detects the tag scheme of a corpus."""

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
        """Allows all schemes if `scheme` is `auto`, otherwise only this one."""
        self._fits = {name: Fit(name) for name in PREFIXES if scheme in ("auto", name)}

    def add(self, path: Path, tags: list[str], lines: list[int]) -> None:
        """Adds one sentence: its tags, and their line numbers in `path`.

        Raises:
            InputError: a tag is none in any scheme, so it cannot be read.
        """
        for name, line in zip(tags, lines, strict=True):
            if not _is_tag(name):
                raise InputError(
                    f"{path}:{line}: {name!r} is not a tag; a tag is O, or B-, I-, E- or S- and an"
                    " entity type without < and >; in columns, char_encode.tag_column says where"
                    " tags are"
                )
        steps = [*zip([None, *tags], [*tags, None], [*lines, lines[-1]], strict=True)]
        for scheme, fit in self._fits.items():
            for previous, tag, line in steps:
                if not is_legal(scheme, previous, tag):
                    first = fit.first_violation or f"{path}:{line}: {_described(previous, tag)}"
                    fit = Fit(scheme, fit.violations + 1, first)
            self._fits[scheme] = fit

    def fit(self) -> Fit:
        """The scheme that fits all sentences added so far, or the most of their tags."""
        best = min(self._fits.values(), key=lambda fit: fit.violations)
        if not best.violations:
            return best
        note = ", the scheme that fits best" if len(self._fits) > 1 else ""
        message = f"{best.first_violation} is not legal in {best.scheme}{note}"
        return best._replace(first_violation=message)


def _described(previous: str | None, tag: str | None) -> str:
    position = f"after {previous}" if previous else "at the start of a sentence"
    return f"tag {tag} {position}" if tag else f"sentence ends {position}"


def _is_tag(tag: str) -> bool:
    prefix, entity_type = split_tag(tag)
    if entity_type is None:
        return tag == OUTSIDE
    return prefix in tuple(PREFIXES["BIOES"]) and is_entity_type(entity_type)
