"""Which entities a model confuses with which."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from charner.corpus.sentence import Sentence

Place = tuple[str, int, int]
"""An entity: its type, start and end (excluded) in tokens."""


class Confusions:
    """Counts the wrong and the missed entities by what is there instead, and keeps the first."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def add(
        self, path: Path, sentence: Sentence, true: Iterable[Place], predicted: Iterable[Place]
    ) -> None:
        """Adds the entities of a sentence.

        An entity that is not found as it is, is confused with the one that begins first of those
        that share a token with it.
        """
        true, predicted = {*true}, {*predicted}

        def count(what: str, entity: Place) -> None:
            _, start, end = entity
            shown = f"{path}:{sentence.lines[start]} {' '.join(sentence.tokens[start:end])}"
            self._counts[what] += 1
            self._first.setdefault(what, shown)

        for entity in sorted(true - predicted, key=lambda entity: entity[1:]):
            name, *place = entity
            found = next(iter(_sharing(entity, predicted)), None)
            if found is None:
                count(f"{name} missed", entity)
            elif found[0] == name:
                count(f"{name} with other ends", entity)
            else:
                ends = "" if [*found[1:]] == place else " with other ends"
                count(f"{name} tagged as {found[0]}{ends}", entity)
        for entity in sorted(predicted - true, key=lambda entity: entity[1:]):
            if not _sharing(entity, true):
                count(f"{entity[0]} where no entity is", entity)

    def report(self, most: int) -> list[str]:
        """Lines on the most frequent confusions, with the first of each.

        Args:
            most: the number of confusions that are shown.
        """
        if not self._counts:
            return []
        shown = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        width = max(len(what) for what, _ in shown[:most])
        lines = [f"{count:6,}  {what:{width}}  {self._first[what]}" for what, count in shown[:most]]
        if len(shown) > most:
            lines.append(
                f"{sum(n for _, n in shown[most:]):6,}  others, of {len(shown) - most} kinds"
            )
        return ["confusions, and the first of each:", *lines]


def _sharing(entity: Place, others: set[Place]) -> list[Place]:
    """The entities that share a token with one, in their order."""
    _, start, end = entity
    return sorted((o for o in others if o[1] < end and start < o[2]), key=lambda o: o[1:])
