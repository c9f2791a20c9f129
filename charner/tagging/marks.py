"""Entities in HTML: escaped text, and marks with a colour for each type."""

import html
import re
from collections.abc import Sequence

PROBABILITY_DIGITS = 4  # decimals, where it is written
COLOURS = ("#ffe08a", "#a5e3ee", "#b8edac", "#f2bdf0", "#c0ccff", "#ffbfae")
MARK_STYLE = """\
mark { color: #222; padding: .1em .25em; border-radius: .25em;
  -webkit-box-decoration-break: clone; box-decoration-break: clone;
  -webkit-print-color-adjust: exact; print-color-adjust: exact }
mark small { margin-inline-start: .4em; font: bold .6em sans-serif; color: #444 }"""

# Control characters could send commands to the terminal or break the page.
_CONTROL = re.compile(r"\r(?!\n)|[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010fffd]")


def printable(text: str) -> str:
    """The text with a replacement character for each control character."""
    return _CONTROL.sub("\ufffd", text)


def escaped(text: str) -> str:
    """The text as it stands in HTML."""
    return html.escape(printable(text))


class Marks:
    """Marks for entities, with a colour for each type."""

    def __init__(self, types: Sequence[str]):
        """Makes the marks of all entity types."""
        self._numbers = {name: number for number, name in enumerate(types)}

    @property
    def style(self) -> str:
        """The CSS of all marks."""
        colours = "\n".join(
            f".t{number} {{ background: {COLOURS[number % len(COLOURS)]} }}"
            for number in self._numbers.values()
        )
        return f"{MARK_STYLE}\n{colours}"

    @property
    def legend(self) -> str:
        """All types, each in its colour."""
        return " ".join(
            f'<mark class="t{number}">{escaped(name)}</mark>'
            for name, number in self._numbers.items()
        )

    def mark(self, name: str, text: str, score: float | None = None) -> str:
        """An entity.

        Args:
            name: the type.
            text: the text, as it stands in HTML.
            score: the probability, which is shown when the pointer rests on the mark; None: none.
        """
        label = escaped(name)
        title = "" if score is None else f' title="{label} {round(score, PROBABILITY_DIGITS)}"'
        return f'<mark class="t{self._numbers[name]}"{title}>{text}<small>{label}</small></mark>'
