"""`charner tag`: tags files or a stream, batch by batch."""

import contextlib
import math
import os
import stat
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from charner.support.errors import InputError, one_line
from charner.support.process import raise_on_ctrl_c

if TYPE_CHECKING:
    from charner.tagging.readers import Document, Reader

SKIPPED = 3  # the exit code if some input was skipped


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "tag",
        help="find named entities in text",
        description="Finds named entities in files, or in standard input if no file is given.",
        epilog="Exit codes: 0: all input was tagged; 1: bad input, or no model; 2: wrong usage;"
        " 3: some input was skipped (--skip-bad).",
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="files to tag; -: standard input")
    parser.add_argument(
        "--from",
        dest="source",
        choices=["lines", "text", "conll", "jsonl"],
        default="lines",
        help="input format; lines (the default): each line is a document; text: each file is a"
        " document; conll: one token on each line, in the first column; jsonl: one JSON object on"
        " each line",
    )
    parser.add_argument(
        "--text-field",
        default="text",
        metavar="NAME",
        help="with --from jsonl: the field that holds the text; default: text",
    )
    parser.add_argument(
        "--to",
        choices=["jsonl", "doccano", "prodigy", "label-studio", "conll", "ansi", "html"],
        help="output format; doccano, prodigy and label-studio: what these annotation tools read;"
        " default: ansi (colours) on a terminal, otherwise jsonl",
    )
    parser.add_argument(
        "--skip-bad", action="store_true", help="skip unreadable input instead of stopping"
    )
    parser.add_argument(
        "--least-certain",
        type=number(int, lambda count: count > 0, "a whole number above 0"),
        metavar="N",
        help="write only the N documents that the model is least certain of, to annotate them next",
    )
    add_tagger_options(parser)
    parser.set_defaults(run=tag_files)


def add_tagger_options(parser: ArgumentParser) -> None:
    """Adds the options that decide which entities are found."""
    parser.add_argument(
        "--min-score",
        type=number(float, lambda score: 0 <= score <= 1, "a number from 0 to 1"),
        default=0.0,
        metavar="SCORE",
        help="leave out entities with a lower score, from 0 to 1; default: 0",
    )
    parser.add_argument("--model", default="models", metavar="FOLDER", help="default: models")


def number(
    parse: Callable[[str], float], is_allowed: Callable[[float], bool], expected: str
) -> Callable[[str], float]:
    """The type of an argument that is a number; `expected` describes the allowed ones."""

    def parsed(text: str) -> float:
        with contextlib.suppress(ValueError):
            if is_allowed(value := parse(text)):
                return value
        raise ArgumentTypeError(f"found {text!r}; should be {expected}")

    return parsed


def tag_files(arguments: Namespace) -> int:
    """Tags the files of the arguments to standard output and returns the exit code.

    Raises:
        InputError: there is no model, or some input cannot be read and is not to be skipped.
    """
    # For the same bytes on any number of cores. A process for each core makes up for it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from tqdm import tqdm

    from charner.tagging import readers, writers
    from charner.tagging.least_certain import least_certain
    from charner.tagging.parts import PART, Work, cores, tag_parts
    from charner.tagging.tagger import Tagger

    raise_on_ctrl_c()
    tagger = Tagger.load(arguments.model)
    layout = arguments.to or ("ansi" if sys.stdout.isatty() else "jsonl")
    if layout == "jsonl":
        writers.check_text_field(arguments.text_field)
    work = Work(tagger.trained, tagger.temperature, layout, arguments.min_score)
    size = _known_size(arguments.files)
    if arguments.least_certain:
        all_parts = readers.batches(_documents(arguments), PART)
        chosen = least_certain(tagger, all_parts, arguments.least_certain)
        tagged, size = tag_parts(work, iter([chosen]), 1, tagger), None
    elif size is None:
        tagged = tag_parts(work, readers.batches(_documents(arguments)), 1, tagger)
    else:
        parts = readers.batches(_documents(arguments), PART)
        tagged = tag_parts(work, parts, max(1, min(cores(), math.ceil(size / PART))))
    output = sys.stdout.buffer
    hidden = size is None or not sys.stderr.isatty() or sys.stdout.isatty()
    skipped = 0
    between = b""
    tqdm.monitor_interval = 0  # no thread: processes are forked
    with tqdm(total=size, unit="B", unit_scale=True, leave=False, disable=hidden) as bar:
        output.write(work.format.head.encode())
        for part, written in tagged:
            for content in written:
                if isinstance(content, readers.BadDocument):
                    output.flush()
                    if not arguments.skip_bad:
                        raise InputError(content.message)
                    tqdm.write(f"skipped: {one_line(content.message)}", file=sys.stderr)
                    skipped += 1
                else:
                    output.write(between + content)
                    between = work.format.between.encode()
            output.flush()
            bar.update(sum(document.size for document in part))
        output.write(work.format.foot.encode())
        output.flush()
    return SKIPPED if skipped else 0


def _documents(arguments: Namespace) -> "Iterator[Document | None]":
    """The documents of all files, and None while no more has arrived."""
    from charner.tagging import readers

    sources: dict[str, Reader] = {
        "lines": readers.read_lines,
        "text": readers.read_text,
        "conll": readers.read_conll,
        "jsonl": partial(readers.read_jsonl, text_field=arguments.text_field),
    }
    for name in arguments.files or ["-"]:
        is_stream = name == "-"
        title = "standard input" if is_stream else name
        try:
            with open(0 if is_stream else name, "rb", closefd=not is_stream) as file:
                yield from sources[arguments.source](file, title)
        except OSError as error:
            yield readers.BadDocument(f"{title}: {error.strerror}", 0)
        yield None


def _known_size(names: list[str]) -> int | None:
    """The size of all input in bytes; None if it is not in regular files."""
    try:
        stats = [os.stat(name) if name != "-" else os.fstat(0) for name in names or ["-"]]
    except OSError:
        return None
    if not all(stat.S_ISREG(one.st_mode) for one in stats):
        return None
    return sum(one.st_size for one in stats)
