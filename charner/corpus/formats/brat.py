"""brat's standoff format: a folder of texts, `.txt`, each with its entities in a file `.ann`."""

import re
from collections.abc import Iterator
from pathlib import Path

from charner.corpus import BRAT_ANNOTATIONS, BRAT_TEXT
from charner.corpus.annotated_text import AnnotatedText, tagged_sentences
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence
from charner.corpus.text_lines import not_utf8, text_lines
from charner.support.errors import InputError
from charner.tags.spans import Span

# An entity over a line break has several parts (`0 5;6 9`), with white space between.
_ENTITY = re.compile(r"T\d+\t(?P<type>\S+) (?P<offsets>\d+ \d+(?:;\d+ \d+)*)\t(?P<text>.*)")


def recognises(path: Path, beginning: bytes) -> bool:
    """Whether this is a folder."""
    return path.is_dir()


def read(path: Path, options: Options) -> Iterator[Sentence]:
    """Streams the sentences of all texts of a folder; each text is a document.

    Relations, events, attributes and notes are not read.

    Raises:
        InputError: a file of annotations is missing, an entity is not as brat writes it, lies in
            several parts of the text, or is not what is at its offsets.
    """
    texts, annotations = ({*path.glob(f"*{suffix}")} for suffix in (BRAT_TEXT, BRAT_ANNOTATIONS))
    alone = {file.with_suffix("") for file in texts} ^ {
        file.with_suffix("") for file in annotations
    }
    if alone:
        raise InputError(
            f"{min(alone)}: should have two files, {BRAT_TEXT} and {BRAT_ANNOTATIONS}, which is"
            " empty where there are no entities"
        )
    for number, text_path in enumerate(sorted(texts), start=1):
        try:
            text = text_path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise not_utf8(str(text_path), error) from None
        entities = [*_entities(text_path.with_suffix(BRAT_ANNOTATIONS), text)]
        document = AnnotatedText(text, entities, number)
        yield from tagged_sentences(document, str(text_path), options.mistakes, options.language)


def _entities(path: Path, text: str) -> Iterator[Span]:
    for number, line in text_lines(path):
        if not line.startswith("T"):
            continue
        location = f"{path}:{number}"
        match = _ENTITY.fullmatch(line)
        if not match:
            raise InputError(f"{location}: found {line!r}; should be as 'T1\\tPERSON 0 5\\tMaria'")
        offsets = [int(offset) for offset in re.findall(r"\d+", match["offsets"])]
        start, end = offsets[0], offsets[-1]
        gaps = [text[a:b] for a, b in zip(offsets[1::2], offsets[2::2], strict=False)]
        if any(gap.strip() or not gap for gap in gaps):
            raise InputError(
                f"{location}: the entity has several parts (it is discontinuous); only entities of"
                " one part can be learned"
            )
        if text[start:end].split() != match["text"].split():
            raise InputError(
                f"{location}: from {start} to {end} the text has {text[start:end]!r}, not"
                f" {match['text']!r}"
            )
        yield Span(match["type"], start, end)
