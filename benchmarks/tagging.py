"""Tagging speed of this project's tagger and of a linear CRF (sklearn-crfsuite).

Each tags the three splits of CoNLL-2003 once, in its own process; they are timed in turn. Run it
from the project's root, after `dvc repro`, with nothing else running:
pip install -r requirements-benchmarks.txt && python -m benchmarks.tagging
"""

import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

from charner.corpus import SPLITS
from charner.corpus.formats import read_sentences

ROUNDS = 5
FIRST = [[["Ada", "Lovelace", "lived", "in", "London", "."]]]
Documents = list[list[list[str]]]


def tagger(_: str) -> Callable[[Documents], int]:
    """This project's tagger, as a function that returns the number of entities."""
    from charner import Tagger

    tag = Tagger.load().tag_tokens
    return lambda documents: sum(len(s.entities) for document in tag(documents) for s in document)


def tagger_of_text(_: str) -> Callable[[Documents], int]:
    """The same for raw text: the tokens joined by spaces."""
    from charner import Tagger

    tag = Tagger.load().tag_batch
    return lambda documents: sum(
        len(tagged.entities)
        for tagged in tag("\n".join(" ".join(s) for s in document) for document in documents)
    )


def linear_crf_tagger(path: str) -> Callable[[Documents], int]:
    """A linear CRF with common features; feature extraction is part of the time."""
    from benchmarks.linear_crf_model import features

    crf = pickle.loads(Path(path).read_bytes())
    return lambda documents: sum(
        tag.startswith("B-")
        for document in documents
        for tags in crf.predict([features(sentence) for sentence in document])
        for tag in tags
    )


TAGGERS: dict[str, tuple[Callable, dict[str, str]]] = {
    "this tagger": (tagger, {}),
    "this tagger, one thread": (tagger, {"OPENBLAS_NUM_THREADS": "1"}),
    "this tagger, from raw text": (tagger_of_text, {}),
    "linear CRF": (linear_crf_tagger, {}),
}


def corpus() -> Documents:
    """The tokens of all three splits."""
    return [
        [sentence.tokens for sentence in document]
        for split in SPLITS
        for _, document in groupby(
            read_sentences(Path(f"data/raw/{split}.txt")), lambda sentence: sentence.document
        )
    ]


def work(name: str, path: str) -> None:
    """Tags one sentence and prints `first`, then tags the corpus and prints the time."""
    tag = TAGGERS[name][0](path)
    assert tag(FIRST), "no entity was found"
    print("first", flush=True)
    documents = corpus()
    started = time.perf_counter()
    entities = tag(documents)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "entities": entities}), flush=True)


def measure(name: str, path: str) -> tuple[float, ...]:
    """Seconds for the corpus, entities, peak memory in MiB, seconds to the first entity."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.tagging", name, path],
        stdout=subprocess.PIPE,
        env={**os.environ, **TAGGERS[name][1]},
    )
    assert process.stdout is not None
    process.stdout.readline()
    first = time.perf_counter() - started
    found = json.loads(process.stdout.readline())
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit("the tagger failed")
    return found["seconds"], found["entities"], usage.ru_maxrss / 1024, first


def train_linear_crf(path: str) -> None:
    """Trains a linear CRF on train and saves it."""
    from benchmarks.linear_crf_model import fitted
    from charner.encoding.parquet import load_examples

    examples = load_examples(Path("data/encoded/train.parquet"))
    Path(path).write_bytes(pickle.dumps(fitted(examples)))


def main() -> None:
    tokens = sum(len(sentence) for document in corpus() for sentence in document)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "crf"))
        # In its own process: the memory of this process would count as that of its children.
        subprocess.run([sys.executable, "-m", "benchmarks.tagging", path], check=True)
        runs = [{name: measure(name, path) for name in TAGGERS} for _ in range(ROUNDS)]
    print(f"{tokens:,} tokens, medians of {ROUNDS} rounds")
    print("| | tokens per second | entities | peak memory, MiB | seconds to the first entity |")
    print("|---|---:|---:|---:|---:|")
    for name in TAGGERS:
        of_rounds = zip(*(run[name] for run in runs), strict=True)
        seconds, entities, memory, first = map(statistics.median, of_rounds)
        print(f"| {name} | {tokens / seconds:,.0f} | {entities:,} | {memory:,.0f} | {first:.1f} |")


if __name__ == "__main__":
    match sys.argv[1:]:
        case [name, path]:
            work(name, path)
        case [path]:
            train_linear_crf(path)
        case _:
            main()
