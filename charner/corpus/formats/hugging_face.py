"""Records of Hugging Face's datasets: `{"tokens": ["Ann", "left"], "ner_tags": ["B-PER", "O"]}`.

Each is a sentence.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from charner.corpus.formats.entities import whole_characters
from charner.corpus.options import Options
from charner.corpus.sentence import Sentence

TOKENS = ("tokens", "words")
TAGS = ("ner_tags", "ner", "tags", "labels")


def recognises(record: Any) -> bool:
    """Whether it is an object with tokens that are texts; those of Prodigy are objects."""
    if not isinstance(record, dict):
        return False
    tokens = next((record[name] for name in TOKENS if name in record), None)
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        return False
    found = [record[name] for name in TAGS if name in record]
    return bool(found) and not (isinstance(found[0], list) and _are_objects(found[0]))


def _are_objects(tags: list) -> bool:
    """Whether these are entities by offsets, as in other formats."""
    return any(isinstance(tag, dict | list) for tag in tags)


def sentences(record: Any, location: str, number: int, options: Options) -> Iterable[Sentence]:
    """The sentence of a record; none if it is empty.

    Raises:
        ValueError: the tags are not texts, or not as many as the tokens.
    """
    field = next(name for name in TAGS if name in record)
    tokens = next(record[name] for name in TOKENS if name in record)
    return sentence(tokens, record[field], field, number)


def sentence(
    tokens: list[str], tags: Any, field: str, number: int, names: Sequence[str] = ()
) -> list[Sentence]:
    """The sentence of tokens and tags, in a list that is empty where they are.

    Args:
        tokens: its tokens.
        tags: their tags, or the numbers of tags in `names`.
        field: that of the tags, for messages.
        number: that of the record, from 1.
        names: the tags by their numbers; empty if they are not known.

    Raises:
        ValueError: see `sentences`.
    """
    if not isinstance(tags, list) or len(tags) != len(tokens):
        raise ValueError(f"`{field}` should be a list with a tag for each of {len(tokens)} tokens")
    if names and all(type(tag) is int and 0 <= tag < len(names) for tag in tags):
        tags = [names[tag] for tag in tags]
    unnamed = [tag for tag in tags if not isinstance(tag, str)]
    if unnamed:
        raise ValueError(
            f"`{field}` holds {unnamed[0]!r}, which is no name of a tag; numbers can be"
            " read from Parquet by `dataset.to_parquet`, which holds the names of a ClassLabel"
        )
    for token in tokens:
        if not isinstance(token, str) or not token or token != token.strip() or "\n" in token:
            raise ValueError(f"found the token {token!r}; should be a word without white space")
        whole_characters(token)
    return [Sentence(0, tokens, tags, [number] * len(tokens))] if tokens else []
