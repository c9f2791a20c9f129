"""Characters and labels as ids: the alphabet, the labels, and sentences as rows of Parquet."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import pyarrow
import pyarrow.parquet

from charner.corpus import Sentence
from charner.files import write_json
from charner.tag_schemes import OUTSIDE, split_tag

PAD, UNK = 0, 1
PAD_SYMBOL, UNK_SYMBOL = "<PAD>", "<UNK>"
SPACE = " "
ROWS_AT_ONCE = 4096  # bounds the memory of writing

SCHEMA = pyarrow.schema(
    {
        "document": pyarrow.int32(),
        "tokens": pyarrow.list_(pyarrow.string()),
        "tags": pyarrow.list_(pyarrow.string()),
        "character_ids": pyarrow.list_(pyarrow.int32()),
        "label_ids": pyarrow.list_(pyarrow.int32()),
    }
)


@dataclass(frozen=True)
class Vocabulary:
    """What the ids stand for: `characters[id]` and `labels[id]`; PAD is 0 in both."""

    characters: list[str]
    labels: list[str]

    @classmethod
    def build(cls, characters: Iterable[str], entity_types: Iterable[str]) -> "Vocabulary":
        """Args: characters: those of the training tokens; entity_types: those of its tags."""
        alphabet = sorted({SPACE, *characters})
        labels = [f"{prefix}-{name}" for name in sorted(entity_types) for prefix in "BI"]
        return cls([PAD_SYMBOL, UNK_SYMBOL, *alphabet], [PAD_SYMBOL, OUTSIDE, *labels])

    @classmethod
    def load(cls, path: Path) -> "Vocabulary":
        """Reads what `save` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def save(self, path: Path) -> None:
        """Writes JSON: two lists, in the order of the ids."""
        write_json(path, {"characters": self.characters, "labels": self.labels})

    @cached_property
    def character_ids(self) -> dict[str, int]:
        return {character: i for i, character in enumerate(self.characters) if i > UNK}

    @cached_property
    def label_ids(self) -> dict[str, int]:
        return {label: i for i, label in enumerate(self.labels) if i > PAD}

    @property
    def entity_types(self) -> list[str]:
        """The types of the labels, in their order."""
        return [split_tag(label)[1] for label in self.labels if label.startswith("B-")]

    def encode_characters(self, tokens: list[str]) -> list[int]:
        """The ids of the characters of the tokens joined by one space."""
        ids = self.character_ids
        return [ids.get(character, UNK) for character in SPACE.join(tokens)]

    def encode_labels(self, tokens: list[str], tags: list[str], space_tag: str) -> list[int]:
        """A label id for each of those characters: its token's tag.

        Args:
            tags: in IOB2, one a token.
            space_tag: what a space within an entity gets: `outside`, O; `inside`, the I- tag.
        """
        ids = self.label_ids
        outside = ids[OUTSIDE]
        encoded = []
        for token, tag in zip(tokens, tags, strict=True):
            label = ids[tag]
            if encoded:
                within = space_tag == "inside" and tag.startswith("I-")
                encoded.append(label if within else outside)
            encoded += [label] * len(token)
        return encoded


def write_parquet(
    path: Path, sentences: Iterable[Sentence], vocabulary: Vocabulary, space_tag: str
) -> None:
    """Streams sentences, tagged in IOB2, to a Parquet file, one row each (see SCHEMA)."""
    sentences = iter(sentences)
    with pyarrow.parquet.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        while rows := list(islice(_rows(sentences, vocabulary, space_tag), ROWS_AT_ONCE)):
            writer.write_table(pyarrow.Table.from_pylist(rows, SCHEMA))


def _rows(sentences: Iterator[Sentence], vocabulary: Vocabulary, space_tag: str) -> Iterator[dict]:
    for sentence in sentences:
        yield {
            "document": sentence.document,
            "tokens": sentence.tokens,
            "tags": sentence.tags,
            "character_ids": vocabulary.encode_characters(sentence.tokens),
            "label_ids": vocabulary.encode_labels(sentence.tokens, sentence.tags, space_tag),
        }
