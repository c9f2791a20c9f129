"""Stage char_encode: encodes characters and labels as ids, in data/encoded."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from charner import params
from charner.corpus import ALL, SPLITS
from charner.corpus.formats import read_sentences
from charner.corpus.mistakes import ILLEGAL_TAG, Mistakes
from charner.corpus.scheme_detection import SchemeDetector
from charner.corpus.sentence import Sentence
from charner.corpus.splitting import share_of, split_by_document
from charner.encoding.characters import normalised
from charner.encoding.examples import Example
from charner.encoding.model_files import VECTORS_FILE
from charner.encoding.parquet import write_parquet
from charner.encoding.vector_files import read_vectors
from charner.encoding.vocabulary import MIN_TOKEN_COUNT, Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.params import CharEncode
from charner.support import counted
from charner.support.errors import InputError, one_line
from charner.support.files import replacing
from charner.support.process import run_stage
from charner.support.stage_inputs import StageInputs
from charner.tags.schemes import OUTSIDE, split_tag, to_iob2

RAW = Path("data/raw")
ENCODED = Path("data/encoded")
VECTORS = Path("data/vectors")
SHOWN = 8  # tokens at the beginning of train


class Split(NamedTuple):
    """A split: the file that it is in, and a function that reads its sentences."""

    path: Path
    read: Callable[[], Iterable[Sentence]]


def main() -> None:
    settings = params.load().char_encode
    inputs = StageInputs([RAW, VECTORS / settings.vectors], settings)
    mistakes = Mistakes(settings.mistakes == "repair")
    splits = find_splits(settings, mistakes)
    tokens, entity_types = survey(splits, settings, mistakes)
    vectors = word_vectors(settings, tokens)
    vocabulary = Vocabulary.build(
        tokens,
        entity_types,
        settings.space_tag,
        settings.language,
        settings.normalisation,
        min_token_count=MIN_TOKEN_COUNT if vectors.dimensions else 1,
    )
    with ExitStack() as outputs:  # all are put in place at its end
        vocabulary.save(outputs.enter_context(replacing(ENCODED / "vocabulary.json")))
        vectors.save(outputs.enter_context(replacing(ENCODED / VECTORS_FILE)))
        for name, split in splits.items():
            path = outputs.enter_context(replacing(ENCODED / f"{name}.parquet"))
            examples = (Example(s.document, s.tokens, to_iob2(s.tags)) for s in split.read())
            write_parquet(path, examples, vocabulary)
        inputs.check_unchanged(params.load().char_encode)


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
        splits = {name: Split(path, partial(iter, part)) for name, part in parts.items()}
    else:
        for name in SPLITS:
            if name not in paths:
                raise InputError(f"{RAW} has no file for {name}")
        splits = {name: Split(paths[name], partial(read, paths[name])) for name in SPLITS}
    if settings.train_share < 1:
        path, all_of_train = splits["train"]
        splits["train"] = Split(
            path, lambda: share_of(all_of_train(), settings.train_share, settings.split.seed)
        )
    return splits


def survey(
    splits: dict[str, Split], settings: CharEncode, mistakes: Mistakes
) -> tuple[Counter[str], list[str]]:
    """Reads all splits, checks them, and prints their sizes and what was repaired.

    Returns:
        The count of each token of train, and the entity types of all splits.

    Raises:
        InputError: a file cannot be read, tags fit no allowed scheme, or a split has no entity.
    """
    detector = SchemeDetector(settings.tag_scheme)
    tokens: dict[str, Counter[str]] = {}
    types: dict[str, dict[str, int]] = {}  # with the line of the first entity of each
    for name, split in splits.items():
        tokens[name], types[name] = count(name, split, detector)
    scheme, violations, first_violation = detector.fit()
    if violations:
        mistakes.add(ILLEGAL_TAG, first_violation, violations)
    for name, split in splits.items():
        if not types[name]:
            is_drawn = split.path.stem == ALL or (name == "train" and settings.train_share < 1)
            advice = "; char_encode.split can draw another" if is_drawn else ""
            raise InputError(f"{split.path}: {name} holds no entity; all tags are O{advice}")
    for line in mistakes.report():
        print(line)
    all_types = sorted(set().union(*types.values()))
    print(f"tags: {scheme}; entity types: {', '.join(all_types)}")
    for name, split in splits.items():
        for entity_type in sorted(types[name].keys() - types["train"].keys()):
            location = f"{split.path}:{types[name][entity_type]}"
            message = f"entity type {entity_type} is not in train: it cannot be learned"
            print(one_line(f"{location}: {message}"))
    return tokens["train"], all_types


def count(name: str, split: Split, detector: SchemeDetector) -> tuple[Counter[str], dict[str, int]]:
    """Prints the size of a split; the detector gets its tags.

    Returns:
        The count of each token, and the line of the first entity of each type.
    """
    beginning = ""
    sentences = 0
    documents: dict[int, bool] = {}  # whether each has an entity
    without = 0  # sentences that have none
    tokens: Counter[str] = Counter()
    first_lines: dict[str, int] = {}
    for sentence in split.read():
        detector.add(split.path, sentence.tags, sentence.lines)
        beginning = beginning or shown(sentence)
        sentences += 1
        has_entity = any(tag != OUTSIDE for tag in sentence.tags)
        documents[sentence.document] = documents.get(sentence.document, False) or has_entity
        without += not has_entity
        tokens.update(sentence.tokens)
        for tag, line in zip(sentence.tags, sentence.lines, strict=True):
            entity_type = split_tag(tag)[1]
            if entity_type:
                first_lines.setdefault(entity_type, line)
    if name == "train":
        print(f"train begins with: {beginning}")
    sizes = [counted(sentences, "sentence"), counted(tokens.total(), "token")]
    empty = [counted(without, "sentence")]
    if documents.keys() == {0}:
        sizes.append("no documents")
    else:
        sizes.append(counted(len(documents), "document"))
        empty.append(counted([*documents.values()].count(False), "document"))
    print(f"{name}: {', '.join(sizes)}; without an entity: {', '.join(empty)}")
    return tokens, first_lines


def word_vectors(settings: CharEncode, tokens: Counter[str]) -> WordVectors:
    """The word vectors that `char_encode.vectors` names; prints how many tokens have one.

    Args:
        settings: the section `char_encode` of params.yaml.
        tokens: the count of each token of train.

    Raises:
        InputError: the file cannot be read.
    """
    path = VECTORS / settings.vectors
    language = settings.language.partition("-")[0]
    if settings.vectors == "auto":
        path /= f"{language}.safetensors"
        try:
            vectors = WordVectors.load(path) if path.is_file() else WordVectors.none()
        except (ValueError, OSError) as error:
            raise InputError(f"{path}: {error}") from None
    elif settings.vectors == "none":
        vectors = WordVectors.none()
    else:
        words = tokens.keys() | {token.lower() for token in tokens}
        vectors = read_vectors(
            path, words.__contains__, lambda word: normalised([word], settings.normalisation)[0]
        )
    if vectors.dimensions:
        counts = np.array([*tokens.values()])
        share = counts[vectors.knows(tokens)].sum() / counts.sum()
        print(f"word vectors: {vectors.title}; {share:.0%} of the tokens of train have one")
    else:
        which = f" for the language {language}" if settings.vectors == "auto" else ""
        print(f"word vectors: none{which}")
    return vectors


def shown(sentence: Sentence) -> str:
    """The first tokens of a sentence with their tags, so that wrong columns are seen."""
    pairs = zip(sentence.tokens[:SHOWN], sentence.tags, strict=False)
    rest = " …" if len(sentence.tokens) > SHOWN else ""
    return one_line(", ".join(f"{token} {tag}" for token, tag in pairs) + rest)


if __name__ == "__main__":
    run_stage(main)
