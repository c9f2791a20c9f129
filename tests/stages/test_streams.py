"""Where a stage prints: closed, full, without a reader, or without some characters."""

import os
import subprocess
import sys

import pytest

from tests.helpers import Project


@pytest.fixture
def downloaded(fresh_project) -> Project:
    fresh_project.stage_in_this_process("download")
    train = fresh_project.folder / "data/raw/train.txt"
    train.write_text("one O\n" * 9 + "\n" + train.read_text())  # of nine tokens, eight are shown
    return fresh_project


def shell(project: Project, command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["sh", "-c", command.replace("STAGE", f"'{sys.executable}' -m stages.char_encode")],
        cwd=project.folder,
        # Buffered, as it is by default.
        env={**os.environ, "PYTHONUNBUFFERED": "", **environment},
        capture_output=True,
    )


def encoded(project: Project) -> dict[str, bytes]:
    folder = project.folder / "data/encoded"
    return project.contents("data/encoded") if folder.exists() else {}


@pytest.fixture
def expected(downloaded) -> dict[str, bytes]:
    downloaded.stage_in_this_process("char_encode")
    outputs = encoded(downloaded)
    for name in outputs:
        (downloaded.folder / name).unlink()
    return outputs


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_change_nothing(downloaded, expected, closed):
    done = shell(downloaded, f"STAGE {closed}")
    assert (done.returncode, done.stderr) == (0, b"")
    assert encoded(downloaded) == expected


def test_no_file_takes_the_place_of_a_closed_stream(downloaded):
    """A library that writes to the stream would write to the file."""
    program = (
        "import os, stages; opened = os.open('params.yaml', os.O_RDONLY);"
        "os.write(2, b'from a library'); assert opened > 2, opened;"
        "open('done', 'w').close()"
    )
    command = f"'{sys.executable}' -c \"{program}\" <&- >&- 2>&-"
    assert shell(downloaded, command).returncode == 0
    assert (downloaded.folder / "done").exists()


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_an_error_where_a_stream_is_closed(fresh_project, closed):
    done = shell(fresh_project, f"STAGE {closed}")
    assert done.returncode == 1
    message = b"" if closed == "2>&-" else b"error: data/raw has no file for train\n"
    assert done.stderr == message


def test_output_that_cannot_be_written_is_reported_in_a_line(downloaded):
    done = shell(downloaded, "STAGE > /dev/full")
    assert done.returncode == 1
    assert done.stderr == b"error: [Errno 28] No space left on device\n"


def test_a_reader_that_has_gone_is_reported_in_a_line(downloaded):
    program = "import os, sys; r, w = os.pipe(); os.close(r); os.dup2(w, 1); " + (
        f"os.execv('{sys.executable}', ['{sys.executable}', '-m', 'stages.char_encode'])"
    )
    done = shell(downloaded, f"'{sys.executable}' -c \"{program}\"")
    assert done.returncode == 1
    assert done.stderr == b"error: [Errno 32] Broken pipe\n"


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "iso-8859-1"},
    ],
)
def test_an_encoding_without_the_characters_that_are_printed(downloaded, expected, environment):
    done = shell(downloaded, "STAGE", **environment)
    assert (done.returncode, done.stderr) == (0, b"")
    beginning = done.stdout.splitlines()[0]
    assert beginning.startswith(b"train begins with: ")
    assert beginning.endswith(b" \\u2026")
    assert encoded(downloaded) == expected
