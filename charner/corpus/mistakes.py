"""Mistakes in a corpus: refused, or repaired and counted."""

from dataclasses import dataclass, field
from typing import NamedTuple

from charner.support.errors import InputError


class Kind(NamedTuple):
    """A kind of mistake: what `char_encode.mistakes: repair` does, and what it then tells."""

    remedy: str
    repaired: str


EMPTY_TOKEN = Kind("skips such lines", "lines without a token were skipped")
LOWER_CASE_O = Kind("reads o as O", "tags o were read as O")
COLUMNS = Kind(
    "takes the token and the tag from the given columns all the same",
    "of lines with another number of columns than the first, the given columns were taken",
)
ILLEGAL_TAG = Kind(
    "reads such tags as conlleval does: where no entity goes on, one begins",
    "tags that do not fit the scheme were read as conlleval does",
)


@dataclass
class Mistakes:
    """The mistakes of a corpus. Without `repair`, each one is an error."""

    repair: bool = False
    _counts: dict[Kind, int] = field(default_factory=dict)
    _first: dict[Kind, str] = field(default_factory=dict)

    def add(self, kind: Kind, found: str, count: int = 1) -> None:
        """Counts mistakes that are repaired.

        Args:
            kind: the kind of all of them.
            found: the file, the line and what is there, of the first.
            count: their number.

        Raises:
            InputError: mistakes are not repaired; the message tells how they could be.
        """
        if not self.repair:
            raise InputError(f"{found}; char_encode.mistakes: repair {kind.remedy}")
        self._counts[kind] = self._counts.get(kind, 0) + count
        self._first.setdefault(kind, found)

    def report(self) -> list[str]:
        """A line for each kind that was found: how many, and the first."""
        return [
            f"repaired: {kind.repaired}; {count:,} in all, the first: {self._first[kind]}"
            for kind, count in self._counts.items()
        ]
