"""Entity F1, cost of training and tagging speed on many corpora: ours, a linear CRF and spaCy.

The corpora are the sample, CoNLL-2003's train cut after some documents, and those of the command
line: folders with train.txt, valid.txt and test.txt, and how to read them:

    python -m benchmarks.corpora corpora/germeval2014,token_column=1,tag_column=2,language=de
    python -m benchmarks.corpora --keep --only CoNLL-2003 --systems default small quick
    python -m benchmarks.corpora --recorded    # prints the tables of what was kept

Run it from the project's root, after `dvc repro` with CoNLL-2003, with nothing else running.
`pip install -r requirements-benchmarks.txt` installs the other two. Ours is trained with
params.yaml (default), or with what a preset of the Makefile changes in it; the others with their
defaults. Two programs run at a time, each on a core of its own. A line is printed for each of them
when it has ended, and the tables last.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from queue import Queue
from typing import Any, NamedTuple

import yaml

from benchmarks.measure import change, measure_stage
from benchmarks.sweep import mean
from charner.corpus import SPLITS
from charner.corpus.formats.column_layout import DOCUMENT_START
from charner.encoding.examples import Example
from charner.encoding.parquet import load_examples
from charner.support.files import replacing
from charner.tags.counts import entity_scores

ROOT = Path.cwd()
RECORDED = Path("benchmarks/corpora.json")
ENCODED = Path("data/encoded")
CODE = ("charner", "stages", "benchmarks/*.py", "params.yaml", "Makefile")
CUTS = (15, 50, 150, 450)  # documents
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTEROP_THREADS")
ONE_THREAD = dict.fromkeys(THREADS, "1")

Tagger = Callable[[list[Example]], list[list[str]]]  # from sentences to their tags in IOB2


class Corpus(NamedTuple):
    name: str
    texts: dict[str, str]  # of each split
    settings: dict[str, Any]  # of char_encode
    language: str


class Record(NamedTuple):
    corpus: str
    sentences: int  # of train
    system: str
    seed: int
    commit: str
    valid: float  # entity F1
    test: float
    seconds: float  # of training
    mib: float  # peak memory of training
    speed: float  # tokens of test tagged in a second


# Each prepares a training in a folder, and returns the function that trains.


def our_tagger(folder: Path, seed: int, language: str) -> Callable[[], Tagger]:
    settings = yaml.safe_load((folder / "params.yaml").read_text("utf-8"))
    settings["train"]["seed"] = seed
    (folder / "params.yaml").write_text(yaml.safe_dump(settings), "utf-8")

    def fit() -> Tagger:
        for stage in ("train", "calibrate"):
            measure_stage(stage, str(folder))
        from charner.inference.token_tagger import TokenTagger

        tagger = TokenTagger.load(folder / "models")
        return lambda examples: [sentence.tags for sentence in tagger.tag_examples(examples)]

    return fit


def linear_crf(folder: Path, seed: int, language: str) -> Callable[[], Tagger]:
    from benchmarks.linear_crf_model import features, fitted

    examples = load_examples(folder / ENCODED / "train.parquet")

    def fit() -> Tagger:
        crf = fitted(examples)
        return lambda examples: crf.predict([features(example.tokens) for example in examples])

    return fit


def spacy_pipeline(folder: Path, seed: int, language: str) -> Callable[[], Tagger]:
    from benchmarks.spacy_model import prepare, train

    prepare(folder, *(load_examples(folder / ENCODED / f"{split}.parquet") for split in SPLITS[:2]))
    return lambda: train(folder, seed, language)


OTHERS = {"linear CRF": linear_crf, "spaCy": spacy_pipeline}
PRESETS = ("small", "quick", "without_vectors", "character_lstm")
SYSTEMS = ("default", *PRESETS, *OTHERS)


def preset(name: str) -> dict[str, Any]:
    """The parameters that a preset of the Makefile sets, by their names with dots."""
    commands = subprocess.run(
        ["make", "--dry-run", name], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    pairs = re.findall(r"-S '?([\w.]+)=([^\s']+)", commands)
    return {key: yaml.safe_load(value) for key, value in pairs}


def work(system: str, folder: Path, seed: int, language: str) -> None:
    """Trains a system and prints the figures of its `Record`."""
    fit = OTHERS.get(system, our_tagger)(folder, seed, language)
    started = time.perf_counter()
    tag = fit()
    seconds = time.perf_counter() - started
    # Ours and spaCy train in another process.
    usages = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    mib = max(resource.getrusage(usage).ru_maxrss for usage in usages) / 1024
    f1 = {}
    for split in ("valid", "test"):
        examples = load_examples(folder / ENCODED / f"{split}.parquet")
        started = time.perf_counter()
        predicted = tag(examples)
        speed = sum(len(example.tokens) for example in examples) / (time.perf_counter() - started)
        f1[split] = entity_scores([example.tags for example in examples], predicted).all.f1
    print(json.dumps([f1["valid"], f1["test"], seconds, mib, speed]))


def encode(folder: Path, texts: dict[str, str], settings: dict[str, Any]) -> None:
    """Runs char_encode in an empty folder, on the text of each split."""
    (folder / "data/raw").mkdir(parents=True)
    (folder / "data/vectors").symlink_to(ROOT / "data/vectors")
    for split, text in texts.items():
        (folder / f"data/raw/{split}.txt").write_text(text, "utf-8")
    (folder / "params.yaml").write_text(yaml.safe_dump(settings), "utf-8")
    measure_stage("char_encode", str(folder))


def measure(corpus: Corpus, system: str, seed: int, commit: str) -> Record:
    """Runs `work` in a program and a folder of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = yaml.safe_load((ROOT / "params.yaml").read_text("utf-8"))
        change(settings, preset(system) if system in PRESETS else {})
        settings["char_encode"] |= {"language": corpus.language, **corpus.settings}
        encode(folder, corpus.texts, settings)
        sentences = len(load_examples(folder / ENCODED / "train.parquet"))
        arguments = [system, name, str(seed), corpus.language]
        shown = subprocess.run(
            [sys.executable, "-m", "benchmarks.corpora", "--work", *arguments],
            env={**os.environ, **ONE_THREAD},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
    figures = [round(figure, 4) for figure in json.loads(shown.splitlines()[-1])]
    record = Record(corpus.name, sentences, system, seed, commit, *figures)
    print(
        f"{corpus.name}, {system}, seed {seed}: F1 on valid {record.valid:.4f}, on test"
        f" {record.test:.4f}; {record.seconds:.0f} s of training, {record.mib:,.0f} MiB",
        flush=True,
    )
    return record


def corpora(folders: list[str]) -> Iterator[Corpus]:
    """All corpora, the smallest first."""
    yield Corpus("sample", texts_of(ROOT / "data/sample"), {}, "en")
    conll = texts_of(ROOT / "data/raw")
    before_first, *documents = conll["train"].split(DOCUMENT_START)
    for number in CUTS:
        train = DOCUMENT_START.join([before_first, *documents[:number]])
        yield Corpus(f"CoNLL-2003, {number} documents", {**conll, "train": train}, {}, "en")
    for given in folders:
        path, *pairs = given.split(",")
        settings = {key: yaml.safe_load(value) for key, value in (p.split("=", 1) for p in pairs)}
        language = settings.pop("language", "en")
        yield Corpus(Path(path).name, texts_of(Path(path)), settings, language)
    yield Corpus("CoNLL-2003", conll, {}, "en")


def texts_of(folder: Path) -> dict[str, str]:
    return {split: (folder / f"{split}.txt").read_text("utf-8") for split in SPLITS}


def recorded() -> list[Record]:
    """What was kept."""
    rows = json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else []
    return [Record(**row) for row in rows]


def keep(record: Record) -> None:
    """Writes a record, in place of an older one of the same training."""
    others = [other for other in recorded() if other[:4] != record[:4]]
    records = sorted(
        [*others, record],
        key=lambda kept: (kept.sentences, kept.corpus, SYSTEMS.index(kept.system), kept.seed),
    )
    lines = ",\n".join(json.dumps(record._asdict()) for record in records)
    with replacing(RECORDED) as partial:
        partial.write_text(f"[\n{lines}\n]\n", "utf-8")


def by_training(records: list[Record]) -> dict[str, dict[str, list[Record]]]:
    """The records of each corpus and system; a list has one for each seed."""
    grouped: dict[str, dict[str, list[Record]]] = {}
    for record in records:
        grouped.setdefault(record.corpus, {}).setdefault(record.system, []).append(record)
    return grouped


def score_table(records: list[Record]) -> str:
    """Entity F1 on test: a row for each corpus, a column for each system that has several."""
    corpora_of = {
        name: {each.corpus for each in records if each.system == name} for name in SYSTEMS
    }
    systems = [name for name in SYSTEMS if len(corpora_of[name]) > 1]
    rows = [
        f"| corpus | sentences in train | {' | '.join(systems)} |",
        f"|---|---:|{'---:|' * len(systems)}",
    ]
    for corpus, of_systems in by_training(records).items():
        scores = [[record.test for record in of_systems.get(system, [])] for system in systems]
        cells = [mean(of_seeds) if of_seeds else "" for of_seeds in scores]
        sentences = next(iter(of_systems.values()))[0].sentences
        rows.append(f"| {corpus} | {sentences:,} | {' | '.join(cells)} |")
    return "\n".join(rows)


def cost_table(of_systems: dict[str, list[Record]]) -> str:
    """Scores and costs on one corpus: a row for each system.

    Of the costs of several seeds, the table has the best: other programs disturbed it least.
    """
    rows = [
        "| | F1 on valid | F1 on test | seconds of training | peak MiB | tokens per second |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for system, trainings in of_systems.items():
        valid, test, seconds, mib, speed = zip(*(each[5:] for each in trainings), strict=True)
        costs = [f"{cost:,.0f}" for cost in (min(seconds), min(mib), max(speed))]
        rows.append(f"| {system} | {' | '.join([mean(valid), mean(test), *costs])} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folders", nargs="*", metavar="FOLDER[,KEY=VALUE]...")
    parser.add_argument("--only", nargs="+", help="names of corpora; default: all")
    parser.add_argument(
        "--systems",
        nargs="+",
        choices=SYSTEMS,
        default=["default", *OTHERS],
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--keep", action="store_true", help=f"add the figures to {RECORDED}")
    parser.add_argument("--recorded", action="store_true", help="only print what was kept")
    arguments = parser.parse_args()
    if arguments.recorded:
        show(recorded())
        return
    chosen = [c for c in corpora(arguments.folders) if c.name in (arguments.only or [c.name])]
    seeds = dict.fromkeys(arguments.systems, arguments.seeds) | {"linear CRF": [0]}
    jobs = [
        (corpus, system, seed)
        for corpus in chosen
        for system in arguments.systems
        for seed in seeds[system]
    ]
    if (
        arguments.keep
        and subprocess.run(["git", "diff", "--quiet", "HEAD", "--", *CODE]).returncode
    ):
        sys.exit("the code or params.yaml differ from the last commit: commit them first")
    commit = subprocess.run(
        ["git", "rev-parse", "--short=7", "HEAD"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()
    cores: Queue[int] = Queue()
    for core in sorted(os.sched_getaffinity(0))[:2]:
        cores.put(core)
    records = []
    # A program inherits the core of the thread that starts it.
    with ThreadPoolExecutor(
        cores.qsize(), initializer=lambda: os.sched_setaffinity(0, [cores.get()])
    ) as pool:
        for record in pool.map(measure, *zip(*jobs, strict=True), repeat(commit)):
            records.append(record)
            if arguments.keep:
                keep(record)
    show(records)


def show(records: list[Record]) -> None:
    print(score_table(records))
    for corpus, of_systems in by_training(records).items():
        print(f"\n{corpus}\n\n{cost_table(of_systems)}")
    print("\nCommits:", ", ".join(sorted({record.commit for record in records})))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        system, name, seed, language = sys.argv[2:]
        work(system, Path(name), int(seed), language)
    else:
        main()
