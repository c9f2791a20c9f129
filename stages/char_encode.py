"""Stage char_encode: encodes characters and labels as ids, in data/encoded."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from charner import params
from charner.corpus import SPLITS
from charner.corpus.columns import read_sentences
from charner.corpus.mistakes import ILLEGAL_TAG, Mistakes
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
    mistakes = Mistakes(settings.mistakes == "repair")
    vocabulary = survey(settings, mistakes)
    outputs = (ENCODED / "vocabulary.json", *(ENCODED / f"{split}.parquet" for split in SPLITS))
    with replacing(*outputs) as (vocabulary_path, *paths):
        vocabulary.save(vocabulary_path)
        for split, path in zip(SPLITS, paths, strict=True):
            sentences = (
                replace(sentence, tags=to_iob2(sentence.tags))
                for sentence in read(split, settings, mistakes)
            )
            write_parquet(path, sentences, vocabulary)


def read(split: str, settings: CharEncode, mistakes: Mistakes) -> Iterator[Sentence]:
    """The sentences of a split in data/raw."""
    return read_sentences(
        RAW / f"{split}.txt",
        settings.token_column,
        settings.tag_column,
        settings.comment_prefix,
        mistakes,
    )


def survey(settings: CharEncode, mistakes: Mistakes) -> Vocabulary:
    """Reads all three files, checks them, and prints their sizes and what was repaired.

    Returns:
        The vocabulary: the tokens of train, the entity types of all three files.

    Raises:
        InputError: a file cannot be read, tags fit no allowed scheme, or a split has no entity.
    """
    detector = SchemeDetector(settings.tag_scheme)
    token_counts: Counter[str] = Counter()
    types_of_split: dict[str, dict[str, int]] = {}  # with the first line of each
    for split in SPLITS:
        path = RAW / f"{split}.txt"
        documents = set()
        sentence_count = token_count = 0
        first_lines: dict[str, int] = {}
        for sentence in read(split, settings, mistakes):
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
        of_documents = f"{len(documents):,} documents" if documents != {0} else "no documents"
        print(f"{split}: {sentence_count:,} sentences, {token_count:,} tokens, {of_documents}")
    scheme, violations, first_violation = detector.fit()
    if violations:
        mistakes.add(ILLEGAL_TAG, first_violation, violations)
    for split, first_lines in types_of_split.items():
        if not first_lines:
            raise InputError(f"{RAW / f'{split}.txt'}: holds no entity; all tags are O")
    for repaired in mistakes.report():
        print(repaired)
    types = sorted(set().union(*types_of_split.values()))
    print(f"tags: {scheme}; entity types: {', '.join(types)}")
    for split, first_lines in types_of_split.items():
        for entity_type in sorted(first_lines.keys() - types_of_split["train"].keys()):
            place = f"{RAW / f'{split}.txt'}:{first_lines[entity_type]}"
            print(f"{place}: entity type {entity_type} is not in train, so it cannot be learned")
    return Vocabulary.build(token_counts, types, settings.space_tag)


if __name__ == "__main__":
    run_stage(main)
