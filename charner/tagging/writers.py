"""Output formats of tagged documents: JSON lines, CoNLL columns, terminal colours, HTML."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial

from charner.corpus.formats.column_layout import (
    DOCUMENT_START,
    at_spaces_and_tabs,
    at_tabs,
    is_document_start,
)
from charner.corpus.formats.prodigy_and_doccano import ANNOTATION
from charner.support.errors import InputError
from charner.tagging.marks import PROBABILITY_DIGITS, Marks, escaped, printable
from charner.tagging.readers import TextDocument, TokenDocument
from charner.tagging.tagger import Entity, TaggedText
from charner.tags.schemes import OUTSIDE

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
BACKGROUNDS = (103, 106, 102, 105, 104, 101)  # terminal codes of bright colours


class UnwritableError(ValueError):
    """A document cannot be written in a format; the message says why, but not where."""


Read = TextDocument | TokenDocument


@dataclass(frozen=True)
class Format:
    """An output format: what is written for each document, and before, between and after them.

    `document` raises UnwritableError.
    """

    document: Callable[[Read, TaggedText], str]
    head: str = ""
    between: str = ""
    foot: str = ""


def format_of(name: str, types: list[str], language: str) -> Format:
    """The output format with this name.

    Args:
        name: jsonl, doccano, prodigy, label-studio, conll, ansi or html.
        types: all entity types.
        language: the language of the text.
    """
    formats: dict[str, Callable[[], Format]] = {
        "jsonl": jsonl,
        "doccano": doccano,
        "prodigy": prodigy,
        "label-studio": label_studio,
        "conll": conll,
        "ansi": partial(ansi, types),
        "html": partial(page, types, language),
    }
    return formats[name]()


def jsonl() -> Format:
    """JSON lines: each document's record, or its text, with its `entities`."""
    return Format(
        lambda document, tagged: _json_line(
            {**_record(document, tagged), "entities": entity_records(tagged)}
        )
    )


def check_text_field(name: str) -> None:
    """Checks the field of a record that holds its text, where the record is written again.

    Raises:
        InputError: the entities would overwrite the text.
    """
    if name == "entities":
        raise InputError("the text cannot be in the field `entities`, which is written")


def entity_records(tagged: TaggedText) -> list[dict]:
    """The entities of a text, each with `type`, `start`, `end`, `text` and a rounded `score`."""
    return [
        {**asdict(entity), "score": round(entity.score, PROBABILITY_DIGITS)}
        for entity in tagged.entities
    ]


def encoded(text: str) -> bytes:
    """UTF-8; a lone surrogate, which JSON may contain, is written as an escape."""
    return text.encode("utf-8", "backslashreplace")


def lowest_score(min_score: float) -> float:
    """The limit for probabilities that are not rounded yet: rounded, they may equal `min_score`."""
    return min_score - 0.5 * 10**-PROBABILITY_DIGITS


def doccano() -> Format:
    """JSON lines that doccano imports: with a `label`, lists of start, end and type."""
    return _for_tool("label", lambda entity: [entity.start, entity.end, entity.type])


def prodigy() -> Format:
    """JSON lines that Prodigy reads: with `spans`, objects with `start`, `end` and `label`."""
    return _for_tool(
        "spans",
        lambda entity: {"start": entity.start, "end": entity.end, "label": entity.type},
    )


def label_studio() -> Format:
    """The tasks that Label Studio imports, each with a prediction: a JSON array.

    The names are those of its template for named entity recognition: the labels are `label`, the
    text is `text`. A prediction has the score of its least certain entity.
    """

    def task(document: Read, tagged: TaggedText) -> str:
        entities = entity_records(tagged)
        results = [
            {
                "id": f"entity{number}",
                "from_name": "label",
                "to_name": "text",
                "type": "labels",
                "value": {
                    **{name: entity[name] for name in ("start", "end", "text")},
                    "labels": [entity["type"]],
                },
                "score": entity["score"],
            }
            for number, entity in enumerate(entities, start=1)
        ]
        score = min((entity["score"] for entity in entities), default=1.0)
        predictions = [{"model_version": "charner", "score": score, "result": results}]
        data = {**_without_annotation(document, tagged), "text": tagged.text}
        return _json_line({"data": data, "predictions": predictions}).rstrip("\n")

    return Format(task, "[\n", ",\n", "\n]\n")


def _for_tool(field: str, item: Callable[[Entity], object]) -> Format:
    """JSON lines with a field that holds an item for each entity."""

    def line(document: Read, tagged: TaggedText) -> str:
        others = _without_annotation(document, tagged)
        items = [item(entity) for entity in tagged.entities]
        return _json_line({"text": tagged.text, **others, field: items})

    return Format(line)


def _without_annotation(document: Read, tagged: TaggedText) -> dict:
    """The record without its text, and without older annotation.

    The tools want the text in `text`: another one there moves to `meta`, which they show. What an
    annotator has put into the record before is left out: whoever reads it later would take it for
    the entities.
    """
    record = _record(document, tagged)
    text_field = document.text_field if isinstance(document, TextDocument) else "text"
    left_out = {*ANNOTATION, "text", text_field}
    others = {name: value for name, value in record.items() if name not in left_out}
    if text_field != "text" and "text" in record:
        meta = others.get("meta", {})
        if not isinstance(meta, dict) or "text" in meta:
            meta = {"meta": meta}
        others["meta"] = {**meta, "text": record["text"]}
    return others


def _record(document: Read, tagged: TaggedText) -> dict:
    file = {"file": document.title} if document.title else {}
    return {**file, **(document.record or {"text": tagged.text})}


def _json_line(record: dict) -> str:
    try:
        return json.dumps(record, ensure_ascii=False) + "\n"
    except RecursionError:
        raise UnwritableError("the record is nested too deeply") from None


def conll() -> Format:
    """CoNLL columns: a token and its tag on each line; input columns are kept before the tag."""

    def columns(document: Read, tagged: TaggedText) -> str:
        if isinstance(document, TokenDocument):
            tags = (tag for sentence in tagged.sentences for tag in sentence.tags)
            lines = (_with_tag(line, document.separator, tags) for line in document.lines)
            return "".join(f"{line}\n" for line in lines)
        if any(DOCUMENT_START in sentence.tokens for sentence in tagged.sentences):
            raise UnwritableError(
                f"the token {DOCUMENT_START} would start a document in CoNLL columns"
            )
        if _HALF_CHARACTER.search(tagged.text):
            raise UnwritableError("half a character cannot be written in CoNLL columns")
        written = f"{DOCUMENT_START} {OUTSIDE}\n\n"
        for sentence in tagged.sentences:
            rows = zip(sentence.tokens, sentence.tags, strict=True)
            written += "".join(f"{token} {_in_a_column(tag)}\n" for token, tag in rows) + "\n"
        return written

    return Format(columns)


def _with_tag(line: str, separator: str, tags: Iterator[str]) -> str:
    columns = at_tabs(line) if separator == "\t" else at_spaces_and_tabs(line)
    if not columns[0]:
        return line
    tag = OUTSIDE if is_document_start(line, columns) else next(tags)
    return line.rstrip(" \t") + separator + _in_a_column(tag)


def _in_a_column(tag: str) -> str:
    """A tag without spaces, which separate columns; those of a type become `_`."""
    return tag.replace(" ", "_")


def ansi(types: list[str]) -> Format:
    """Text with coloured entities, for a terminal."""
    codes = {name: BACKGROUNDS[i % len(BACKGROUNDS)] for i, name in enumerate(types)}

    def coloured(entity: Entity, text: str) -> str:
        colour = f"\033[30;{codes[entity.type]}m"
        lines = "\n".join(f"{colour}{line}\033[0m" for line in text.split("\n"))
        return f"{lines}\033[2m/{entity.type}\033[0m"

    return Format(lambda _, tagged: _marked(tagged, printable, coloured) + "\n")


def page(types: list[str], language: str) -> Format:
    """A self-contained HTML page with highlighted entities."""
    marks = Marks(types)

    def article(document: Read, tagged: TaggedText) -> str:
        title = f"<h2>{escaped(document.title)}</h2>\n" if document.title else ""
        text = _marked(tagged, escaped, lambda e, text: marks.mark(e.type, text, e.score))
        return f'{title}<article dir="auto">{text}</article>\n'

    head = PAGE_HEAD.format(style=marks.style, legend=marks.legend, language=language)
    return Format(article, head, foot=PAGE_FOOT)


def _marked(
    tagged: TaggedText, write: Callable[[str], str], mark: Callable[[Entity, str], str]
) -> str:
    """The text with `write` applied to all of it, and `mark` to its entities."""
    parts: list[str] = []
    position = 0
    for entity in tagged.entities:
        parts += [write(tagged.text[position : entity.start]), mark(entity, write(entity.text))]
        position = entity.end
    return "".join([*parts, write(tagged.text[position:])])


PAGE_HEAD = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Named entities</title>
<style>
body {{ max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff;
  font: 1.05rem/1.8 Georgia, serif }}
header {{ margin-bottom: 1.5rem; font-family: sans-serif; font-size: .9rem }}
h2 {{ font: bold 1rem sans-serif; margin: 2rem 0 .5rem; overflow-wrap: anywhere }}
article {{ padding: .5rem 0; border-bottom: 1px solid #ddd; white-space: pre-wrap;
  overflow-wrap: anywhere; min-height: 1.8em }}
@media print {{ body {{ margin: 0; max-width: none; font-size: 11pt }}
  mark {{ outline: 1px solid #888 }} article {{ border-color: #aaa }} }}
{style}
</style>
</head>
<body>
<header>Entities: {legend}</header>
<main lang="{language}">
"""
PAGE_FOOT = "</main>\n</body>\n</html>\n"
