"""Tags in other notations than `B-PER`, which are read as if they were written so."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from pathlib import Path

from charner.corpus.mistakes import LOWER_CASE_O, OTHER_NOTATION, Mistakes
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence
from charner.tags.schemes import OUTSIDE

_STANDARD = re.compile(r"O|[BIES]-.+", re.DOTALL)
# The prefixes of schemes that differ from BIOES in their names alone.
_PREFIXES = (
    {"B": "B", "I": "I", "E": "E", "S": "S"},
    {"B": "B", "I": "I", "L": "E", "U": "S"},  # BILOU
    {"B": "B", "M": "I", "E": "E", "S": "S", "W": "S"},  # BMES, BMEWO
)
# Other names of O, in any case; the last also where no other tag has a prefix.
_OUTSIDE = ("-", "_")
_OUTSIDE_OF_TYPES = ("0", "other", "none", "out", "outside")
ONLY_TYPE = "ENTITY"  # of tags without types
_MOST_TYPES = 100  # more different words are no types of entities


def in_standard_notation(
    path: Path, read: Callable[[Path, Options], Iterator[Sentence]], options: Options
) -> Iterator[Sentence]:
    """Yields the sentences of a file; tags that are all in another notation become as `B-PER`.

    Args:
        path: the file.
        read: streams its sentences.
        options: those to read with; tags that were read otherwise are added to the mistakes.

    Raises:
        InputError: a tag o is in lower case, and mistakes are not repaired.
    """
    standard: dict[str, str] | None = None
    all_standard = False
    for sentence in read(path, options):
        if all(map(_STANDARD.fullmatch, sentence.tags)) and not standard:
            yield sentence
            continue
        if standard is None:
            # Read once more: only all tags together show the notation.
            again = read(path, replace(options, mistakes=Mistakes(options.mistakes.repair)))
            counts = Counter(tag for other in again for tag in other.tags)
            standard = standard_tags(counts)
            all_standard = all(tag == "o" or _STANDARD.fullmatch(tag) for tag in counts)
        for tag, line in zip(sentence.tags, sentence.lines, strict=True):
            location = f"{path}:{line}"
            if tag in standard and standard[tag] != tag:
                options.mistakes.add(OTHER_NOTATION, f"{location}: {tag} as {standard[tag]}")
            elif tag == "o" and (standard or all_standard):
                options.mistakes.add(LOWER_CASE_O, f"{location}: tag o in lower case")
        known = standard | {"o": OUTSIDE}
        yield replace(sentence, tags=[known.get(tag, tag) for tag in sentence.tags])


def outside_name(counts: Counter[str]) -> str | None:
    """The most frequent tag, if it is another name of O, and O is not there."""
    (most_frequent, _), *others = counts.most_common()
    if counts.keys() & {OUTSIDE, "o"} or not others:
        return None
    name = most_frequent.lower()
    has_types = all(re.fullmatch(r"[^\W\d][\w-]*", tag) for tag, _ in others)
    has_prefixes = any(_STANDARD.fullmatch(tag) for tag, _ in others)
    if (name in _OUTSIDE_OF_TYPES and has_types) or (name in _OUTSIDE and has_prefixes):
        return most_frequent
    return None


def standard_tags(counts: Counter[str]) -> dict[str, str]:
    """The standard form of each tag of a file, if all are in one notation; else nothing.

    O may have another name (see `outside_name`). The prefixes may have the letters of BILOU or
    BMES, be in lower case, stand after the type, be joined to it by `_`, `:` or nothing, or stand
    alone: then there is one type. Plain types (Stanford) become I-: tokens side by side with the
    same type are then one entity, as in IOB1.

    Args:
        counts: how often the file has each tag.
    """
    if name := outside_name(counts):
        renamed = Counter({OUTSIDE if tag == name else tag: n for tag, n in counts.items()})
        return standard_tags(renamed) | {name: OUTSIDE}
    tags = [tag for tag in counts if tag not in ("O", "o")]
    for prefixes in _PREFIXES:
        for is_lower in (False, True):
            letters = {name.lower() if is_lower else name: p for name, p in prefixes.items()}
            outside = {"o" if is_lower else OUTSIDE: OUTSIDE}
            if tags and set(tags) <= letters.keys():  # without types
                return outside | {tag: f"{letters[tag]}-{ONLY_TYPE}" for tag in tags}
            prefix = f"(?P<prefix>[{''.join(letters)}])"
            for joint in ("-", "_", ":", ""):
                for pattern in (f"{prefix}{joint}(?P<type>.+)", f"(?P<type>.+){joint}{prefix}"):
                    found = [re.fullmatch(pattern, tag, re.DOTALL) for tag in tags]
                    named = {
                        tag: (letters[match["prefix"]], match["type"])
                        for tag, match in zip(tags, found, strict=True)
                        if match
                    }
                    if len(named) == len(tags) and (joint or _is_plausible(named.values())):
                        return outside | {tag: "-".join(parts) for tag, parts in named.items()}
    # A column of parts of speech has no O, or few.
    outside_tag = OUTSIDE if OUTSIDE in counts else "o"
    is_plain = 2 * counts[outside_tag] >= counts.total() and len(tags) <= _MOST_TYPES
    if is_plain and not any("-" in tag for tag in tags):
        return {outside_tag: OUTSIDE} | {tag: f"I-{tag}" for tag in tags}
    return {}


def _is_plausible(named: Collection[tuple[str, str]]) -> bool:
    """Whether letters are prefixes, as in BPER and IPER, and not parts of BRAND and ITEM."""
    begun = {name for prefix, name in named if prefix == "B"}
    others = {name for prefix, name in named if prefix in "IE"}
    return bool(others) and others <= begun
