import pytest

from charner.corpus.formats import read_sentences
from charner.support.errors import InputError

TEXT = "Ann Lee left.\r\nShe met Bo."
ANNOTATIONS = "T1\tPER 0 7\tAnn Lee\nT2\tPER 23 25\tBo\nR1\tMet Arg1:T1 Arg2:T2\n#1\tNote T1\tx\n"


@pytest.fixture
def folder(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_bytes(TEXT.encode())
        (tmp_path / f"{name}.ann").write_text(ANNOTATIONS)
    return tmp_path


def test_each_text_of_a_folder_is_a_document(folder):
    (folder / "b.ann").write_text("")
    sentences = [*read_sentences(folder)]
    assert [s.document for s in sentences] == [1, 1, 2, 2]
    first, second, *without = sentences
    assert (first.tokens, first.tags[:2]) == (["Ann", "Lee", "left", "."], ["B-PER", "I-PER"])
    assert second.tags == ["O", "O", "B-PER", "O"]
    assert {tag for sentence in without for tag in sentence.tags} == {"O"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("T1\tPER 0 3;8 12\tAnn left", "b.ann:1: the entity has several parts"),
        ("T1\tPER 1 4\tAnn", "b.ann:1: from 1 to 4 the text has 'nn ', not 'Ann'"),
        ("T1 PER 0 3 Ann", "b.ann:1: found 'T1 PER 0 3 Ann'; should be as"),
    ],
)
def test_mistakes_name_the_file_and_the_line(folder, line, message):
    (folder / "b.ann").write_text(f"{line}\n")
    with pytest.raises(InputError, match=message):
        list(read_sentences(folder))


def test_a_text_without_its_annotations_is_refused(folder):
    (folder / "b.ann").unlink()
    with pytest.raises(InputError, match="b: should have two files"):
        list(read_sentences(folder))


def test_annotations_without_a_text_are_refused(folder):
    (folder / "c.ann").touch()
    with pytest.raises(InputError, match="c: should have two files"):
        list(read_sentences(folder))


def test_an_entity_over_a_line_break_is_one(folder):
    (folder / "b.ann").write_text("T1\tVERB 8 12;15 18\tleft She\n")
    (folder / "b.txt").write_bytes(b"Ann Lee left \r\nShe met Bo.")
    *_, sentence = read_sentences(folder)
    assert "I-VERB" in sentence.tags


def test_a_text_in_another_encoding_is_refused(folder):
    (folder / "b.txt").write_bytes(b"Malm\xf6")
    with pytest.raises(InputError, match=r"b\.txt: byte 0xf6 is not UTF-8"):
        list(read_sentences(folder))
