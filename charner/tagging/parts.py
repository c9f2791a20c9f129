"""Tags the parts of an input, on all cores: in order, and with the same bytes on any number."""

import os
import sys
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import active_children, parent_process
from multiprocessing.connection import wait

from charner.encoding.model_files import TrainedModel
from charner.support.errors import InputError, one_line
from charner.support.process import end_at_once_on_ctrl_c, no_ctrl_c
from charner.tagging import writers
from charner.tagging.documents import tag_documents
from charner.tagging.readers import BadDocument, Document
from charner.tagging.tagger import TaggedText, Tagger

PART = 250_000  # bytes; tokens that recur in a part are computed once
AHEAD = 2  # parts for each process: one that is tagged, one that waits

Written = list[bytes | BadDocument]
"""For each document of a part the bytes to write, or what is wrong with it."""


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

    def tag(self, part: list[Document], tagger: Tagger | None = None) -> Written:
        """Tags a part.

        Args:
            part: the documents.
            tagger: None: a new one, because what a tagger keeps of tokens takes memory.
        """
        tagger = tagger or Tagger(self.trained, self.temperature)
        tagged = tag_documents(tagger, part, writers.lowest_score(self.min_score))
        return [*map(partial(_written, self.format), part, tagged)]


def _written(
    layout: writers.Format, document: Document, tagged: TaggedText | BadDocument
) -> bytes | BadDocument:
    if isinstance(document, BadDocument):
        return document
    if isinstance(tagged, BadDocument):
        return tagged
    try:
        return writers.encoded(layout.document(document, tagged))
    except writers.UnwritableError as error:
        return BadDocument(f"{document.location}: {error}", document.size)


def tag_parts(
    work: Work, parts: Iterator[list[Document]], processes: int, tagger: Tagger | None = None
) -> Iterator[tuple[list[Document], Written]]:
    """Tags parts in several processes and yields them in order.

    Args:
        work: how.
        parts: of about PART bytes.
        processes: how many; 1: this one alone.
        tagger: for this process alone, see `Work.tag`.

    Raises:
        InputError: a process has died.
    """
    pool = _started_pool(work, processes) if processes > 1 else None
    if pool is None:
        for part in parts:
            yield part, work.tag(part, tagger)
        return
    with pool:
        waiting: deque[tuple[list[Document], Future[Written]]] = deque()
        try:
            for part in parts:
                waiting.append((part, pool.submit(_tag, part)))
                if len(waiting) == AHEAD * processes:
                    first, written = waiting.popleft()
                    yield first, written.result()
            for part, written in waiting:
                yield part, written.result()
        except BrokenProcessPool:
            raise InputError("a process that tags has died; was there enough memory?") from None
        finally:
            pool.shutdown(cancel_futures=True)


def _started_pool(work: Work, processes: int) -> ProcessPoolExecutor | None:
    """A pool with all its processes; None, with a message, if one cannot start."""
    others = {*active_children()}
    try:
        # A pool whose threads cannot start would wait for ever.
        _start_threads(2 * processes + 2)
        pool = ProcessPoolExecutor(processes, initializer=_begin, initargs=(work,))
        with no_ctrl_c():
            pool.submit(int)  # starts the processes
    except (OSError, RuntimeError) as error:  # a limit of processes, threads or memory
        for process in {*active_children()} - others:
            process.kill()  # they would wait for ever, and this process for them
        print(one_line(f"tags in one process: no more can start ({error})"), file=sys.stderr)
        return None
    return pool


def _start_threads(count: int) -> None:
    """Starts threads that end at once: the limit of processes counts threads, too.

    Raises:
        RuntimeError: not so many can start.
    """
    end = threading.Event()
    threads = [threading.Thread(target=end.wait) for _ in range(count)]
    started = []
    try:
        for thread in threads:
            thread.start()
            started.append(thread)
    finally:
        end.set()
        for thread in started:
            thread.join()


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


def _tag(part: list[Document]) -> Written:
    return _work.tag(part)
