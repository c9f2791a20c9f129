"""Tags the parts of an input, on all cores: in order, and with the same bytes on any number."""

import os
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import wait

from charner.layout.model_files import TrainedModel
from charner.support.errors import InputError
from charner.support.interrupts import end_at_once_on_ctrl_c, no_ctrl_c
from charner.tagging import writers
from charner.tagging.readers import BadDocument, Document, TextDocument, TokenDocument
from charner.tagging.tagger import Tagger, as_text

PART = 250_000  # bytes; tokens that recur in a part are computed once
AHEAD = 2  # parts for each process: one that is tagged, one that waits

# A part, and the bytes to write for each of its documents that is not bad.
Tagged = tuple[list[Document], list[bytes]]


@dataclass(frozen=True)
class Work:
    """How documents are tagged and written: a model and its temperature, and an output format."""

    trained: TrainedModel
    temperature: float
    layout: str
    min_score: float

    @property
    def format(self) -> writers.Format:
        """The output format."""
        vocabulary = self.trained.vocabulary
        return writers.format_of(self.layout, vocabulary.entity_types, vocabulary.language)

    def tag(self, part: list[Document], tagger: Tagger) -> list[bytes]:
        """The bytes to write for each document that is not bad; those are all of one kind."""
        min_score = writers.lowest_score(self.min_score)
        good = [document for document in part if not isinstance(document, BadDocument)]
        texts = [document.text for document in good if isinstance(document, TextDocument)]
        cut = [document.sentences for document in good if isinstance(document, TokenDocument)]
        found = (
            tagger.tag_batch(texts, min_score)
            if texts
            else map(as_text, tagger.tag_tokens(cut, min_score))
        )
        write = self.format.document
        return [writers.encoded(write(*pair)) for pair in zip(good, found, strict=True)]

    def tag_alone(self, part: list[Document]) -> list[bytes]:
        """The same, by a new tagger: what it had cached could change the last digits."""
        return self.tag(part, Tagger(self.trained, self.temperature))


def tag_stream(work: Work, tagger: Tagger, parts: Iterator[list[Document]]) -> Iterator[Tagged]:
    """Tags what arrives, in this process."""
    for part in parts:
        yield part, work.tag(part, tagger)


def tag_parts(work: Work, parts: Iterator[list[Document]], processes: int) -> Iterator[Tagged]:
    """Tags parts in several processes and yields them in order.

    Args:
        work: see there.
        parts: of about PART bytes.
        processes: how many; 1: this one alone.

    Raises:
        InputError: a process has died.
    """
    if processes == 1:
        for part in parts:
            yield part, work.tag_alone(part)
        return
    with ProcessPoolExecutor(processes, initializer=_begin, initargs=(work,)) as pool:
        waiting: deque[tuple[list[Document], Future[list[bytes]]]] = deque()
        try:
            for part in parts:
                with no_ctrl_c():  # the first part starts the processes
                    waiting.append((part, pool.submit(_tag, part)))
                if len(waiting) == AHEAD * processes:
                    first, tagged = waiting.popleft()
                    yield first, tagged.result()
            for part, tagged in waiting:
                yield part, tagged.result()
        except BrokenProcessPool:
            raise InputError("a process that tags has died; was there enough memory?") from None
        finally:
            pool.shutdown(cancel_futures=True)


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_work: Work


def _begin(work: Work) -> None:
    """Prepares a process, which ends with its parent."""
    global _work
    _work = work
    end_at_once_on_ctrl_c()
    parent = parent_process()
    assert parent is not None

    def end_with_parent() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


def _tag(part: list[Document]) -> list[bytes]:
    return _work.tag_alone(part)
