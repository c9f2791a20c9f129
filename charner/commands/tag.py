"""`charner tag`: tags files or a stream, batch by batch."""

import os
import stat
import sys
from argparse import Namespace
from collections.abc import Iterator
from functools import partial

from tqdm import tqdm

from charner.support.errors import InputError
from charner.tagging import readers, writers
from charner.tagging.readers import BadDocument, TextDocument, TokenDocument
from charner.tagging.tagger import TaggedText, Tagger, as_text

SKIPPED = 3  # the exit code if some input was skipped


def tag_files(arguments: Namespace) -> int:
    """Tags the files of the arguments to standard output and returns the exit code.

    Raises:
        InputError: there is no model, or some input cannot be read and is not to be skipped.
    """
    tagger = Tagger.load(arguments.model)
    layout = _format(arguments.to, tagger)
    output = sys.stdout.buffer
    size = _known_size(arguments.files)
    hidden = size is None or not sys.stderr.isatty() or sys.stdout.isatty()
    skipped = 0
    with tqdm(total=size, unit="B", unit_scale=True, leave=False, disable=hidden) as bar:
        output.write(layout.head.encode())
        for batch in _batches(arguments):
            good = [document for document in batch if not isinstance(document, BadDocument)]
            tagged = iter(_tag(tagger, good, arguments.min_score))
            for document in batch:
                if isinstance(document, BadDocument):
                    output.flush()
                    if not arguments.skip_bad:
                        raise InputError(document.message)
                    tqdm.write(f"skipped: {document.message}", file=sys.stderr)
                    skipped += 1
                else:
                    output.write(writers.encoded(layout.document(document, next(tagged))))
            output.flush()
            bar.update(sum(document.size for document in batch))
        output.write(layout.foot.encode())
        output.flush()
    return SKIPPED if skipped else 0


def _format(name: str | None, tagger: Tagger) -> writers.Format:
    types = tagger.vocabulary.entity_types
    match name or ("ansi" if sys.stdout.isatty() else "jsonl"):
        case "jsonl":
            return writers.jsonl()
        case "doccano":
            return writers.doccano()
        case "prodigy":
            return writers.prodigy()
        case "conll":
            return writers.conll()
        case "ansi":
            return writers.ansi(types)
        case _:
            return writers.page(types, tagger.vocabulary.language)


def _batches(arguments: Namespace) -> Iterator[list[readers.Document]]:
    sources: dict[str, readers.Reader] = {
        "lines": readers.of_lines,
        "text": readers.of_text,
        "conll": readers.of_conll,
        "jsonl": partial(readers.of_jsonl, text_field=arguments.text_field),
    }
    documents = sources[arguments.source]
    for name in arguments.files or ["-"]:
        is_stream = name == "-"
        try:
            with open(0 if is_stream else name, "rb", closefd=not is_stream) as file:
                shown = "standard input" if is_stream else name
                yield from readers.batches(documents, file, shown)
        except OSError as error:
            yield [BadDocument(f"{name}: {error.strerror}", 0)]


def _known_size(names: list[str]) -> int | None:
    """The size of all input in bytes; None if it is not in regular files."""
    try:
        found = [os.stat(name) if name != "-" else os.fstat(0) for name in names or ["-"]]
    except OSError:
        return None
    if not all(stat.S_ISREG(one.st_mode) for one in found):
        return None
    return sum(one.st_size for one in found)


def _tag(
    tagger: Tagger, documents: list[TextDocument | TokenDocument], min_score: float
) -> list[TaggedText]:
    min_score = writers.lowest_score(min_score)
    # All documents of a batch are of the same kind.
    texts = [document.text for document in documents if isinstance(document, TextDocument)]
    if texts:
        return tagger.tag_batch(texts, min_score)
    cut = [document.sentences for document in documents if isinstance(document, TokenDocument)]
    return [*map(as_text, tagger.tag_tokens(cut, min_score))]
