"""spaCy's named entity recogniser, trained from nothing by `spacy train`, as a baseline."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import spacy
from spacy.tokens import Doc, DocBin, Span

from charner.encoding.examples import Example
from charner.tags import spans
from charner.tags.spans import entities, iob2_tags


def prepare(folder: Path, train_examples: list[Example], valid_examples: list[Example]) -> None:
    """Writes train.spacy and dev.spacy, a doc for each sentence as `spacy convert` does."""
    vocab = spacy.blank("xx").vocab
    for name, examples in (("train", train_examples), ("dev", valid_examples)):
        docs = DocBin()
        for example in examples:
            doc = Doc(vocab, words=example.tokens)
            doc.ents = [Span(doc, s.start, s.end, label=s.type) for s in entities(example.tags)]
            docs.add(doc)
        docs.to_disk(folder / f"{name}.spacy")


def train(folder: Path, seed: int, language: str) -> Callable[[list[Example]], list[list[str]]]:
    """Trains with the settings of `spacy init config --optimize efficiency`, on one CPU.

    Args:
        folder: has what `prepare` wrote.
        seed: the seed of the training.
        language: of spaCy, `xx` for any.

    Returns:
        A function that takes sentences and returns their tags in IOB2.
    """
    command = [sys.executable, "-m", "spacy"]
    init = ["init", "config", "config.cfg", "--lang", language, "--pipeline", "ner"]
    fit = ["train", "config.cfg", "--output", "spacy", "--training.seed", str(seed)]
    paths = ["--paths.train", "train.spacy", "--paths.dev", "dev.spacy"]
    for arguments in ([*init, "--optimize", "efficiency"], [*fit, *paths]):
        subprocess.run([*command, *arguments], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    pipeline = spacy.load(folder / "spacy/model-best")

    def tag(examples: list[Example]) -> list[list[str]]:
        docs = pipeline.pipe(Doc(pipeline.vocab, words=example.tokens) for example in examples)
        return [
            iob2_tags(
                len(doc), [spans.Span(span.label_, span.start, span.end) for span in doc.ents]
            )
            for doc in docs
        ]

    return tag
