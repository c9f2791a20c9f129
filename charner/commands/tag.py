"""`charner tag`: tags files or a stream, batch by batch."""

import math
import os
import stat
import sys
from argparse import Namespace
from collections.abc import Iterator
from functools import partial

from tqdm import tqdm

from charner.support.errors import InputError, one_line
from charner.tagging import readers, writers
from charner.tagging.parts import PART, Work, cores, tag_parts
from charner.tagging.readers import BadDocument, Document
from charner.tagging.tagger import Tagger

SKIPPED = 3  # the exit code if some input was skipped


def tag_files(arguments: Namespace) -> int:
    """Tags the files of the arguments to standard output and returns the exit code.

    Raises:
        InputError: there is no model, or some input cannot be read and is not to be skipped.
    """
    tagger = Tagger.load(arguments.model)
    layout = arguments.to or ("ansi" if sys.stdout.isatty() else "jsonl")
    if layout == "jsonl":
        writers.check_text_field(arguments.text_field)
    work = Work(tagger.trained, tagger.temperature, layout, arguments.min_score)
    size = _known_size(arguments.files)
    if size is None:
        tagged = tag_parts(work, readers.batches(_documents(arguments)), 1, tagger)
    else:
        parts = readers.batches(_documents(arguments), PART)
        tagged = tag_parts(work, parts, max(1, min(cores(), math.ceil(size / PART))))
    output = sys.stdout.buffer
    hidden = size is None or not sys.stderr.isatty() or sys.stdout.isatty()
    skipped = 0
    tqdm.monitor_interval = 0  # no thread: processes are forked
    with tqdm(total=size, unit="B", unit_scale=True, leave=False, disable=hidden) as bar:
        output.write(work.format.head.encode())
        for part, written in tagged:
            for content in written:
                if isinstance(content, BadDocument):
                    output.flush()
                    if not arguments.skip_bad:
                        raise InputError(content.message)
                    tqdm.write(f"skipped: {one_line(content.message)}", file=sys.stderr)
                    skipped += 1
                else:
                    output.write(content)
            output.flush()
            bar.update(sum(document.size for document in part))
        output.write(work.format.foot.encode())
        output.flush()
    return SKIPPED if skipped else 0


def _documents(arguments: Namespace) -> Iterator[Document | None]:
    """The documents of all files, and None while no more has arrived."""
    sources: dict[str, readers.Reader] = {
        "lines": readers.read_lines,
        "text": readers.read_text,
        "conll": readers.read_conll,
        "jsonl": partial(readers.read_jsonl, text_field=arguments.text_field),
    }
    documents = sources[arguments.source]
    for name in arguments.files or ["-"]:
        is_stream = name == "-"
        shown = "standard input" if is_stream else name
        try:
            with open(0 if is_stream else name, "rb", closefd=not is_stream) as file:
                yield from documents(file, shown)
        except OSError as error:
            yield BadDocument(f"{shown}: {error.strerror}", 0)
        yield None


def _known_size(names: list[str]) -> int | None:
    """The size of all input in bytes; None if it is not in regular files."""
    try:
        found = [os.stat(name) if name != "-" else os.fstat(0) for name in names or ["-"]]
    except OSError:
        return None
    if not all(stat.S_ISREG(one.st_mode) for one in found):
        return None
    return sum(one.st_size for one in found)
