"""What ids stand for: characters, labels and tokens; and sentences as rows of Parquet."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import pyarrow
import pyarrow.parquet

from charner.corpus import Sentence
from charner.files import write_json
from charner.tag_schemes import OUTSIDE

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
    """What the ids stand for: `characters[id]` and `labels[id]`; PAD is 0 in both.

    `tokens` counts the training tokens, in lower case; their ids start at 2. `space_tag` says what
    a space within an entity is labelled: `outside`, O; `inside`, the I- tag.
    """

    characters: list[str]
    labels: list[str]
    tokens: dict[str, int]
    space_tag: str

    @classmethod
    def build(
        cls, tokens: Mapping[str, int], entity_types: Iterable[str], space_tag: str = "outside"
    ) -> "Vocabulary":
        """Args: tokens: the counts of the training tokens; entity_types: those of its tags."""
        alphabet = sorted({SPACE}.union(*tokens))
        labels = [f"{prefix}-{name}" for name in sorted(entity_types) for prefix in "BI"]
        lower_case: Counter[str] = Counter()
        for token, count in tokens.items():
            lower_case[token.lower()] += count
        return cls(
            [PAD_SYMBOL, UNK_SYMBOL, *alphabet],
            [PAD_SYMBOL, OUTSIDE, *labels],
            dict(sorted(lower_case.items())),
            space_tag,
        )

    @classmethod
    def load(cls, path: Path) -> "Vocabulary":
        """Reads what `save` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def save(self, path: Path) -> None:
        """Writes JSON; lists and counts are in the order of the ids."""
        write_json(path, asdict(self))

    @cached_property
    def character_ids(self) -> dict[str, int]:
        return {character: i for i, character in enumerate(self.characters) if i > UNK}

    @cached_property
    def label_ids(self) -> dict[str, int]:
        return {label: i for i, label in enumerate(self.labels) if i > PAD}

    @cached_property
    def token_ids(self) -> dict[str, int]:
        return {token: i for i, token in enumerate(self.tokens, start=UNK + 1)}

    def encode_token(self, token: str) -> int:
        """The id of a token, whatever its case."""
        return self.token_ids.get(token.lower(), UNK)

    def encode_characters(self, tokens: list[str]) -> list[int]:
        """The ids of the characters of the tokens joined by one space."""
        ids = self.character_ids
        return [ids.get(character, UNK) for character in SPACE.join(tokens)]

    def encode_labels(self, tokens: list[str], tags: list[str]) -> list[int]:
        """A label id for each of those characters: its token's tag, in IOB2."""
        ids = self.label_ids
        outside = ids[OUTSIDE]
        encoded = []
        for token, tag in zip(tokens, tags, strict=True):
            label = ids[tag]
            if encoded:
                within = self.space_tag == "inside" and tag.startswith("I-")
                encoded.append(label if within else outside)
            encoded += [label] * len(token)
        return encoded


def write_parquet(path: Path, sentences: Iterable[Sentence], vocabulary: Vocabulary) -> None:
    """Streams sentences, tagged in IOB2, to a Parquet file, one row each (see SCHEMA)."""
    sentences = iter(sentences)
    with pyarrow.parquet.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        while rows := list(islice(_rows(sentences, vocabulary), ROWS_AT_ONCE)):
            writer.write_table(pyarrow.Table.from_pylist(rows, SCHEMA))


def _rows(sentences: Iterator[Sentence], vocabulary: Vocabulary) -> Iterator[dict]:
    for sentence in sentences:
        yield {
            "document": sentence.document,
            "tokens": sentence.tokens,
            "tags": sentence.tags,
            "character_ids": vocabulary.encode_characters(sentence.tokens),
            "label_ids": vocabulary.encode_labels(sentence.tokens, sentence.tags),
        }
