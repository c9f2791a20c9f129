"""`charner evaluate` as its user runs it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from charner.inference.token_tagger import TokenTagger
from charner.tags.counts import entity_scores
from tests.helpers import ROOT

TOKENS = [["ab", "cd", "a"], ["gh", "AB", "c", "d"], ["b", "ha"]]
OTHER = "OTHER"


@pytest.fixture(scope="module")
def found(model) -> list[list[str]]:
    """The tags that the model gives to TOKENS, each sentence by itself."""
    tagged = TokenTagger.load(model).tag_tokens([[tokens] for tokens in TOKENS])
    return [sentence.tags for (sentence,) in tagged]


def run(model: Path, *files: object, code: int = 0):
    command = [sys.executable, "-m", "charner", "evaluate", "--model", str(model)]
    done = subprocess.run(
        [*command, *map(str, files)], cwd=ROOT, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


RECORDING = """
import sys
from charner.support import process
def record():
    global before
    before = {*sys.modules}
process.raise_on_ctrl_c = record
from charner.__main__ import run
run()
sys.exit(", ".join({*sys.modules} - before))
"""


def test_nothing_is_imported_once_ctrl_c_raises_an_exception(model, found, write):
    command = [sys.executable, "-c", RECORDING, "evaluate", "--model", model]
    done = subprocess.run(
        [*map(str, command), write(columns(found))], cwd=ROOT, capture_output=True, text=True
    )
    assert "all types" in done.stdout
    assert done.stderr == "\n"


def columns(tags: list[list[str]]) -> str:
    sentences = zip(TOKENS, tags, strict=True)
    return "\n".join(
        "".join(f"{token} {tag}\n" for token, tag in zip(*sentence, strict=True))
        for sentence in sentences
    )


def row(shown: str, name: str) -> list[str]:
    (cells,) = re.findall(rf"^{name} +([01]\..*)$", shown, re.MULTILINE)
    return cells.split()


def test_what_the_model_finds_is_right_and_all_else_is_not(model, found, write):
    assert sum(tag.startswith("B-") for tags in found for tag in tags) > 2
    assert row(run(model, write(columns(found))).stdout, "all types")[:3] == ["1.0000"] * 3
    true = [*found[:-1], ["O"] * len(found[-1])]
    scores = entity_scores(true, found).all
    cells = row(run(model, write(columns(true))).stdout, "all types")
    assert cells == [
        f"{scores.precision:.4f}",
        f"{scores.recall:.4f}",
        f"{scores.f1:.4f}",
        str(scores.support),
    ]


def test_several_files_are_scored_together(model, found, write):
    one = row(run(model, write(columns(found))).stdout, "all types")
    two = row(
        run(model, write(columns(found), "a.txt"), write(columns(found), "b.txt")).stdout,
        "all types",
    )
    assert int(two[3]) == 2 * int(one[3])


def test_types_of_the_model_or_the_files_alone_are_named(model, write):
    done = run(model, write(columns([[f"B-{OTHER}", "O", "O"], ["O"] * 4, ["O"] * 2])))
    assert f"{OTHER}: the model does not know this type; all 1 are missed" in done.stdout
    for name in TokenTagger.load(model).vocabulary.entity_types:
        assert f"{name}: the files have none; each one that the model finds is wrong" in done.stdout
    assert row(done.stdout, "all types")[1] == "0.0000"


def test_other_formats_and_columns_are_read(model, write):
    record = {"text": "ab cd", "label": [[0, 2, OTHER]]}
    assert row(run(model, write(json.dumps(record))).stdout, OTHER)[3] == "1"
    text = "# note\n1 ab x B-OTHER x\n2 cd x O x\n"
    options = ["--token-column", "1", "--tag-column", "-2", "--comment-prefix", "# "]
    done = run(model, write(text), *options)
    assert row(done.stdout, OTHER)[3] == "1"
    assert "1 sentence, 2 tokens" in done.stdout


def test_spaces_of_types_may_be_underscores_in_columns(model, found, write, tmp_path):
    shutil.copytree(model, tmp_path / "spaced")
    description = tmp_path / "spaced/model.json"
    content = description.read_text()
    assert content.count('-X"') == 2
    description.write_text(content.replace('-X"', '-Ship Name"'))
    tags = [[tag.replace("-X", "-Ship_Name") for tag in sentence] for sentence in found]
    done = run(tmp_path / "spaced", write(columns(tags)))
    assert row(done.stdout, "Ship Name")[2] == "1.0000"
    assert "Ship_Name" not in done.stdout


def test_what_is_repaired_is_reported(model, write):
    done = run(model, write(f"ab B-{OTHER}\ncd o\n"))
    assert "repaired: tags o were read as O; 1 in all" in done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("ab O\n", "no entity to score"),
        ("ab\n", "has no column of tags"),
        ("", "holds no sentence"),
    ],
)
def test_files_that_cannot_be_scored(model, write, content, message):
    done = run(model, write(content), code=1)
    assert message in done.stderr
    assert done.stdout == ""


def test_text_is_scored_as_it_is_tagged_also_where_entities_cut_tokens(model, write):
    """By the offsets of what `charner tag` finds, in tokens that no entity cuts."""
    texts = ["abgh cd ha. ab", "gh abab cd", "ha ABgh. ab ab"]
    tagged = subprocess.run(
        [sys.executable, "-m", "charner", "tag", "--model", str(model), "--to", "doccano"],
        cwd=ROOT,
        input="\n".join(texts),
        capture_output=True,
        encoding="utf-8",
    ).stdout
    found = [
        {(start, end) for start, end, _ in json.loads(line)["label"]}
        for line in tagged.splitlines()
    ]
    assert sum(map(len, found)) > 2
    true = [{(0, 2), *sorted(found[0])[1:]}, {(3, 5)}, found[2]]  # the first two are within tokens
    assert not {(0, 2), (3, 5)} & {*found[0], *found[1]}
    records = [
        {"text": text, "label": [[*offsets, "X"] for offsets in sorted(of_text)]}
        for text, of_text in zip(texts, true, strict=True)
    ]
    done = run(model, write("\n".join(map(json.dumps, records)), "in.jsonl"))
    right = sum(len(a & b) for a, b in zip(true, found, strict=True))
    precision, recall, _, support = row(done.stdout, "all types")
    assert precision == f"{right / sum(map(len, found)):.4f}"
    assert recall == f"{right / sum(map(len, true)):.4f}"
    assert int(support) == sum(map(len, true))


def test_the_page_shows_the_sentences_of_the_confusions(model, write, tmp_path):
    page = tmp_path / "errors.html"
    path = write(columns([[f"B-{OTHER}", "O", "O"], ["O"] * 4, ["O"] * 2]))
    run(model, path, "--page", page)
    shown = page.read_text("utf-8")
    assert f"{OTHER} " in shown
    assert f"{path}:1</p>" in shown


def test_the_page_does_not_replace_a_file_that_is_read(model, found, write, tmp_path):
    path = write(columns(found))
    (tmp_path / "link").symlink_to(path)
    weights = (model / "weights.safetensors").read_bytes()
    for page in (path, tmp_path / "link", model / "weights.safetensors"):
        done = run(model, path, "--page", page, code=1)
        assert done.stderr == (
            f"error: {page}: is a file that is read, and would be lost; name another page\n"
        )
    assert path.read_text() == columns(found)
    assert (model / "weights.safetensors").read_bytes() == weights


def test_a_pipe_is_refused(model, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    done = run(model, tmp_path / "pipe", code=1)
    assert "pipe: is not a regular file" in done.stderr


def test_any_encoding_of_the_terminal_will_do(model, write):
    """Also where a message has a character that the encoding lacks."""
    path = write("ab B-É\ncd B-É\n")
    done = subprocess.run(
        [sys.executable, "-m", "charner", "evaluate", "--model", str(model), str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "\nall types" in done.stdout
    assert r"\xc9" in done.stdout


def test_what_is_shown_of_a_file_cannot_command_the_terminal(model, write):
    done = run(model, write("ab\x1b[2J B-OTHER\nzz\x1b[2J B-OTHER\n"))
    assert "\ufffd[2J" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
