"""Label Studio: its exports JSON and JSON-MIN. Its CoNLL2003 export is read as columns."""

from collections.abc import Iterable
from typing import Any

from charner.corpus.annotated_text import AnnotatedText, tagged_sentences
from charner.corpus.formats.entities import entities_of, whole_characters
from charner.corpus.mistakes import NOT_ANNOTATED, SEVERAL_ANNOTATORS
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence

_OLD_ANNOTATIONS = "completions"  # before Label Studio 1.0
_TIMES = ("created_at", "updated_at")


def recognises(record: Any) -> bool:
    """Whether it is a task with its annotations, or a record of JSON-MIN."""
    return isinstance(record, dict) and (_is_task(record) or _is_minimal(record))


def sentences(record: Any, location: str, number: int, options: Options) -> Iterable[Sentence]:
    """The sentences of a task; none if it has no annotation that was finished.

    Of several annotators, the ground truth counts, or else the first finished annotation.

    Raises:
        ValueError: the task has no text or several ones, or an entity is not as it should be.
        InputError: see `tagged_sentences`.
    """
    if _is_task(record):
        annotations = record.get("annotations", record.get(_OLD_ANNOTATIONS, []))
        finished = [each for each in _objects(annotations) if not each.get("was_cancelled")]
        if not finished:
            options.mistakes.add(NOT_ANNOTATED, location)
            return []
        if len(finished) > 1:
            options.mistakes.add(SEVERAL_ANNOTATORS, location)
        chosen = next((each for each in finished if each.get("ground_truth")), finished[0])
        entities = _entities(chosen.get("result", []))
        text = _text(record["data"])
    else:
        entities = [entity for field in filter(_are_entities, record.values()) for entity in field]
        text = _text({name: value for name, value in record.items() if name not in _TIMES})
    document = AnnotatedText(text, entities_of(entities, text), number)
    return tagged_sentences(document, location, options.mistakes, options.language)


def task_of_minimal(record: dict[str, Any]) -> Any:
    """The task of a record of JSON-MIN, which has a record for each annotator; else None."""
    task = None if _is_task(record) else record.get("id")
    return task if isinstance(task, int | str) else None


def _is_task(record: dict[str, Any]) -> bool:
    names = ("annotations", _OLD_ANNOTATIONS, "predictions")
    is_list = any(isinstance(record.get(name), list) for name in names)
    return isinstance(record.get("data"), dict) and is_list


def _is_minimal(record: dict[str, Any]) -> bool:
    names = {"annotator", "annotation_id"}
    return names <= record.keys() or any(map(_are_entities, record.values()))


def _are_entities(value: Any) -> bool:
    """Whether a field of JSON-MIN holds entities: objects, of which some have `labels`."""
    is_list = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    return is_list and any("labels" in item or "startOffset" in item for item in value)


def _objects(items: Any) -> list[dict[str, Any]]:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ValueError("the annotations or their results are no lists of objects")
    return items


def _entities(results: Any) -> list[Any]:
    """The values of those results that are labels of parts of the text."""
    labels = [each for each in _objects(results) if str(each.get("type")).endswith("labels")]
    for each in labels:
        if each["type"] != "labels":
            raise ValueError(
                f"labels of the type {each['type']!r} have no offsets in plain text; only those of"
                " Label Studio's tag `Labels` can be read"
            )
    texts = sorted({str(each.get("to_name")) for each in labels})
    if len(texts) > 1:
        raise ValueError(f"labels are in several texts: {', '.join(texts)}; one can be read")
    return [each.get("value") for each in labels]


def _text(data: dict[str, Any]) -> str:
    """The text of a task: in `text`, or else in the only field that holds one."""
    texts = {name: value for name, value in data.items() if isinstance(value, str)}
    if "text" not in texts and len(texts) != 1:
        found = ", ".join(f"`{name}`" for name in texts) or "none"
        raise ValueError(f"the text should be in `text`, or in the only field with text; {found}")
    return whole_characters(texts.get("text") or next(iter(texts.values())))
