"""What `charner tag --least-certain` gains: entity F1 on valid after choosing what to annotate.

A model (`make quick`) is trained on 50 random documents of train; then on 100, 200 and 400, of
which the new ones are drawn at random, or those that the last model is least certain of. On
CoNLL-2003, and on the corpora of the command line, as those of `benchmarks.corpora`:

    python -m benchmarks.least_certain corpora/germeval2014,token_column=1,tag_column=2,language=de

Run it from the project's root, after `dvc repro` with CoNLL-2003, with nothing else running. Two
trainings run at a time, one thread each. Means and standard deviations over three seeds.
"""

import os
import random
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise, product, repeat
from pathlib import Path

import numpy as np
import yaml

from benchmarks.corpora import (
    ENCODED,
    ONE_THREAD,
    ROOT,
    Corpus,
    corpora,
    encode,
    preset,
)
from benchmarks.measure import change, measure_stage
from benchmarks.sweep import mean
from charner.corpus import SPLITS
from charner.corpus.formats.column_layout import DOCUMENT_START
from charner.encoding.examples import Example, by_document
from charner.encoding.parquet import load_examples
from charner.inference.token_tagger import TokenTagger
from charner.tags.counts import entity_scores

SIZES = (50, 100, 200, 400)  # documents
SEEDS = (1, 2, 3)
CHOICES = ("at random", "least certain")


def settings_of(corpus: Corpus, seed: int) -> dict:
    """The parameters of `make quick`."""
    settings = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
    change(settings, {**preset("quick"), "char_encode.language": corpus.language})
    settings["train"]["seed"] = seed
    return settings


def columns(documents: list[list[Example]]) -> str:
    """Documents in CoNLL columns; sentences without documents have none there."""
    text = ""
    for document in documents:
        text += f"{DOCUMENT_START} O\n\n" if document[0].document else ""
        for sentence in document:
            rows = zip(sentence.tokens, sentence.tags, strict=True)
            text += "".join(f"{token}\t{tag}\n" for token, tag in rows) + "\n"
    return text


def all_documents(corpus: Corpus) -> dict[str, list[list[Example]]]:
    """The documents of each split."""
    with tempfile.TemporaryDirectory() as name:
        settings = settings_of(corpus, seed=1)
        settings["char_encode"] |= corpus.settings
        encode(Path(name), corpus.texts, settings)
        paths = {split: Path(name, ENCODED, f"{split}.parquet") for split in SPLITS}
        return {split: by_document(load_examples(path)) for split, path in paths.items()}


def trained(
    corpus: Corpus, documents: dict[str, list[list[Example]]], seed: int
) -> tuple[TokenTagger, float]:
    """A model, and its entity F1 on valid."""
    with tempfile.TemporaryDirectory() as name:
        texts = {split: columns(some) for split, some in documents.items()}
        encode(Path(name), texts, settings_of(corpus, seed))
        for stage in ("train", "calibrate"):
            measure_stage(stage, name)
        tagger = TokenTagger.load(Path(name, "models"))
    valid = [example for document in documents["valid"] for example in document]
    tags = [sentence.tags for sentence in tagger.tag_examples(valid)]
    return tagger, entity_scores([example.tags for example in valid], tags).all.f1


def scores(
    corpus: Corpus, documents: dict[str, list[list[Example]]], choice: str, seed: int
) -> list[tuple[float, int]]:
    """For each of SIZES, entity F1 on valid and the number of tokens in train."""
    waiting = [*documents["train"]]
    random.Random(seed).shuffle(waiting)
    found = []
    tagger: TokenTagger | None = None
    chosen: list[list[Example]] = []
    for before, size in pairwise((0, *SIZES)):
        if tagger and choice == "least certain":
            tokens = [[example.tokens for example in document] for document in waiting]
            order = np.argsort(tagger.certainty(tokens), kind="stable")
            waiting = [waiting[number] for number in order]
        chosen += waiting[: size - before]
        waiting = waiting[size - before :]
        tagger, f1 = trained(corpus, {**documents, "train": chosen}, seed)
        read = sum(len(example.tokens) for document in chosen for example in document)
        print(
            f"{corpus.name}, seed {seed}, {choice}: {size} documents, {read:,} tokens, F1 {f1:.4f}",
            flush=True,
        )
        found.append((f1, read))
    return found


def main() -> None:
    os.environ |= ONE_THREAD
    jobs = [*product(CHOICES, SEEDS)]
    for corpus in corpora(sys.argv[1:]):
        if corpus.name == "sample" or corpus.name.endswith(" documents"):
            continue  # too small
        documents = all_documents(corpus)
        with ThreadPoolExecutor(2) as pool:
            found = pool.map(scores, repeat(corpus), repeat(documents), *zip(*jobs, strict=True))
            results = dict(zip(jobs, found, strict=True))
        print(f"\n{corpus.name}\n")
        print("| documents | at random | tokens | least certain | tokens |")
        print("|---:|---:|---:|---:|---:|")
        for place, size in enumerate(SIZES):
            cells = [str(size)]
            for choice in CHOICES:
                of_seeds = [results[choice, seed][place] for seed in SEEDS]
                f1, tokens = zip(*of_seeds, strict=True)
                cells += [mean(f1), f"{np.mean(tokens):,.0f}"]
            print(f"| {' | '.join(cells)} |")
        print(flush=True)


if __name__ == "__main__":
    main()
