"""Feeds damaged files to the stages, params.yaml, models, `charner tag`, `tag-all` and `evaluate`.

Each must be read, or refused with clear error lines, in limited time and memory. What is written of
it must be read back, and hold nothing that could command a browser or a terminal.

    python -m tests.fuzz --files 50000 --seed 1

Problems are printed; the files that caused them are kept in a temporary folder.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pyarrow.parquet
import yaml

from charner import __main__ as command_line
from charner import params
from charner.bulk.run import BulkRun
from charner.bulk.tag_part import tag_part
from charner.corpus.formats import read_sentences
from charner.corpus.segmentation import sentences
from charner.encoding.encoded_file import encoded_file_errors
from charner.encoding.examples import Example
from charner.encoding.model_files import MODEL_FILES
from charner.encoding.parquet import load_examples, write_parquet
from charner.encoding.vector_files import read_vectors
from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.support.errors import InputError
from charner.support.process import run_stage
from stages import char_encode
from tests.helpers import ROOT, SMALL, VECTORS, write_small_model

SECONDS = 30  # of computing for one file: other programs do not count
MEMORY = 4_000_000_000  # bytes of the whole program, with all libraries

CONLL = b"\n\n".join((ROOT / "data/sample/train.txt").read_bytes().split(b"\n\n")[:20]) + b"\n"
JSON_LINES = b"".join((ROOT / "docs/harbour/annotated.jsonl").read_bytes().splitlines(True)[:8])
RECORDS = b"".join(
    json.dumps({"id": 1, "body": line, "text": "ab", "spans": []}).encode() + b"\n"
    for line in (ROOT / "docs/example.txt").read_text("utf-8").splitlines()[:8]
)
TEXT = (ROOT / "docs/example.txt").read_bytes()[:2000]
PARAMETERS = yaml.safe_dump(SMALL).encode()

# What breaks readers.
PIECES = [
    *(b"\x00", b"\r", b"\r\n", b"\n\n", b"\t", b" ", b"\x1a", b"\x0b", b"\x85", b"\xc2\x85"),
    *("\ufeff".encode(), "\u2028".encode(), "\u00a0".encode(), "e\u0301".encode(), "😀".encode()),
    *(b"\xff", b"\xed\xa0\x80", b"\xc3", b"\xf4\x90\x80\x80", b'"\\ud800"', b"\\u0000"),
    *(b"-DOCSTART- O\n", b" B-", b" I-X", b" B-LOC", b" O", b"E-PER", b"#", b"'", b'"'),
    *(b"{", b"}", b"[", b"]", b"null", b"true", b"NaN", b"1e999", b"-1", b"9" * 5000, b"0.5"),
    *(b'{"text": ""}\n', b'{"text": "a", "spans": [{"start": 0, "end": 9, "label": "X"}]}\n'),
    *(b'"entities": [[0, 1, "A"]]', b": &a [*a]", b"!!python/object:os.system", b"? ", b"--- "),
    *(b'"text": "Ann Lee", ', b'"body": "Ann", ', b'"tokens": [], ', b'"tokens": 5, '),
    *(f"A{space}. Ann B{space}. ".encode() for space in "\u00a0\u202f\u2009\u3000\u2028\x0b"),
    *(b"\x1b[2J", b"</script><script>", b"\\u001b[2J", b"X\\nY", b"\\ud800", b"1e38"),
    *(b"1" + b"0" * 400, b'"meta": 3, '),
    *(b": &b [*a, *a]", b"<<: [*a, *b]", b"-DOCSTART-", b"\r", b"\r\r"),
    *(b"[" * 20_000, b'{"a":' * 5_000, b"a" * 100_000, b"a O\n" * 2_000, "ä".encode() * 30_000),
]


def mutated(seed: bytes, chance: random.Random) -> bytes:
    """A seed with one to six changes."""
    content = bytearray(seed)
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(content) + 1)
        end = min(len(content), start + int(chance.expovariate(1 / 20)))
        match chance.randrange(6):
            case 0:
                content[start:start] = chance.choice(PIECES)
            case 1:
                content[start:end] = chance.choice(PIECES)
            case 2:
                del content[start:end]
            case 3:
                content[start:start] = content[start:end] * chance.randint(1, 5)
            case 4:
                content[start:end] = chance.randbytes(end - start)
            case 5:
                other = chance.choice([CONLL, JSON_LINES, TEXT, PARAMETERS])
                content[start:end] = other[chance.randrange(len(other)) :][:200]
    return bytes(content)


def raw_file(name: str, split: str) -> Callable[[Path, bytes], None]:
    """Runs char_encode with the content as the file of this split."""

    def run(folder: Path, content: bytes) -> None:
        shutil.rmtree(folder / "data/raw", ignore_errors=True)
        (folder / "data/raw").mkdir(parents=True)
        for other in ("train", "valid", "test") if split != "all" else ():
            (folder / f"data/raw/{other}.txt").write_bytes(CONLL)
        (folder / f"data/raw/{split}{name}").write_bytes(content)
        run_stage(char_encode.main)

    return run


def parameters(folder: Path, content: bytes) -> None:
    """Reads params.yaml."""
    valid = (folder / "params.yaml").read_bytes()
    (folder / "params.yaml").write_bytes(content)
    try:
        run_stage(lambda: params.load() and None)
    finally:
        (folder / "params.yaml").write_bytes(valid)


def command(*arguments: str) -> Callable[[Path, bytes], None]:
    """Runs `charner` on a file."""

    def run(folder: Path, content: bytes) -> None:
        (folder / "input").write_bytes(content)
        sys.argv = ["charner", *arguments, "--model", "models", "input"]
        code = command_line.run()
        if code:
            raise SystemExit(code)

    return run


def read_back(layout: str) -> Callable[[Path, bytes], None]:
    """Runs `charner tag` on JSON lines, and reads what it writes as a corpus."""

    def run(folder: Path, content: bytes) -> None:
        tag = ["tag", "--from", "jsonl", "--text-field", "body", "--to", layout, "--skip-bad"]
        with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) as output:
            with contextlib.suppress(SystemExit):  # 3: some was skipped, which is told
                command(*tag)(folder, content)
            written = output.buffer.getvalue()
        (folder / "corpus").write_bytes(written)
        if written.strip():
            try:
                assert [*read_sentences(folder / "corpus")]
            except InputError as error:
                # A text without the end of a sentence may be too long for a corpus.
                told = "holds no sentence|half a character|the sentence that begins here has"
                if not re.search(told, str(error)):
                    raise RuntimeError("what was written cannot be read") from error

    return run


def page(folder: Path, content: bytes) -> None:
    """Makes a page of a text with a damaged model."""
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) as output:
        command("tag", "--to", "html")(folder, TEXT)
        written = output.buffer.getvalue()
    assert b"<script" not in written
    assert b"\x1b" not in written


def of_model(name: str) -> Callable[[Path, bytes], None]:
    """Makes a page with a damaged file of the model."""

    def run(folder: Path, content: bytes) -> None:
        path = folder / "models" / name
        valid = path.read_bytes()
        path.write_bytes(content)
        try:
            page(folder, content)
        finally:
            path.write_bytes(valid)

    return run


def encoded(name: str, load: Callable[[Path], object]) -> Callable[[Path, bytes], None]:
    """Reads a file that char_encode has written, as later stages do."""

    def run(folder: Path, content: bytes) -> None:
        (folder / name).write_bytes(content)
        run_stage(lambda: load(folder / name) and None)

    return run


def vectors_of(path: Path) -> WordVectors:
    """Reads a file of word vectors, as char_encode does."""
    return read_vectors(path, str.isalpha, str.lower)


def part(name: str) -> Callable[[Path, bytes], None]:
    """Tags a file as `charner tag-all` does, but in this process."""

    def tag(folder: Path) -> None:
        run = BulkRun(
            [str(folder / name)],
            str(folder / "out"),
            folder / "models",
            text_field="text",
            min_score=0.0,
            part_size=1_000_000,
            skip_bad=False,
        )
        for description in run.waiting:
            if told := tag_part(description).get("problem"):
                raise InputError(told)
        run.finish()

    def run(folder: Path, content: bytes) -> None:
        shutil.rmtree(folder / "out", ignore_errors=True)
        (folder / name).write_bytes(content)
        run_stage(lambda: tag(folder))

    return run


def split(folder: Path, content: bytes) -> None:
    """Splits a text by the rules of a language that depends on it."""
    text = content.decode("utf-8", "surrogateescape")
    language = LANGUAGES[len(text) % len(LANGUAGES)]
    spans = [span for sentence in sentences(text, language) for span in sentence]
    assert [*spans] == sorted(spans)
    assert all(text[start:end].strip() for start, end in spans)


TARGETS: dict[str, tuple[bytes, Callable[[Path, bytes], None]]] = {
    "train.txt": (CONLL, raw_file(".txt", "train")),
    "test.txt": (CONLL, raw_file(".txt", "test")),
    "all.jsonl": (JSON_LINES, raw_file(".jsonl", "all")),
    "params.yaml": (PARAMETERS, parameters),
    "tag --from text": (TEXT, command("tag", "--from", "text")),
    "tag --from jsonl": (JSON_LINES, command("tag", "--from", "jsonl")),
    "tag --from conll": (CONLL, command("tag", "--from", "conll")),
    "evaluate": (CONLL, command("evaluate")),
    **{f"read back {name}": (RECORDS, read_back(name)) for name in ("doccano", "prodigy", "conll")},
    "sentences": (TEXT, split),
}
LANGUAGES = ("en", "de", "fr", "es", "ru", "el", "hi", "ar", "zh", "ja", "am", "hy", "pt-br", "xx")


def targets_of_files(folder: Path) -> dict[str, tuple[bytes, Callable[[Path, bytes], None]]]:
    """More targets: files that are made first."""
    vocabulary = Vocabulary.build({"Ann": 1, "left": 1}, ["PER"])
    vocabulary.save(folder / "vocabulary.json")
    examples = [Example(1, ["Ann", "left"], ["B-PER", "O"])] * 3
    write_parquet(folder / "valid.parquet", examples, vocabulary)
    table = pyarrow.table({"text": ["Ann left."] * 3, "id": [1, 2, 3]})
    pyarrow.parquet.write_table(table, folder / "in.parquet")
    lines = b"".join(b'{"text": "Ann left."}\n' for _ in range(3))
    (folder / "in.jsonl.gz").write_bytes(gzip.compress(lines))
    VECTORS.save(folder / "vectors.safetensors")
    (folder / "in.vec").write_text("3 2\nthe 0.5 -1\nVienna 1 2e-1\nof -2 0.25\n")
    (folder / "in.vec.gz").write_bytes(gzip.compress((folder / "in.vec").read_bytes()))
    runs: dict[str, Callable[[Path, bytes], None]] = {
        "vocabulary.json": encoded("vocabulary.json", Vocabulary.load),
        "valid.parquet": encoded("valid.parquet", load_examples),
        "vectors.safetensors": encoded("vectors.safetensors", load_vectors),
        "in.vec": encoded("in.vec", vectors_of),
        "in.vec.gz": encoded("in.vec.gz", vectors_of),
        "in.parquet": part("in.parquet"),
        "in.jsonl.gz": part("in.jsonl.gz"),
        **{f"models/{name}": of_model(name) for name in MODEL_FILES},
    }
    return {name: ((folder / name).read_bytes(), run) for name, run in runs.items()}


def load_vectors(path: Path) -> None:
    """As the train stage reads them."""
    with encoded_file_errors(path):
        WordVectors.load(path)


def outputs(folder: Path) -> dict[Path, bytes]:
    """The files that the stages have written."""
    return {path: path.read_bytes() for path in (folder / "data/encoded").glob("*")}


def problem(
    run: Callable[[Path, bytes], None], folder: Path, content: bytes
) -> tuple[str | None, str]:
    """Runs a target.

    Returns:
        What is wrong, if anything; and what happened: read, refused or failed.
    """
    told = io.StringIO()
    before = outputs(folder)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        nowhere = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(told):
            run(folder, content)
        return None, "read"
    except SystemExit as error:
        message = error.code if isinstance(error.code, str) else last_line(told.getvalue())
        lines = message.split("\n")  # params.yaml may have several mistakes, each has a line
        if not all(line.startswith("error: ") and len(line) < 2000 for line in lines):
            return f"exit code {error.code} without clear lines: {message[:3000]!r}", "failed"
        if outputs(folder) != before:
            return "an error, but outputs have changed", "failed"
        return None, "refused"
    except (Exception, TooSlow):
        return traceback.format_exc(), "failed"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def last_line(text: str) -> str:
    return (text.split("\n")[:-1] or [""])[-1]


class TooSlow(BaseException):
    """Not an OSError such as TimeoutError: stages and commands would turn it into an error line."""


def too_slow(*arguments: object) -> None:
    raise TooSlow(f"more than {SECONDS} s of computing")


def fuzz(folder: Path, files: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Runs all targets in turn; returns how often what happened, and the problems."""
    write_small_model_and_parameters(folder)
    targets = {**TARGETS, **targets_of_files(folder)}
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    problems = []
    for number in range(files):
        name = [*targets][number % len(targets)]
        content, run = targets[name]
        spoilt = mutated(content, chance)
        found, happened = problem(run, folder, spoilt)
        counts[f"{name}: {happened}"] += 1
        if found:
            path = folder / f"problem-{number}"
            path.write_bytes(spoilt)
            problems.append(f"{name}, {path}: {found}")
    return counts, problems


def write_small_model_and_parameters(folder: Path) -> None:
    (folder / "models").mkdir()
    write_small_model(folder / "models")
    (folder / "params.yaml").write_bytes(PARAMETERS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    signal.signal(signal.SIGPROF, too_slow)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    folder = Path(tempfile.mkdtemp(prefix="charner-fuzz-"))
    os.chdir(folder)
    counts, problems = fuzz(folder, arguments.files, arguments.seed)
    for name, count in sorted(counts.items()):
        print(f"{count:8,} {name}")
    print(f"{counts.total():8,} files, {len(problems)} problems")
    for found in problems[:20]:
        print(found)
    if problems:
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
