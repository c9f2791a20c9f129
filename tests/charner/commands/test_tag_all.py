"""`charner tag-all` as its user runs it, on workers in processes of their own."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from charner import __main__ as command_line
from charner.bulk import cluster
from charner.bulk.tag_part import tag_part
from tests.bulk_kills import command as command_in
from tests.bulk_kills import contents, killed_at_random, prepare
from tests.helpers import ROOT, heed_ctrl_c

SECONDS = 1200  # before a hanging command is given up


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> tuple[Path, dict[str, bytes]]:
    """A folder with a model and an input, and the output of one worker."""
    folder = tmp_path_factory.mktemp("bulk") / "folder"
    return folder, prepare(folder)


def run(command: list[str], code: int = 0) -> subprocess.CompletedProcess:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def start(command: list[str]) -> psutil.Popen:
    """Starts a command as a terminal does: in a process group of its own, ended by Ctrl-C."""
    return psutil.Popen(
        command,
        cwd=ROOT,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_what_the_command_prints(model, tmp_path, monkeypatch, capfd):
    """In this process: what tags the parts is replaced."""
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "ab"}\n' * 10 + "[]\n")
    output = str(tmp_path / "out")

    def interrupted(descriptions: list[dict], *_: object) -> Iterator[dict]:
        yield tag_part(descriptions[0])
        raise KeyboardInterrupt

    def tag_rest(descriptions: list[dict], *_: object) -> Iterator[dict]:
        return map(tag_part, descriptions)

    def run(tag_parts: Callable, *options: str) -> tuple[int, str, str]:
        monkeypatch.setattr(cluster, "tag_parts", tag_parts)
        arguments = ["--output", output, "--model", str(model), "--part-size", "0.0001"]
        monkeypatch.setattr(sys, "argv", ["charner", "tag-all", str(path), *arguments, *options])
        return command_line.run(), *capfd.readouterr()

    assert run(interrupted) == (130, "", "interrupted: the same command resumes\n")
    resumes = "resumes, parts left: 1 of 2\n"
    bad = f"error: {path} from byte 105:4: not a JSON object (--skip-bad skips such rows)\n"
    assert run(tag_rest) == (1, "", resumes + bad)
    code, printed, errors = run(tag_rest, "--skip-bad")
    assert (code, errors) == (3, f"{resumes}rows skipped: 1, see {output}/_rejects\n")
    assert re.fullmatch(rf"{output}: parts 2, rows 10, tokens 10, entities \d+\n", printed)


@pytest.mark.slow
def test_the_output_of_one_worker_is_that_of_charner_tag(prepared):
    folder, expected = prepared
    parts = sorted(name for name in expected if name.startswith("part-"))
    assert len(parts) > 10
    tagged = subprocess.run(
        [
            *(sys.executable, "-m", "charner", "tag", "--from", "jsonl"),
            *("--model", str(folder / "models"), str(folder / "input.jsonl")),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.splitlines()
    found = [line for name in parts for line in expected[name].splitlines()]
    for ours, theirs in zip(map(json.loads, found), map(json.loads, tagged), strict=True):
        # Other batches may change the last digit of a score.
        scores = [[entity.pop("score") for entity in row["entities"]] for row in (ours, theirs)]
        assert ours == theirs
        assert scores[0] == pytest.approx(scores[1], abs=1.5e-4)


@pytest.mark.slow
def test_two_workers_give_the_same_bytes_and_a_second_run_does_nothing(prepared):
    folder, expected = prepared
    first = run(command_in(folder, "two", "--workers", "2"))
    assert contents(folder / "two") == expected
    before = {path: path.stat().st_mtime_ns for path in (folder / "two").rglob("*")}
    assert run(command_in(folder, "two")).stdout == first.stdout
    assert {path: path.stat().st_mtime_ns for path in (folder / "two").rglob("*")} == before


@pytest.mark.slow
def test_workers_the_scheduler_and_the_command_are_killed(prepared):
    folder, expected = prepared
    counts = killed_at_random(folder, "killed", random.Random(1))
    assert (counts["scheduler"], counts["command"]) == (1, 1)
    assert contents(folder / "killed") == expected


@pytest.mark.slow
def test_ctrl_c_ends_the_run_and_the_same_command_goes_on(prepared):
    folder, expected = prepared
    process = start(command_in(folder, "stopped", "--workers", "1"))
    receipts = folder / "stopped/_receipts"
    while process.poll() is None and len([*receipts.glob("*")]) < 2:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers, too
    told = process.communicate(timeout=SECONDS)[1]
    assert process.returncode == 130
    assert told.endswith("interrupted: the same command resumes\n")
    assert "Traceback" not in told
    assert "resumes, parts left: " in run(command_in(folder, "stopped")).stderr
    assert contents(folder / "stopped") == expected


@pytest.mark.slow
def test_ctrl_c_while_the_workers_start_ends_the_run_quietly(prepared):
    folder, _ = prepared
    process = start(command_in(folder, "started", "--workers", "2"))
    while process.poll() is None and len(process.children()) < 3:  # workers, a helper of Python's
        time.sleep(0.02)
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    told = process.communicate(timeout=SECONDS)[1]
    assert process.returncode == 130
    assert "Traceback" not in told


@pytest.mark.slow
def test_a_bad_row_and_skipped_rows(prepared, tmp_path):
    folder, _ = prepared
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "ab"}\n[]\n')

    def command(*options: str) -> list[str]:
        return [
            *(sys.executable, "-m", "charner", "tag-all", str(path), "--workers", "1"),
            *("--output", str(tmp_path / "out"), *options),
            *("--model", str(folder / "models")),
        ]

    message = f"error: {path}:2: not a JSON object (--skip-bad skips such rows)\n"
    assert run(command(), code=1).stderr == message
    skipped = run(command("--skip-bad"), code=3)
    assert "parts 1, rows 1, " in skipped.stdout
    assert "rows skipped: 1, see " in skipped.stderr


@pytest.mark.slow
def test_no_scheduler_answers(prepared):
    folder, _ = prepared
    done = run(command_in(folder, "nowhere", "--cluster", "tcp://127.0.0.1:9"), code=1)
    assert done.stderr.startswith("error: tcp://127.0.0.1:9: no Dask scheduler answers")
