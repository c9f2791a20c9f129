import gzip

import numpy as np
import pytest

from charner.encoding import vector_files
from charner.encoding.vector_files import read_vectors
from charner.support.errors import InputError

GLOVE = "the 0.5 -1\nVienna 1 2e-1\nof -2 0.25\n"
WORDS = ["the", "Vienna", "of"]


def compressed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)  # always the same bytes, which name the tests


def read(path, *wanted: str, normalise=str):
    return read_vectors(path, set(wanted).__contains__, normalise)


@pytest.mark.parametrize(
    "content",
    [
        GLOVE,
        "3 2\n" + GLOVE,
        GLOVE.replace("\n", " \n"),
        GLOVE.replace("\n", "\r\n"),
        GLOVE.rstrip("\n"),
        "3 2\n" + GLOVE + "\n\n",
        "\ufeff" + GLOVE,
        "\ufeff3 2\n" + GLOVE,
        compressed(GLOVE.encode()),
        compressed(b"3 2\n" + GLOVE[:20].encode()) + compressed(GLOVE[20:].encode()),
    ],
    ids=[
        *("GloVe", "word2vec", "fastText", "Windows", "no end", "empty lines"),
        *("byte-order mark", "the same, word2vec", "gzip", "two gzip"),
    ],
)
def test_the_formats_of_others_are_read(content, write):
    path = write(content, "some.vec")
    vectors = read(path)
    assert vectors.title == "some.vec, 3 words of 2 values"
    expected = np.array([[0.5, -1], [1, 0.2], [-2, 0.25]])
    expected = expected / np.sqrt((expected**2).mean(axis=0))
    np.testing.assert_allclose(vectors(WORDS), expected, atol=0.2)


def test_the_first_words_are_kept_and_those_of_train(write, monkeypatch):
    monkeypatch.setattr(vector_files, "FIRST_WORDS", 2)
    path = write("".join(f"word{number} 1 {number}\n" for number in range(9)))
    vectors = read(path, "word5", "word7", "word99")
    known = vectors.knows([f"word{number}" for number in range(9)])
    assert [*np.flatnonzero(known)] == [0, 1, 5, 7]


def test_a_word_may_hold_spaces(write):
    vectors = read(write("the 1 1\n. . . 1 2\nat name@domain.com 2 1\n"))
    assert vectors.title == "corpus.txt, 3 words of 2 values"
    assert vectors.knows([". . .", "at name@domain.com", "the"]).all()


def test_a_word_is_known_in_the_form_of_the_corpus(write):
    path = write("e\u0301 1 2\nA 2 1\n")
    vectors = read(path, normalise=lambda word: word.replace("e\u0301", "\u00e9"))
    assert [*vectors.knows(["\u00e9", "e\u0301"])] == [True, False]


def test_of_a_repeated_word_the_first_counts(write, capsys):
    path = write("a 1 2\nb 3 3\na -1 -2\nb 1 1\na 5 5\n")
    vectors = read(path)
    assert (vectors(["a"]) > 0).all()
    assert capsys.readouterr().out == f"{path}: 3 words repeated; the first of each counts\n"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", ":1: found b''; should be a word and its values"),
        ("the\nof\n", ":1: found b'the'; should be a word and its values"),
        ("3 0\n", ":1: found b'3 0'; should be a word and its values"),
        (f"1 {'9' * 30}\n" + GLOVE, ":2: found 2 values; should be 1"),
        (f"{'9' * 5000} 2\n" + GLOVE, ":2: found 2 values; should be 1"),
        (GLOVE + "in 1\n", ":4: found 1 value; should be 2"),
        (GLOVE + "in 1 2 3\n", ":4: found 3 values; should be 2"),
        (GLOVE + "in 1 2 3 4\n", ":4: found 4 values; should be 2"),
        (GLOVE + "in", ":4: found 0 values; should be 2"),
        (GLOVE + "in 1 nan\n", ":4: found a value that is not finite; should be numbers"),
        (GLOVE + "in 1e99 1\n", ":4: found a value that is not finite; should be numbers"),
        (GLOVE + "in 1 x\n", ":4: could not convert string to float: b'x'"),
        (GLOVE.encode() + b"Z\xfcrich 1 2\n", ":4: byte 0xfc is not UTF-8"),
        (GLOVE + "\nin 1 2\n", ":4: is empty; should be a word and its values"),
        ("4 2\n" + GLOVE, ": found 3 words; its first line says 4"),
        ("0 2\n", ": has no words"),
        (" 0.5 2\n", ": has no words"),
        ("2 2\n" + GLOVE, ": found 3 words; its first line says 2"),
        (compressed(GLOVE.encode())[:-9], ": is cut short"),
        (compressed(GLOVE.encode())[:-8] + bytes(8), ": is damaged"),
        (compressed(GLOVE.encode())[:10] + b"\xff" * 50, ": is damaged"),
        (b"PK\x03\x04abc", ": is a zip file: unpack it"),
        (b"BZh9abc", ": is compressed by bzip2: unpack it"),
        (
            b"\xba\x16\x4f\x2fabc",
            ": is a model of fastText: take the file .vec of the same vectors",
        ),
        (b"3 2\nthe \x00\x00\x80\x3f", ":2: is not text"),
        ("a" * 1_000_001, ":1: is not text"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(content, problem, write):
    path = write(content)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value) == f"{path}{problem}"


def test_a_line_that_is_not_kept_is_checked_too(write, monkeypatch):
    monkeypatch.setattr(vector_files, "FIRST_WORDS", 1)
    path = write(GLOVE + "in 1\n")
    with pytest.raises(InputError, match=":4: found 1 value; should be 2"):
        read(path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match="missing: No such file"):
        read(tmp_path / "missing")
    with pytest.raises(InputError, match="Is a directory"):
        read(tmp_path)
