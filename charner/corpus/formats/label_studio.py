"""Label Studio: its exports JSON and JSON-MIN. Its CoNLL2003 export is read as columns."""

from collections.abc import Iterable
from typing import Any

from charner.corpus.annotated_text import AnnotatedText, tagged_sentences
from charner.corpus.formats.entities import entities_of, whole_characters
from charner.corpus.mistakes import NOT_ANNOTATED, SEVERAL_ANNOTATORS
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence

_OLD_ANNOTATIONS = "completions"  # before Label Studio 1.0
_LABELS = ("labels", "hypertextlabels")  # others are relations, choices and the like
_TIMES = ("created_at", "updated_at")


def recognises(record: Any) -> bool:
    """Whether it is a task with its annotations, or a record of JSON-MIN."""
    return isinstance(record, dict) and (_is_task(record) or _is_minimal(record))


def sentences(record: Any, location: str, number: int, options: Options) -> Iterable[Sentence]:
    """The sentences of a task; none if it has no annotation that was finished.

    Of several annotators, the first finished annotation counts.

    Raises:
        ValueError: the task has no text or several ones, or an entity is not as it should be.
        InputError: see `tagged_sentences`.
    """
    if _is_task(record):
        annotations = record.get("annotations", record.get(_OLD_ANNOTATIONS))
        finished = [each for each in annotations if not each.get("was_cancelled")]
        if not finished:
            options.mistakes.add(NOT_ANNOTATED, location)
            return []
        if len(finished) > 1:
            options.mistakes.add(SEVERAL_ANNOTATORS, location)
        results = finished[0].get("result", [])
        entities = [each["value"] for each in results if each.get("type") in _LABELS]
        text = _text(record["data"])
    else:
        entities = next(filter(_are_entities, record.values()), [])
        text = _text({name: value for name, value in record.items() if name not in _TIMES})
    document = AnnotatedText(text, entities_of(entities, text), number)
    return tagged_sentences(document, location, options.mistakes, options.language)


def _is_task(record: dict[str, Any]) -> bool:
    annotations = record.get("annotations", record.get(_OLD_ANNOTATIONS))
    return isinstance(record.get("data"), dict) and isinstance(annotations, list)


def _is_minimal(record: dict[str, Any]) -> bool:
    names = {"annotator", "annotation_id"}
    return names <= record.keys() or any(map(_are_entities, record.values()))


def _are_entities(value: Any) -> bool:
    """Whether a field of JSON-MIN holds entities: objects that have `labels`."""
    is_list = isinstance(value, list) and bool(value)
    return is_list and all(isinstance(item, dict) and "labels" in item for item in value)


def _text(data: dict[str, Any]) -> str:
    """The text of a task: in `text`, or else in the only field that holds one."""
    texts = {name: value for name, value in data.items() if isinstance(value, str)}
    if "text" not in texts and len(texts) != 1:
        found = ", ".join(f"`{name}`" for name in texts) or "none"
        raise ValueError(f"the text should be in `text`, or in the only field with text; {found}")
    return whole_characters(texts.get("text") or next(iter(texts.values())))
