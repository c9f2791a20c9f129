"""Tagging speed of this project's tagger, of `charner tag`, and of a linear CRF (sklearn-crfsuite).

Each tags the three splits of CoNLL-2003 once, in its own process; they are timed in turn. Run it
from the project's root, after `dvc repro`, with nothing else running:

    pip install -r requirements-benchmarks.txt
    python -m benchmarks.tagging
    python -m benchmarks.tagging --models models other/models
"""

import argparse
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import groupby
from pathlib import Path

from charner.corpus import SPLITS
from charner.corpus.formats import read_sentences

ROUNDS = 5
FIRST = [[["Ada", "Lovelace", "lived", "in", "London", "."]]]
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
Documents = list[list[list[str]]]


def corpus() -> Documents:
    """The tokens of all three splits."""
    return [
        [sentence.tokens for sentence in document]
        for split in SPLITS
        for _, document in groupby(
            read_sentences(Path(f"data/raw/{split}.txt")), lambda sentence: sentence.document
        )
    ]


def as_text(document: list[list[str]]) -> str:
    """The tokens joined by spaces and the sentences by line breaks."""
    return "\n".join(" ".join(sentence) for sentence in document)


def counter(kind: str, path: str) -> Callable[[Documents], int]:
    """A function that tags tokens or raw text, and returns the number of entities.

    Features of the linear CRF are extracted while it tags.
    """
    if kind == "linear CRF":
        from benchmarks.linear_crf_model import features

        crf = pickle.loads(Path(path).read_bytes())
        return lambda documents: sum(
            tag.startswith("B-")
            for document in documents
            for tags in crf.predict([features(sentence) for sentence in document])
            for tag in tags
        )
    from charner import Tagger

    tagger = Tagger.load(path)
    if kind == "text":
        return lambda documents: sum(
            len(tagged.entities) for tagged in tagger.tag_batch(map(as_text, documents))
        )
    return lambda documents: sum(
        len(sentence.entities) for tagged in tagger.tag_tokens(documents) for sentence in tagged
    )


def work(kind: str, path: str) -> None:
    """Tags one sentence and prints a line, then tags the corpus and prints seconds and entities."""
    count = counter(kind, path)
    assert count(FIRST), "no entity was tagged"
    print("first", flush=True)
    documents = corpus()
    started = time.perf_counter()
    entities = count(documents)
    print(json.dumps([time.perf_counter() - started, entities]), flush=True)


def measure(kind: str, path: str, environment: dict[str, str]) -> tuple[float, ...]:
    """Seconds for the corpus, entities, peak memory in MiB, seconds to the first entity."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.tagging", "--work", kind, path],
        stdout=subprocess.PIPE,
        env={**os.environ, **environment},
    )
    assert process.stdout is not None
    process.stdout.readline()
    first = time.perf_counter() - started
    seconds, entities = json.loads(process.stdout.readline())
    _, _, usage = os.wait4(process.pid, 0)
    return seconds, entities, usage.ru_maxrss / 1024, first


def measure_command(model: str, text: str, cores: set[int]) -> tuple[float]:
    """Seconds that `charner tag` takes for a file on some cores, its start included."""
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "charner", "tag", "--model", model, text],
        stdout=subprocess.DEVNULL,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    return (time.perf_counter() - started,)


def train_linear_crf(path: str) -> None:
    from benchmarks.linear_crf_model import fitted
    from charner.encoding.parquet import load_examples

    examples = load_examples(Path("data/encoded/train.parquet"))
    Path(path).write_bytes(pickle.dumps(fitted(examples)))


def main(models: list[str]) -> None:
    documents = corpus()
    tokens = sum(len(sentence) for document in documents for sentence in document)
    cores = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as folder:
        crf, text = f"{folder}/crf", f"{folder}/text.txt"
        lines = (as_text(document).replace("\n", " ") for document in documents)
        Path(text).write_text("".join(f"{line}\n" for line in lines))
        # In its own process: the memory of this process would count as that of its children.
        command = [sys.executable, "-m", "benchmarks.tagging", "--train-linear-crf", crf]
        subprocess.run(command, check=True)
        measures: dict[str, Callable[[], tuple[float, ...]]] = {}
        for model in models:
            measures |= {
                f"{model}, tokens": partial(measure, "tokens", model, {}),
                f"{model}, tokens, one thread": partial(measure, "tokens", model, ONE_THREAD),
                f"{model}, raw text, one thread": partial(measure, "text", model, ONE_THREAD),
            }
        measures["linear CRF, tokens"] = partial(measure, "linear CRF", crf, {})
        for model in models:
            for some in ({min(cores)}, cores):
                name = f"{model}, `charner tag` on a file, cores: {len(some)}"
                measures[name] = partial(measure_command, model, text, some)
        rounds = [{name: run() for name, run in measures.items()} for _ in range(ROUNDS)]
    print(f"{tokens:,} tokens, medians of {ROUNDS} rounds")
    print("| | tokens per second | entities | peak memory, MiB | seconds to the first entity |")
    print("|---|---:|---:|---:|---:|")
    for name in measures:
        seconds, *others = map(statistics.median, zip(*(r[name] for r in rounds), strict=True))
        cells = "{:,} | {:,.0f} | {:.1f}".format(*others) if others else "| | "
        print(f"| {name} | {tokens / seconds:,.0f} | {cells} |", flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--work", kind, path]:
            work(kind, path)
        case ["--train-linear-crf", path]:
            train_linear_crf(path)
        case _:
            parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
            parser.add_argument("--models", nargs="+", default=["models"], metavar="FOLDER")
            main(parser.parse_args().models)
