"""Stage char_encode: encodes characters and labels as ids, in data/encoded."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from charner import params
from charner.corpus import SPLITS
from charner.corpus.columns import read_sentences
from charner.corpus.sentence import Sentence
from charner.encoding.parquet import write_parquet
from charner.encoding.vocabulary import Vocabulary
from charner.params.char_encode import CharEncode
from charner.support.errors import InputError, run_stage
from charner.support.files import replacing
from charner.tags.schemes import SchemeDetector, split_tag, to_iob2

RAW = Path("data/raw")
ENCODED = Path("data/encoded")


def main() -> None:
    settings = params.load(CharEncode)
    vocabulary, scheme = survey(settings)
    outputs = (ENCODED / "vocabulary.json", *(ENCODED / f"{split}.parquet" for split in SPLITS))
    with replacing(*outputs) as (vocabulary_path, *paths):
        vocabulary.save(vocabulary_path)
        for split, path in zip(SPLITS, paths, strict=True):
            sentences = (
                replace(sentence, tags=to_iob2(sentence.tags, scheme))
                for sentence in read(split, settings)
            )
            write_parquet(path, sentences, vocabulary)


def read(split: str, settings: CharEncode) -> Iterator[Sentence]:
    """The sentences of a split in data/raw."""
    return read_sentences(
        RAW / f"{split}.txt", settings.token_column, settings.tag_column, settings.comment_prefix
    )


def survey(settings: CharEncode) -> tuple[Vocabulary, str]:
    """Reads all three files, checks them and prints their sizes.

    Returns:
        The vocabulary of train, and the tag scheme of all three files.

    Raises:
        InputError: tags fit no allowed scheme, a split has no entity, or one has an entity type
            that train does not have.
    """
    detector = SchemeDetector(settings.tag_scheme)
    token_counts: Counter[str] = Counter()
    types_of_split: dict[str, dict[str, int]] = {}  # with the first line of each
    for split in SPLITS:
        path = RAW / f"{split}.txt"
        documents = set()
        sentence_count = token_count = 0
        first_lines: dict[str, int] = {}
        for sentence in read(split, settings):
            detector.add(path, sentence.tags, sentence.lines)
            for tag, line in zip(sentence.tags, sentence.lines, strict=True):
                entity_type = split_tag(tag)[1]
                if entity_type:
                    first_lines.setdefault(entity_type, line)
            if split == "train":
                token_counts.update(sentence.tokens)
            documents.add(sentence.document)
            sentence_count += 1
            token_count += len(sentence.tokens)
        types_of_split[split] = first_lines
        print(
            f"{split}: {sentence_count:,} sentences, {token_count:,} tokens,"
            f" {len(documents):,} documents"
        )
    scheme = detector.scheme()
    for split, first_lines in types_of_split.items():
        path = RAW / f"{split}.txt"
        if not first_lines:
            raise InputError(f"{path}: holds no entity; all tags are O")
        for entity_type, line in first_lines.items():
            if entity_type not in types_of_split["train"]:
                raise InputError(f"{path}:{line}: entity type {entity_type} is not in train")
    types = sorted(types_of_split["train"])
    print(f"tags: {scheme}; entity types: {', '.join(types)}")
    return Vocabulary.build(token_counts, types, settings.space_tag), scheme


if __name__ == "__main__":
    run_stage(main)
