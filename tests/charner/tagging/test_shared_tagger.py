"""Threads and processes that share a tagger get what one thread alone gets, to the last digit."""

import asyncio
import multiprocessing
import os
import pickle
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest
import spacy
from threadpoolctl import ThreadpoolController

from charner.inference import blas, cnn_lstm_crf
from charner.inference.blas import one_blas_thread
from charner.tagging.tagger import TaggedText, Tagger
from tests.helpers import ROOT

THREADS = 4
ROUNDS = 60


def texts() -> list[str]:
    """Short texts with many tokens in all, so that a small cache is soon full."""
    chance = random.Random(1)

    def word() -> str:
        return "".join(chance.choices("abcdefgh", k=chance.randint(1, 6)))

    words = [word() for _ in range(400)]
    return [" ".join(chance.choices(words, k=chance.randint(3, 30))) + "." for _ in range(80)]


TEXTS = texts()


@pytest.fixture
def tagger(model, monkeypatch) -> Tagger:
    monkeypatch.setattr(cnn_lstm_crf, "TOKENS_CACHED", 100)
    return Tagger.load(model)


@pytest.fixture
def alone(tagger) -> list[TaggedText]:
    """What one thread gets, each text from a new tagger."""
    found = [Tagger(tagger.trained, tagger.temperature).tag(text) for text in TEXTS]
    assert sum(len(one.entities) for one in found) > 100
    return found


def in_threads(tag: Callable[[str], object], expected: list) -> int:
    """Tags in rounds that all threads begin at once; returns how many results are others."""
    barrier = threading.Barrier(THREADS)

    def work(thread: int) -> int:
        chance = random.Random(thread)
        wrong = 0
        for _ in range(ROUNDS):
            some = chance.sample(range(len(TEXTS)), 3)
            barrier.wait()
            try:
                wrong += sum(tag(TEXTS[number]) != expected[number] for number in some)
            except Exception:
                barrier.abort()  # or the others would wait for ever
                raise
        return wrong

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(work, range(THREADS)))


def test_it_does_not_matter_what_was_tagged_before(tagger, alone):
    for _ in range(2):
        assert [tagger.tag(text) for text in TEXTS] == alone


@pytest.mark.parametrize("processor", ["Haswell", "SkylakeX", "Zen"])
def test_on_other_processors_it_does_not_matter_either(processor, model):
    """Their kernels for products of matrices sum in other orders."""
    program = f"""
from charner.tagging.tagger import Tagger
from tests.charner.tagging.test_shared_tagger import TEXTS
tagger = Tagger.load({str(model)!r})
alone = [Tagger(tagger.trained, tagger.temperature).tag(text) for text in TEXTS[:30]]
tagger.tag_batch(TEXTS)
assert [tagger.tag(text) for text in TEXTS[:30]] == alone
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_CORETYPE": processor}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


def test_threads_get_the_results_of_one(tagger, alone):
    assert in_threads(tagger.tag, alone) == 0
    assert [tagger.tag(text) for text in TEXTS] == alone


def test_threads_of_asyncio_get_the_results_of_one(tagger, alone):
    async def tag_all() -> list[TaggedText]:
        return await asyncio.gather(*(asyncio.to_thread(tagger.tag, text) for text in TEXTS))

    assert asyncio.run(tag_all()) == alone


def test_threads_of_a_spacy_pipeline_get_the_results_of_one(model, monkeypatch):
    monkeypatch.setattr(cnn_lstm_crf, "TOKENS_CACHED", 100)
    nlp = spacy.blank("en")
    nlp.add_pipe("charner", config={"model": str(model)})

    def entities(text: str) -> list:
        return [(span.label_, span.text, span._.score) for span in nlp(text).ents]

    expected = [*map(entities, TEXTS)]
    assert in_threads(entities, expected) == 0


def in_child(check: Callable[[], bool]) -> bool:
    """Whether a check holds in a forked process."""
    if not (child := os.fork()):
        code = 1
        try:
            code = int(not check())
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_get_the_results_of_one(method, tagger, alone):
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert [*pool.map(tagger.tag, TEXTS, chunksize=20)] == alone


def test_a_process_that_is_forked_while_threads_tag_can_tag(tagger, alone):
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            tagger.tag_batch(TEXTS)

    with ThreadPoolExecutor(2) as pool:
        threads = [pool.submit(work) for _ in range(2)]
        try:
            for _ in range(10):
                assert in_child(lambda: [tagger.tag(text) for text in TEXTS[:10]] == alone[:10])
        finally:
            ended.set()
        for thread in threads:
            thread.result()


def test_what_was_computed_of_tokens_is_not_pickled(model):
    tagger = Tagger.load(model)
    tagger.tag_batch(TEXTS)
    content = pickle.dumps(tagger)
    assert len(content) < 2 * sum(path.stat().st_size for path in model.iterdir())
    assert pickle.loads(content).tag(TEXTS[0]) == tagger.tag(TEXTS[0])


@pytest.mark.parametrize("tag", [Tagger.tag_batch, Tagger.tag_tokens])
def test_a_string_is_no_list_of_texts(tag, tagger):
    with pytest.raises(TypeError, match="found the string 'Ada'"):
        tag(tagger, "Ada")
    with pytest.raises(TypeError, match="found the string 'Ada'"):
        tagger.tag_tokens([["Ada"]])


def blas_threads() -> set[int]:
    """Those of NumPy; SciPy may have a BLAS of its own."""
    info = ThreadpoolController().select(user_api="blas").info()
    return {library["num_threads"] for library in info if "numpy" in library["filepath"]}


def test_what_ctrl_c_leaves_of_blas_is_set_right_by_the_next_use(monkeypatch):
    def interrupted() -> None:
        raise KeyboardInterrupt

    def use() -> None:
        with one_blas_thread():
            pass

    with ThreadpoolController().limit(limits=2, user_api="blas"):
        before = blas_threads()
        with monkeypatch.context() as patch:
            patch.setattr(blas, "_set_back", interrupted)
            with pytest.raises(KeyboardInterrupt):
                use()
        assert blas_threads() == {1}
        use()
        assert blas_threads() == before


def test_what_was_set_for_blas_comes_back_when_the_last_thread_is_out():
    inside, out = threading.Event(), threading.Event()

    def other() -> None:
        with one_blas_thread():
            inside.set()
            out.wait()

    with ThreadpoolController().limit(limits=2, user_api="blas"):
        before = blas_threads()
        thread = threading.Thread(target=other, daemon=True)
        with one_blas_thread():
            thread.start()
            inside.wait()
            assert blas_threads() == {1}
        assert blas_threads() == {1}
        assert in_child(lambda: blas_threads() == before)  # it has no other thread
        out.set()
        thread.join()
        assert blas_threads() == before != {1}
