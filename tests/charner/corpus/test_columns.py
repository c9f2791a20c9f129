import pytest

from charner.corpus.columns import read_sentences
from charner.support.errors import InputError

TWO_DOCUMENTS = """\
-DOCSTART- -X- O O

Ann NNP B-PER
left\tVBD \tO

-DOCSTART- -X- O O

# NN O
 Rome NNP B-LOC\t

"""


def test_sentences_carry_tokens_tags_document_and_lines(write):
    first, second = read_sentences(write(TWO_DOCUMENTS))
    assert (first.tokens, first.tags) == (["Ann", "left"], ["B-PER", "O"])
    assert (first.document, first.lines) == (1, [3, 4])
    assert (second.tokens, second.tags) == (["#", "Rome"], ["O", "B-LOC"])
    assert (second.document, second.lines) == (2, [8, 9])


def test_text_without_document_lines_is_document_0(write):
    (sentence,) = read_sentences(write("Ann B-PER"))
    assert sentence.document == 0


def test_columns_can_be_chosen(write):
    path = write("1 B-PER Ann x\n2 O left y\n")
    (sentence,) = read_sentences(path, token_column=-2, tag_column=1)
    assert (sentence.tokens, sentence.tags) == (["Ann", "left"], ["B-PER", "O"])


def test_a_document_line_may_start_with_a_number(write):
    (sentence,) = read_sentences(write("1 -DOCSTART- O\n\n1 Ann B-PER\n"), token_column=1)
    assert (sentence.document, sentence.tokens) == (1, ["Ann"])


def test_only_the_given_prefix_makes_a_comment(write):
    path = write("# text\n## x\n#1 O\n")
    (sentence,) = read_sentences(path, comment_prefix="# ")
    assert sentence.tokens == ["##", "#1"]


@pytest.mark.parametrize(
    "character", ["\u00a0", "\u0085", "\u2028", "\u3000", "\x0b", "\x0c", "\x1c"]
)
def test_other_white_space_belongs_to_tokens(write, character):
    (sentence,) = read_sentences(write(f"12{character}000 O\n{character} O\n"))
    assert sentence.tokens == [f"12{character}000", character]


def test_windows_line_ends_and_byte_order_mark_are_no_content(write):
    (sentence,) = read_sentences(write(b"\xef\xbb\xbfAnn B-PER\r\nleft O\r\n\r\n"))
    assert (sentence.tokens, sentence.tags) == (["Ann", "left"], ["B-PER", "O"])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no sentence"),
        ("-DOCSTART- O\n\n", "holds no sentence"),
        ("Ann B-PER\nleft\n", r"corpus\.txt:2: 1 column"),
        (b"Ann B-PER\n\xff O\n", r"corpus\.txt:2: byte 0xff is not UTF-8"),
        (b"\xef\xbb\xbf\xfeAnn O\n", r"corpus\.txt:1: byte 0xfe is not UTF-8"),
    ],
)
def test_a_mistake_is_told_with_file_and_line(write, content, message):
    with pytest.raises(InputError, match=message):
        list(read_sentences(write(content)))


def test_a_line_in_which_both_columns_are_one_is_too_short(write):
    with pytest.raises(InputError, match=":1: 2 column"):
        list(read_sentences(write("Ann B-PER\n"), token_column=1, tag_column=-1))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        list(read_sentences(tmp_path / "none.txt"))
