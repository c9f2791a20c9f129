"""The ids of characters, labels and tokens."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from pydantic import TypeAdapter

from charner.encoding.characters import Normalisation, kind_id, normalised
from charner.encoding.encoded_file import encoded_file_errors
from charner.support.files import write_json
from charner.tags.schemes import OUTSIDE, PAD, PAD_TAG

UNK = 1
UNK_SYMBOL = "<UNK>"
SPACE = " "
# Half of all tokens are rarer; what one occurrence teaches of them, word vectors know better.
MIN_TOKEN_COUNT = 2


@dataclass(frozen=True)
class Vocabulary:
    """The ids of characters, labels and tokens, and how text is read.

    `characters[id]` and `labels[id]` are the names of the ids; both begin with PAD. `tokens` holds
    tokens of train, in lower case, with their counts; their ids start at 2. `space_tag` is the
    label of a space within an entity: `outside` (O) or `inside` (the entity's I- tag). `language`
    is that of raw text, see `corpus.segmentation`. `normalisation` is the form of all tokens.
    """

    characters: list[str]
    labels: list[str]
    tokens: dict[str, int]
    space_tag: str
    language: str
    normalisation: Normalisation

    def __post_init__(self) -> None:
        """Checks what was read from a file.

        Raises:
            ValueError: characters or labels are not as `build` makes them.
        """
        if self.characters[: UNK + 1] != [PAD_TAG, UNK_SYMBOL]:
            raise ValueError("the first characters are not those of padding and of unknown ones")
        if self.labels != _labels(self.entity_types):
            raise ValueError("the labels are not B- and I- of each entity type")

    @classmethod
    def build(
        cls,
        tokens: Mapping[str, int],
        entity_types: Iterable[str],
        space_tag: str = "outside",
        language: str = "en",
        normalisation: Normalisation = "none",
        min_token_count: int = MIN_TOKEN_COUNT,
    ) -> "Vocabulary":
        """Builds the vocabulary of train (see the class).

        Args:
            tokens: the count of each token of train.
            entity_types: in any order.
            space_tag: see the class.
            language: see the class.
            normalisation: see the class.
            min_token_count: rarer tokens, regardless of case, are left out.
        """
        alphabet = sorted({SPACE}.union(*tokens))
        lower_case: Counter[str] = Counter()
        for token, count in tokens.items():
            lower_case[token.lower()] += count
        return cls(
            [PAD_TAG, UNK_SYMBOL, *alphabet],
            _labels(sorted(entity_types)),
            {token: n for token, n in sorted(lower_case.items()) if n >= min_token_count},
            space_tag,
            language,
            normalisation,
        )

    @classmethod
    def load(cls, path: Path) -> "Vocabulary":
        """Reads what `save` wrote.

        Raises:
            InputError: the file is missing or damaged, or holds something else.
        """
        with encoded_file_errors(path):
            return TypeAdapter(cls).validate_json(path.read_bytes(), strict=True)

    def save(self, path: Path) -> None:
        """Writes the vocabulary as JSON, in the order of the ids."""
        write_json(path, asdict(self))

    @cached_property
    def entity_types(self) -> list[str]:
        """The entity types of the labels, in the same order."""
        return [label.removeprefix("B-") for label in self.labels if label.startswith("B-")]

    @cached_property
    def character_ids(self) -> dict[str, int]:
        """The id of each character of the training corpus."""
        return {character: i for i, character in enumerate(self.characters) if i > UNK}

    @cached_property
    def letters(self) -> list[str]:
        """The letters of the training corpus, in lower case."""
        return sorted({name.lower() for name in self.character_ids if name.isalpha()})

    @cached_property
    def label_ids(self) -> dict[str, int]:
        """The id of each label that a character may have: all but PAD."""
        return {label: i for i, label in enumerate(self.labels) if i > PAD}

    @cached_property
    def token_ids(self) -> dict[str, int]:
        """The id of each token that has one, in lower case."""
        return {token: i for i, token in enumerate(self.tokens, start=UNK + 1)}

    def normalised(self, tokens: list[str]) -> list[str]:
        """Tokens of any text as the model reads them."""
        return normalised(tokens, self.normalisation)

    def encode_token(self, token: str) -> int:
        """The id of a token, regardless of case."""
        return self.token_ids.get(token.lower(), UNK)

    def encode_characters(self, tokens: list[str]) -> list[int]:
        """The ids of the characters of a sentence, its tokens joined by one space."""
        ids = self.character_ids
        return [ids.get(character, UNK) for character in SPACE.join(tokens)]

    def encode_kinds(self, tokens: list[str]) -> list[int]:
        """The number of each character's kind, of the same characters."""
        return [kind_id(character) for character in SPACE.join(tokens)]

    def encode_labels(self, tokens: list[str], tags: list[str]) -> list[int]:
        """The label id of each of those characters, from the tags of the tokens in IOB2."""
        ids = self.label_ids
        outside = ids[OUTSIDE]
        encoded: list[int] = []
        for token, tag in zip(tokens, tags, strict=True):
            label = ids[tag]
            if encoded:
                within = self.space_tag == "inside" and tag.startswith("I-")
                encoded.append(label if within else outside)
            encoded += [label] * len(token)
        return encoded


def _labels(entity_types: Iterable[str]) -> list[str]:
    return [PAD_TAG, OUTSIDE, *(f"{prefix}-{name}" for name in entity_types for prefix in "BI")]
