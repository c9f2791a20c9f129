"""What a corpus has that is not as it should be: refused, repaired and counted, or just counted."""

from dataclasses import dataclass, field
from typing import NamedTuple

from charner.support.errors import InputError, one_line


class Kind(NamedTuple):
    """A kind of mistake: what is told of it, and what `char_encode.mistakes: repair` does.

    Without a remedy it is no mistake, but something to know.
    """

    told: str
    remedy: str | None = None


EMPTY_TOKEN = Kind("lines without a token were skipped", "skips such lines")
LOWER_CASE_O = Kind("tags o were read as O", "reads o as O")
COLUMNS = Kind(
    "of lines with another number of columns than the first, the given columns were taken",
    "takes the token and the tag from the given columns all the same",
)
ILLEGAL_TAG = Kind(
    "tags that do not fit the scheme were read as conlleval does",
    "reads such tags as conlleval does: where no entity goes on, one begins",
)
CUT_TOKEN = Kind("tokens were cut where an entity begins or ends, which tagging cannot do")
SPACE_AROUND_ENTITY = Kind("white space at the ends of entities was left out")
NOT_ACCEPTED = Kind("records whose answer is not accept were left out")


@dataclass
class Mistakes:
    """The mistakes of a corpus. Without `repair`, each one that has a remedy is an error."""

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
        if kind.remedy and not self.repair:
            raise InputError(f"{found}; char_encode.mistakes: repair {kind.remedy}")
        self._counts[kind] = self._counts.get(kind, 0) + count
        self._first.setdefault(kind, found)

    def count(self, kind: Kind) -> int:
        """How many of a kind were found."""
        return self._counts.get(kind, 0)

    def report(self) -> list[str]:
        """A line for each kind that was found: how many, and the first."""
        return [
            one_line(
                f"{'repaired: ' if kind.remedy else ''}{kind.told}; {count:,} in all, the first:"
                f" {self._first[kind]}"
            )
            for kind, count in self._counts.items()
        ]
