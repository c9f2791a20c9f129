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

# A part, and for each of its documents the bytes to write, or what is wrong with it.
Written = list[bytes | BadDocument]
Tagged = tuple[list[Document], Written]


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

    def tag(self, part: list[Document], tagger: Tagger) -> Written:
        """The bytes to write for each document, or what is wrong with it."""
        found = tag_documents(tagger, part, writers.lowest_score(self.min_score))
        return [*map(partial(_written, self.format), part, found)]

    def tag_alone(self, part: list[Document]) -> Written:
        """The same, by a new tagger: what it keeps of tokens would take more and more memory."""
        return self.tag(part, Tagger(self.trained, self.temperature))


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
        return BadDocument(f"{document.place}: {error}", document.size)


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
    pool = _started_pool(work, processes) if processes > 1 else None
    if pool is None:
        for part in parts:
            yield part, work.tag_alone(part)
        return
    with pool:
        waiting: deque[tuple[list[Document], Future[Written]]] = deque()
        try:
            for part in parts:
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


def _started_pool(work: Work, processes: int) -> ProcessPoolExecutor | None:
    """A pool with all its processes; None if one cannot start, which is told."""
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
    """Starts threads that end at once; limits count processes and threads alike.

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
    return _work.tag_alone(part)
