"""Stage char_encode: encodes characters and labels as ids, in data/encoded."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from charner import params
from charner.corpus import ALL, SPLITS
from charner.corpus.formats import read_sentences
from charner.corpus.mistakes import ILLEGAL_TAG, Mistakes
from charner.corpus.scheme_detection import SchemeDetector
from charner.corpus.sentence import Sentence
from charner.corpus.splitting import split_by_document
from charner.encoding.normalisation import normalised
from charner.encoding.parquet import write_parquet
from charner.encoding.vocabulary import Vocabulary
from charner.params import CharEncode
from charner.support import counted
from charner.support.errors import InputError, one_line, run_stage
from charner.support.files import replacing
from charner.support.stage_inputs import StageInputs
from charner.tags.schemes import split_tag, to_iob2

RAW = Path("data/raw")
ENCODED = Path("data/encoded")
BEGINNING = 8  # tokens that are shown


class Split(NamedTuple):
    """A split: the file that it is in, and a function that reads its sentences."""

    path: Path
    read: Callable[[], Iterable[Sentence]]


def main() -> None:
    settings = params.load().char_encode
    inputs = StageInputs([RAW], settings.model_dump())
    mistakes = Mistakes(settings.mistakes == "repair")
    splits = find_splits(settings, mistakes)
    vocabulary = survey(splits, settings, mistakes)
    outputs = (ENCODED / "vocabulary.json", *(ENCODED / f"{split}.parquet" for split in SPLITS))
    with replacing(*outputs) as (vocabulary_path, *paths):
        vocabulary.save(vocabulary_path)
        for split, path in zip(SPLITS, paths, strict=True):
            sentences = (
                replace(sentence, tags=to_iob2(sentence.tags)) for sentence in splits[split].read()
            )
            write_parquet(path, sentences, vocabulary)
        inputs.check_unchanged(params.load().char_encode.model_dump())


def find_splits(settings: CharEncode, mistakes: Mistakes) -> dict[str, Split]:
    """The three files of data/raw, or the splits of its single file.

    Raises:
        InputError: a file is missing, or a single file cannot be read or has too few documents.
    """
    paths = {path.stem: path for path in RAW.glob("*")}

    def read(path: Path) -> Iterator[Sentence]:
        sentences = read_sentences(
            path,
            settings.token_column,
            settings.tag_column,
            settings.comment_prefix,
            mistakes,
            settings.language,
        )
        for sentence in sentences:
            tokens = normalised(sentence.tokens, settings.normalisation)
            yield replace(sentence, tokens=tokens)

    if ALL in paths:
        path = paths[ALL]
        parts = split_by_document([*read(path)], settings.split.shares, settings.split.seed)
        return {split: Split(path, partial(iter, part)) for split, part in parts.items()}
    for split in SPLITS:
        if split not in paths:
            raise InputError(f"{RAW} has no file for {split}")
    return {split: Split(paths[split], partial(read, paths[split])) for split in SPLITS}


def survey(splits: dict[str, Split], settings: CharEncode, mistakes: Mistakes) -> Vocabulary:
    """Reads all splits, checks them, and prints their sizes and what was repaired.

    Returns:
        The vocabulary: the tokens of train, the entity types of all splits.

    Raises:
        InputError: a file cannot be read, tags fit no allowed scheme, or a split has no entity.
    """
    detector = SchemeDetector(settings.tag_scheme)
    token_counts: Counter[str] = Counter()
    beginning = ""
    types_of_split: dict[str, dict[str, int]] = {}  # with the first line of each
    for split, (path, read) in splits.items():
        documents = set()
        sentence_count = token_count = 0
        first_lines: dict[str, int] = {}
        for sentence in read():
            detector.add(path, sentence.tags, sentence.lines)
            for tag, line in zip(sentence.tags, sentence.lines, strict=True):
                entity_type = split_tag(tag)[1]
                if entity_type:
                    first_lines.setdefault(entity_type, line)
            if split == "train":
                token_counts.update(sentence.tokens)
                beginning = beginning or shown(sentence)
            documents.add(sentence.document)
            sentence_count += 1
            token_count += len(sentence.tokens)
        types_of_split[split] = first_lines
        if split == "train":
            print(f"train begins with: {beginning}")
        of_documents = "no documents" if documents == {0} else counted(len(documents), "document")
        sizes = counted(sentence_count, "sentence"), counted(token_count, "token"), of_documents
        print(f"{split}: {', '.join(sizes)}")
    scheme, violations, first_violation = detector.fit()
    if violations:
        mistakes.add(ILLEGAL_TAG, first_violation, violations)
    for split, first_lines in types_of_split.items():
        if not first_lines:
            raise InputError(f"{splits[split].path}: {split} holds no entity; all tags are O")
    for repaired in mistakes.report():
        print(repaired)
    types = sorted(set().union(*types_of_split.values()))
    print(f"tags: {scheme}; entity types: {', '.join(types)}")
    for split, first_lines in types_of_split.items():
        for entity_type in sorted(first_lines.keys() - types_of_split["train"].keys()):
            place = f"{splits[split].path}:{first_lines[entity_type]}"
            print(
                one_line(
                    f"{place}: entity type {entity_type} is not in train: it cannot be learned"
                )
            )
    return Vocabulary.build(
        token_counts, types, settings.space_tag, settings.language, settings.normalisation
    )


def shown(sentence: Sentence) -> str:
    """The first tokens of a sentence with their tags, so that wrong columns are seen."""
    pairs = zip(sentence.tokens[:BEGINNING], sentence.tags, strict=False)
    rest = " …" if len(sentence.tokens) > BEGINNING else ""
    return one_line(", ".join(f"{token} {tag}" for token, tag in pairs) + rest)


if __name__ == "__main__":
    run_stage(main)
