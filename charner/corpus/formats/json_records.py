"""JSON: an object or list on each line, or an array of them; each is a record.

The file of a format of records has two functions: `recognises(record)`, and `sentences(record,
location, number, options)`, which raises a ValueError that says why, but not where. To add a
format, write such a file and add it to `FORMATS`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from charner.corpus.formats import (
    hugging_face,
    label_studio,
    prodigy_and_doccano,
    spacy_tuples,
)
from charner.corpus.mistakes import SEVERAL_ANNOTATORS
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence
from charner.corpus.strict_json import json_value
from charner.corpus.text_lines import text_lines
from charner.support.errors import InputError

# The first that recognises a record reads it.
FORMATS: tuple[ModuleType, ...] = (label_studio, hugging_face, spacy_tuples, prodigy_and_doccano)
# A line of columns may begin with a bracket, too.
_BEGINNING = re.compile(rb'\s*(?:\{\s*["}]|\[\s*(?:[\[{]|"(?:[^"\\]|\\.)*"\s*,))')


def recognises(path: Path, beginning: bytes) -> bool:
    """Whether a file begins as a JSON object does, or as a list of lists, objects or texts."""
    return bool(_BEGINNING.match(beginning))


def read(path: Path, options: Options) -> Iterator[Sentence]:
    """Streams the sentences of a file; each record is a document, or a sentence.

    JSON lines are read one by one, an array as a whole. The array may be in the field `annotations`
    of an object with `classes` (ner-annotator).

    Raises:
        InputError: a record is in none of the formats, or is not as its format wants it; the
            message names the file, and the line or the number of the record.
    """
    tasks: set[Any] = set()
    for location, number, record in _records(path):
        chosen = next((each for each in FORMATS if each.recognises(record)), None)
        if not chosen:
            raise InputError(f"{location}: holds no text with entities in any of the known formats")
        if chosen is label_studio and (task := label_studio.task_of_minimal(record)) is not None:
            if task in tasks:
                options.mistakes.add(SEVERAL_ANNOTATORS, location)
                continue
            tasks.add(task)
        try:
            yield from chosen.sentences(record, location, number, options)
        except ValueError as error:
            raise InputError(f"{location}: {error}") from None


def _records(path: Path) -> Iterator[tuple[str, int, Any]]:
    """The records of a file, with their location for messages, and their number from 1."""
    last = 0
    for location, number, value in _values(path):
        items = _items(value)
        if items is None:
            last = max(number, last + 1)
            yield location, last, value
            continue
        for item, record in enumerate(items, start=1):
            last += 1
            if record is not None:  # a text that was skipped in ner-annotator
                yield f"{location}: record {item}", last, record


def _values(path: Path) -> Iterator[tuple[str, int, Any]]:
    """The JSON values of a file, one on each line or one in all; with location and line."""
    is_first = True
    for number, line in text_lines(path):
        if not line.strip():
            continue
        location = f"{path}:{number}"
        try:
            value = json_value(line, location)
        except ValueError as error:
            if not is_first:
                raise InputError(f"{error}; each line should be a JSON object") from None
            yield str(path), number, _value_of_whole_file(path, line, error)
            return
        is_first = False
        yield location, number, value


def _items(value: Any) -> list | None:
    """The records in a value; None: it is one itself."""
    match value:
        case [str(), *_]:  # one of spaCy's tuples
            return None
        case list() | {"classes": _, "annotations": list()}:
            return value if isinstance(value, list) else value["annotations"]
    return None


def _value_of_whole_file(path: Path, first_line: str, error_of_line: ValueError) -> Any:
    """The value of a file that is one JSON value on several lines.

    Raises:
        InputError: it is not.
    """
    try:
        return json_value("\n".join(line for _, line in text_lines(path)), str(path))
    except ValueError as error:
        if first_line.strip() in ("[", "{"):
            raise InputError(str(error)) from None
        raise InputError(f"{error_of_line}; each line should be a JSON object") from None
