"""What is not as it should be in a corpus: refused, repaired and counted, or just counted."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from charner.support.errors import InputError, one_line


class Mistake(NamedTuple):
    """A type of mistake: what was done with it, and what `char_encode.mistakes: repair` does.

    Without a repair it is no mistake, but something to know.
    """

    message: str
    repair: str | None = None


EMPTY_TOKEN = Mistake("lines without a token were skipped", "skips such lines")
LOWER_CASE_O = Mistake("tags o were read as O", "reads o as O")
OTHER_NOTATION = Mistake("tags in another notation were read as B-, I-, E- and S-")
COLUMNS = Mistake(
    "lines whose column count differs from the first line's were read by the given columns",
    "takes the token and the tag from the given columns all the same",
)
ILLEGAL_TAG = Mistake(
    "tags that do not fit the scheme were read as conlleval does",
    "reads such tags as conlleval does: where no entity goes on, one begins",
)
COMMENT = Mistake("lines that begin with # and have no tag were left out, as comments")
NUMBERED = Mistake(
    "the first column counts tokens, so tokens and tags were read from other columns"
    " (char_encode.token_column and tag_column choose them)"
)
SEVERAL_TAG_COLUMNS = Mistake(
    "several columns hold tags (char_encode.tag_column chooses one of them)"
)
PART_OF_NUMBER = Mistake("lines without a whole number in the first column were left out")
ONE_DOCUMENT_LINE = Mistake(
    "the -DOCSTART- line of Label Studio starts no document: each sentence stands by itself"
)
CUT_TOKEN = Mistake(
    "tokens were cut where an entity begins or ends, which tagging cannot do; if there are many:"
    " are offsets counted from 0, and ends excluded?"
)
UTF_16 = Mistake(
    "sentences with emoji or the like and cut tokens: do the offsets count UTF-16 units, as in"
    " JavaScript? They should count characters (code points)"
)
SPACE_AROUND_ENTITY = Mistake("white space at the ends of entities was left out")
DIFFERENT_FIELDS = Mistake(
    "of fields with different entities, that of doccano was read, or the first",
    "reads the field of doccano (`label`), or the first",
)
DOUBLE = Mistake("entities that are there twice were read once")
OVERLAP = Mistake(
    "of entities that overlap, the longest was read", "reads the longest of those that overlap"
)
REJECTED_SPAN = Mistake("spans whose answer is not accept were left out")
BINARY = Mistake(
    "records with `_is_binary` say of one entity whether it is right, and nothing of the others:"
    " what they leave out is learned as no entity"
)
NOT_ANNOTATED = Mistake("tasks without a finished annotation were left out")
SEVERAL_ANNOTATORS = Mistake(
    "of the annotations of a task, the ground truth or else the first finished one was read"
)
TYPE_WITH_SPACES = Mistake("entity types with spaces are written with _ in CoNLL columns")
NOT_ACCEPTED = Mistake("records whose answer is not accept were left out")


@dataclass
class Mistakes:
    """The mistakes of a corpus. Without `repair`, each one that has a repair is an error."""

    repair: bool = False
    counts: Counter[Mistake] = field(default_factory=Counter)
    _first: dict[Mistake, str] = field(default_factory=dict)

    def add(self, mistake: Mistake, first: str, count: int = 1) -> None:
        """Counts mistakes of one type; `first` is where the first is, and what is there.

        Raises:
            InputError: mistakes are not repaired; the message says how they could be.
        """
        if mistake.repair and not self.repair:
            raise InputError(f"{first}; char_encode.mistakes: repair {mistake.repair}")
        self.counts[mistake] += count
        self._first.setdefault(mistake, first)

    def report(self) -> list[str]:
        """A line for each type of mistake: how many there are, and the first."""
        return [
            one_line(
                f"{'repaired: ' if mistake.repair else ''}{mistake.message}; {count:,} in all,"
                f" the first: {self._first[mistake]}"
            )
            for mistake, count in self.counts.items()
        ]
