"""The service of docs/tagging.md."""

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import pytest
import requests

from charner.tagging.tagger import Tagger
from tests.charner.tagging.test_shared_tagger import TEXTS
from tests.helpers import ROOT
from tests.test_pages import programs

CLIENTS = 8


@pytest.fixture
def url(model, tmp_path) -> Iterator[str]:
    """Where the service listens."""
    (program,) = [text for _, text in programs("docs/tagging.md") if "FastAPI" in text]
    (tmp_path / "server.py").write_text(program)
    (tmp_path / "models").symlink_to(model)
    command = [sys.executable, "-m", "uvicorn", "server:app", "--port", "0"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        told = ""
        while not (found := re.search(r"http://127.0.0.1:\d+", told)):
            line = process.stderr.readline()
            assert line, told  # otherwise the service has ended
            told += line
        yield found[0]
        process.terminate()


def test_clients_get_the_same_as_one_thread_alone(url: str, model: Path):
    tagger = Tagger.load(model)
    expected = [[asdict(entity) for entity in tagger.tag(text).entities] for text in TEXTS]

    def from_own_place(client: int, items: list) -> list:
        start = client * len(items) // CLIENTS
        return items[start:] + items[:start]

    def ask(client: int) -> list:
        texts = from_own_place(client, TEXTS)
        with requests.Session() as session:
            answers = [session.post(f"{url}/entities", json={"text": text}) for text in texts]
        return [answer.json() for answer in answers]

    with ThreadPoolExecutor(CLIENTS) as pool:
        for client, answers in enumerate(pool.map(ask, range(CLIENTS))):
            assert answers == from_own_place(client, expected)


def test_a_text_that_is_none_is_refused(url: str):
    assert requests.post(f"{url}/entities", json={"text": None}).status_code == 422
