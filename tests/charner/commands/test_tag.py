"""`charner tag` as its user runs it."""

import json
import os
import pty
import random
import shlex
import signal
import subprocess
import sys
import termios
import time

import psutil
import pytest
import sentencex

from charner import __main__ as command_line
from charner.corpus.formats import read_sentences
from charner.tagging.parts import cores
from charner.tagging.tagger import Tagger
from tests.helpers import ROOT, heed_ctrl_c

SECONDS = 1200  # before a hanging command is given up
TEXT = "ab cd. a\n\ngh AB c\n"


@pytest.fixture
def command(model):
    """The command's beginning."""
    return [sys.executable, "-m", "charner", "tag", "--model", str(model)]


def run(command: list, *arguments: object, text: str | bytes = "", code: int = 0):
    content = text if isinstance(text, bytes) else text.encode()
    done = subprocess.run(
        [*command, *map(str, arguments)], cwd=ROOT, input=content, capture_output=True
    )
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return done


def records(done) -> list[dict]:
    return [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]


def test_lines_of_standard_input_become_json_lines(command):
    found = records(run(command, text=TEXT))
    assert [record["text"] for record in found] == TEXT.split("\n")[:-1]
    entities = [(record["text"], entity) for record in found for entity in record["entities"]]
    assert len(entities) > 2
    for text, entity in entities:
        assert list(entity) == ["type", "start", "end", "text", "score"]
        assert text[entity["start"] : entity["end"]] == entity["text"]


def test_files_are_tagged_in_their_order(command, write):
    files = [write(TEXT, "b.txt"), write("\ufeffab\r\ncd", "a.txt")]
    found = records(run(command, *files, "-", "--from", "text", text="cd"))
    assert [record["text"] for record in found] == [TEXT, "ab\r\ncd", "cd"]
    assert [record["file"] for record in found] == [*map(str, files), "standard input"]


def test_a_file_and_a_stream_of_it_give_the_same_bytes(command, write):
    path = write(TEXT * 50)
    assert run(command, path).stdout == run(command, text=TEXT * 50).stdout


def test_columns_of_its_own_output_give_the_same_tags(command):
    once = run(command, "--to", "conll", text=TEXT).stdout
    twice = run(command, "--from", "conll", "--to", "conll", text=once).stdout.decode()
    rows = [line.split() for line in twice.splitlines() if line]
    assert {len(row) for row in rows} == {3}
    assert sum(row[1] != "O" for row in rows) > 2
    assert [row[1] for row in rows] == [row[2] for row in rows]


def test_entities_below_the_score_are_left_out(command):
    scores = [e["score"] for r in records(run(command, text=TEXT)) for e in r["entities"]]
    kept = records(run(command, "--min-score", max(scores), text=TEXT))
    assert [e["score"] for record in kept for e in record["entities"]] == [max(scores)]


def test_objects_keep_what_they_hold(command):
    line = {"id": 3, "body": "ab é", "text": 0}
    (found,) = records(
        run(command, "--from", "jsonl", "--text-field", "body", text=json.dumps(line))
    )
    assert found.pop("entities")
    assert found == line


@pytest.mark.parametrize("form", ["jsonl", "doccano", "prodigy"])
def test_json_lines_are_training_data(command, write, form):
    lines = "ab cd. a\ngh AB c, d\n"
    columns = write(run(command, "--to", "conll", text=lines).stdout, "columns.txt")
    as_json = write(run(command, "--to", form, text=lines).stdout, "lines.jsonl")
    read, expected = (
        [(sentence.tokens, sentence.tags) for sentence in read_sentences(path)]
        for path in (as_json, columns)
    )
    assert read == expected
    assert sum(tag.startswith("B-") for _, tags in read for tag in tags) > 2


def test_tasks_of_label_studio_are_one_array(command):
    tasks = json.loads(run(command, "--to", "label-studio", text=TEXT).stdout)
    found = records(run(command, "--to", "jsonl", text=TEXT))
    assert [task["data"]["text"] for task in tasks] == [record["text"] for record in found]
    values = [result["value"] for task in tasks for result in task["predictions"][0]["result"]]
    entities = [entity for record in found for entity in record["entities"]]
    assert [(v["start"], *v["labels"]) for v in values] == [
        (e["start"], e["type"]) for e in entities
    ]
    assert json.loads(run(command, "--to", "label-studio", text="").stdout) == []


def test_a_page_is_whole(command):
    page = run(command, "--to", "html", text=TEXT).stdout.decode()
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    assert page.count("<article") == 3


BAD = b"ab\n\xff\ncd\n"


def test_bad_input_ends_it_after_what_was_good(command, write):
    path = write(BAD, "bad.txt")
    done = run(command, path, code=1)
    assert done.stderr.decode() == f"error: {path}:2: byte 0xff is not UTF-8\n"
    assert [record["text"] for record in records(done)] == ["ab"]


def test_bad_input_is_passed_over_on_demand(command, write):
    path = write(BAD, "bad.txt")
    done = run(command, path, "missing.txt", path, "--skip-bad", code=3)
    assert [record["text"] for record in records(done)] == ["ab", "cd"] * 2
    told = f"skipped: {path}:2: byte 0xff is not UTF-8"
    missing = "skipped: missing.txt: No such file or directory"
    assert done.stderr.decode().splitlines() == [told, missing, told]


def test_a_document_that_cannot_be_written_is_bad_input(command, write):
    path = write("ab\nthe line -DOCSTART- O\ncd\n", "in.txt")
    told = f"{path}:2: the token -DOCSTART- would start a document in CoNLL columns"
    done = run(command, path, "--to", "conll", code=1)
    assert done.stderr.decode() == f"error: {told}\n"
    done = run(command, path, "--to", "conll", "--skip-bad", code=3)
    assert done.stderr.decode() == f"skipped: {told}\n"
    assert done.stdout.count(b"-DOCSTART-") == 2


@pytest.mark.parametrize("form", ["lines", "conll"])
def test_the_least_certain_documents_are_chosen(command, model, write, form):
    chance = random.Random(1)
    words = ["ab", "CD", "a", "efg"]
    lines = [" ".join(chance.choices(words, k=number % 9 + 1)) for number in range(40)]
    document = {"lines": "{}\n", "conll": "-DOCSTART- O\n\n{}\n"}[form]
    separator = {"lines": " ", "conll": " O\n"}[form]
    path = write("".join(document.format(f"{line} ".replace(" ", separator)) for line in lines))
    done = run(command, path, "--from", form, "--least-certain", 7, "--to", "jsonl")
    tagger = Tagger.load(model)
    certainty = tagger.certainty([tagger.split(line) for line in lines])
    expected = [lines[number] for number in certainty.argsort(kind="stable")[:7]]
    found = [record["text"].replace("\n", " ").strip() for record in records(done)]
    assert found == expected
    assert len(records(run(command, path, "--from", form, "--least-certain", 99))) == 40


def test_bad_input_is_reported_before_the_least_certain(command, write):
    path = write(BAD, "bad.txt")
    told = f"{path}:2: byte 0xff is not UTF-8"
    done = run(command, path, "--least-certain", 1, code=1)
    assert (done.stderr.decode(), done.stdout) == (f"error: {told}\n", b"")
    done = run(command, path, "--least-certain", 1, "--skip-bad", code=3)
    assert done.stderr.decode() == f"skipped: {told}\n"
    assert len(records(done)) == 1


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("choose", [[], ["--least-certain", "9"]])
def test_a_text_that_the_library_cannot_split_costs_that_text(skip, choose, model, write, capfd):
    path = write("ab\nIt is bad.\ncd\n", "in.txt")
    arguments = [
        "charner",
        "tag",
        "--model",
        str(model),
        *["--skip-bad"] * skip,
        *choose,
        str(path),
    ]
    split = sentencex.get_sentence_boundaries

    class Panic(BaseException):
        """As a library in Rust has it."""

    def panic(language: str, text: str) -> list:
        if "bad" in text:
            raise Panic("byte index 3")
        return split(language, text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", arguments)
        patch.setattr(sentencex, "get_sentence_boundaries", panic)
        assert command_line.run() == (3 if skip else 1)
    done = capfd.readouterr()
    last = done.err.splitlines()[-1]
    assert f"{path}:2: sentencex cannot split the text: byte index 3" in last
    assert last.startswith("skipped: " if skip else "error: ")
    texts = [json.loads(line)["text"] for line in done.out.splitlines()]
    assert sorted(texts) == (["ab", "cd"] if skip else ["ab"][len(choose) :])


def test_the_text_is_not_overwritten_by_the_entities(command):
    line = json.dumps({"entities": "ab"})
    options = ("--from", "jsonl", "--text-field", "entities")
    done = run(command, *options, text=line, code=1)
    expected = "error: the text cannot be in the field `entities`, which is written\n"
    assert done.stderr.decode() == expected
    assert run(command, *options, "--to", "doccano", text=line).stdout


@pytest.mark.parametrize("redirected", [">&-", "> /dev/full", ">&- 2>&-"])
def test_output_that_cannot_be_written_is_reported(command, redirected):
    line = f"{shlex.join(command)} {redirected}"
    done = subprocess.run(line, shell=True, input=b"ab\n", capture_output=True, cwd=ROOT)
    assert done.returncode == 1
    assert done.stdout == b""
    errors = done.stderr.decode().splitlines()
    assert [error[:7] for error in errors] == [] if "2>&-" in redirected else ["error: "]


def test_closed_input_is_reported(command):
    done = subprocess.run(f"{shlex.join(command)} <&-", shell=True, capture_output=True, cwd=ROOT)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == "error: standard input: Bad file descriptor\n"


def test_without_memory_it_ends_with_a_line(command):
    """There is too little for the tables of tokens, the first large thing that it needs."""
    program = """
import resource, sys
from pathlib import Path
from charner.__main__ import run
import tqdm
import charner.tagging.parts

pages = int(Path("/proc/self/statm").read_text().split()[0])
most = pages * resource.getpagesize() + 4_000_000
resource.setrlimit(resource.RLIMIT_AS, (most, most))
sys.exit(run())
"""
    python, _, _, *arguments = command
    done = run([python, "-c", program, *arguments], text=TEXT, code=1)
    assert done.stderr.decode() == "error: there is not enough memory\n"


def test_without_a_model_it_says_what_makes_one(command, tmp_path):
    done = run(command, "--model", tmp_path / "none", text=TEXT, code=1)
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith("error: ")
    assert "`dvc repro` makes one" in line


@pytest.mark.parametrize("score", ["2", "-1", "nan", "high"])
def test_a_score_out_of_range_is_reported(command, score):
    done = run(command, f"--min-score={score}", code=2)
    assert f"--min-score: found '{score}'; should be a number from 0 to 1" in done.stderr.decode()


WITHOUT = """
import sys
sys.modules.update(dict.fromkeys(sys.argv.pop(1).split(",")))  # None: cannot be imported
from charner.__main__ import run
sys.exit(run())
"""


def test_tensorflow_is_not_needed(command, write):
    """Nor what else only the pipeline needs."""
    heavy = "tensorflow,keras,pyarrow,dvc,pandas,sklearn,requests"
    python, _, _, _, *model = command
    run([python, "-c", WITHOUT, heavy, "tag", *model], text=TEXT)
    path = write("ab B-X\n")
    run([python, "-c", WITHOUT, heavy, "evaluate", *model, str(path)])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["tag", "--help"], 0),
        (["tag-all", "--part-size", "x"], 2),
        (["evaluate"], 2),
        (["report", "--help"], 0),
    ],
)
def test_help_and_wrong_usage_load_nothing_heavy(arguments, code):
    heavy = "numpy,scipy,pydantic,yaml,regex,pyarrow,fsspec,dask,distributed,tqdm,dvc"
    done = run([sys.executable, "-c", WITHOUT, heavy, *arguments], code=code)
    assert b"usage: charner" in done.stdout + done.stderr


def test_nothing_gives_nothing(command):
    assert run(command).stdout == b""


def start(command: list) -> psutil.Popen:
    """Starts the command in a group of its own."""
    pipe = subprocess.PIPE
    return psutil.Popen(
        command,
        cwd=ROOT,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        preexec_fn=heed_ctrl_c,
        start_new_session=True,
    )


def test_a_stream_is_answered_line_by_line(command):
    with start(command) as process:
        for line in (b"ab cd\n", b"cd\n"):
            process.stdin.write(line)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"] == line.decode().strip()
        process.stdin.close()
        assert process.wait(SECONDS) == 0


def test_ctrl_c_ends_it_quietly(command):
    with start(command) as process:
        process.stdin.write(b"ab\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 130
        assert process.stderr.read() == b""


def test_a_reader_that_has_seen_enough_ends_it_quietly(command, write):
    path = write(TEXT * 20_000)
    with start([*command, str(path)]) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(SECONDS) == 141
        assert process.stderr.read() == b""


needs_two_cores = pytest.mark.skipif(cores() < 2, reason="one core needs one process")


@pytest.fixture
def long_file(write):
    """A file of several parts, each with tokens that other parts have, too."""
    generator = random.Random(1)
    lines = ("".join(generator.choices("abcdgh AB. ", k=200)) + "\n" for _ in range(5_000))
    return write("".join(lines), "long.txt")


@pytest.mark.slow
@needs_two_cores
def test_cores_do_not_change_the_bytes(command, long_file):
    one_core = {min(os.sched_getaffinity(0))}
    command = [*command, str(long_file)]
    alone = subprocess.run(
        command, cwd=ROOT, capture_output=True, preexec_fn=lambda: os.sched_setaffinity(0, one_core)
    )
    with start(command) as process:
        wait_for_children(process, min(cores(), 5))
        output, _ = process.communicate()
    assert (alone.returncode, process.returncode) == (0, 0)
    assert output == alone.stdout
    texts = [record["text"] for record in records(alone)]
    assert texts == long_file.read_text().splitlines()


NO_THREAD = """
import threading

def start(thread):
    raise RuntimeError("can't start new thread")

threading.Thread.start = start
"""
NO_SECOND_PROCESS = """
import itertools, os

fork, started = os.fork, itertools.count()

def fork_once():
    if next(started):
        raise BlockingIOError(11, "Resource temporarily unavailable")
    return fork()

os.fork = fork_once
"""


@pytest.mark.slow
@needs_two_cores
@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        (NO_THREAD, "can't start new thread"),
        (NO_SECOND_PROCESS, "[Errno 11] Resource temporarily unavailable"),
    ],
    ids=["threads", "processes"],
)
def test_if_no_more_can_start_it_goes_on_in_one_process(limit, reason, command, long_file):
    program = f"import sys\nfrom charner.__main__ import run\n{limit}\nsys.exit(run())"
    python, _, _, *arguments = [*command, str(long_file)]
    limited = run([python, "-c", program, *arguments])
    told = f"tags in one process: no more can start ({reason})"
    assert limited.stderr.decode().splitlines() == [told]
    assert limited.stdout == run(command, long_file).stdout


@pytest.mark.slow
@needs_two_cores
def test_its_processes_end_with_it(command, long_file):
    with start([*command, str(long_file)]) as process:
        children = wait_for_children(process)
        process.kill()
        _, alive = psutil.wait_procs(children, SECONDS)
        assert not alive


@pytest.mark.slow
@needs_two_cores
def test_a_process_that_dies_is_reported(command, long_file):
    with start([*command, str(long_file)]) as process:
        wait_for_children(process)[0].kill()
        _, told = process.communicate()
        assert process.returncode == 1
        assert told == b"error: a process that tags has died; was there enough memory?\n"


@pytest.mark.slow
@needs_two_cores
def test_ctrl_c_ends_all_processes_quietly(command, long_file):
    with start([*command, str(long_file)]) as process:
        children = wait_for_children(process)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the children, too
        _, told = process.communicate()
        assert (process.returncode, told) == (130, b"")
        _, alive = psutil.wait_procs(children, SECONDS)
        assert not alive


def wait_for_children(process: psutil.Popen, count: int = 2) -> list[psutil.Process]:
    """The processes that the command has started, at least so many."""
    while len(children := process.children()) < count:
        assert process.poll() is None
        time.sleep(0.01)
    return children


@pytest.mark.slow
def test_memory_does_not_grow_with_the_stream(command, write):
    def peak(lines: int) -> int:
        path = write(("ab cd gh AB c a. " * 10 + "\n") * lines)
        with subprocess.Popen(
            [*command, str(path)], cwd=ROOT, stdout=subprocess.DEVNULL
        ) as process:
            _, process.returncode, usage = os.wait4(process.pid, 0)
        assert process.returncode == 0
        return usage.ru_maxrss

    assert peak(4000) < 1.1 * peak(400)


def on_terminal(command: list, content: bytes = b"", stderr_only: bool = False) -> str:
    """What a terminal shows."""
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 80))
    stdout = subprocess.DEVNULL if stderr_only else slave
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=stdout, stderr=slave
    )
    os.close(slave)
    process.stdin.write(content)
    process.stdin.close()
    shown = b""
    try:
        while part := os.read(master, 65536):
            shown += part
    except OSError:  # how Linux tells that a terminal has been closed
        pass
    assert process.wait(SECONDS) == 0
    os.close(master)
    return shown.decode()


def test_a_terminal_gets_colours_and_a_file_none(command, write):
    assert "\033[30;10" in on_terminal(command, TEXT.encode())
    assert b"\033" not in run(command, text=TEXT).stdout


def test_progress_is_shown_when_the_size_is_known(command, write):
    path = str(write(TEXT * 2000))
    assert "0.00/36.0k" in on_terminal([*command, path], stderr_only=True)
    assert on_terminal(command, TEXT.encode(), stderr_only=True) == ""
    assert "/36.0k" not in on_terminal([*command, path])
