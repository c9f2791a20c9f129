"""CSV tables, WikiNER's lines, and spaCy's tuples."""

import csv
import io
import json

import pytest

from charner.corpus.formats import read_sentences
from charner.corpus.mistakes import Mistakes
from charner.support.errors import InputError

KAGGLE = [
    ("Sentence #", "Word", "POS", "Tag"),
    ("Sentence: 1", "Ann", "NNP", "B-PER"),
    ("", "left", "VBD", "O"),
    ("", ",", ",", "O"),
    ("Sentence: 2", 'He said "no"', "NN", "O"),
    ("", "NA", "NN", "B-ORG"),
]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_table_is_read_by_the_names_of_its_columns(write, separator, end):
    content = io.StringIO()
    csv.writer(content, delimiter=separator, lineterminator=end).writerows(KAGGLE)
    first, second = read_sentences(write(f"\ufeff{content.getvalue()}"))
    assert [*zip(first.tokens, first.tags, strict=True)] == [
        *(("Ann", "B-PER"), ("left", "O"), (",", "O")),
    ]
    assert second.tokens == ['He said "no"', "NA"]
    assert (first.lines, second.lines, first.document) == ([2, 3, 4], [5, 6], 0)


def test_sentences_may_be_numbered_or_end_at_an_empty_row(write):
    numbered = "doc_id,sentence_id,token,ner_tags\na,1,Ann,B-PER\na,1,left,O\na,2,Bo,O\nb,2,x,O\n"
    assert [(s.document, s.tokens) for s in read_sentences(write(numbered))] == [
        *((1, ["Ann", "left"]), (1, ["Bo"]), (2, ["x"])),
    ]
    empty = "Word,Tag\nAnn,B-PER\nleft,O\n,\nBo,B-PER\n"
    assert [s.tokens for s in read_sentences(write(empty))] == [["Ann", "left"], ["Bo"]]


def test_an_empty_cell_of_pandas_goes_on_with_the_sentence(write):
    path = write("sentence_id,word,tag\n1,Ann,B-PER\nnan,left,O\n2,late,O\nnan,here,O\n")
    assert [s.tokens for s in read_sentences(path)] == [["Ann", "left"], ["late", "here"]]


def test_a_row_without_a_token_is_a_mistake(write):
    path = write("Word,Tag\nAnn,B-PER\n,O\n")
    with pytest.raises(InputError, match=r":3: the token is empty; .*repair skips"):
        list(read_sentences(path))
    (sentence,) = read_sentences(path, mistakes=Mistakes(repair=True))
    assert sentence.tokens == ["Ann"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Word,Tag\nMalm\xf6,B-LOC\n", "byte 0xf6 is not UTF-8; save it as UTF-8"),
        ("tokens,ner_tags\n\"['a', 'b']\",\"['O', 'O']\"\n", ":2: the cell of a tag holds a list"),
        ("Word,Tag\na,b,c\nd,e,f,g\n", ":2: 3 cells, but the first line has 2; .*repair"),
    ],
)
def test_what_cannot_be_read_is_refused(write, content, message):
    with pytest.raises(InputError, match=message):
        list(read_sentences(write(content)))


def test_a_quotation_mark_alone_is_a_token(write):
    path = write('token\ttag\n"\tO\nyes\tO\n"\tO\n')
    (sentence,) = read_sentences(path)
    assert sentence.tokens == ['"', "yes", '"']


def test_cells_may_have_spaces_around_and_an_empty_one_after_them(write):
    (sentence,) = read_sentences(write("Word,Tag\nAnn , B-PER,\nleft,O,\n"))
    assert (sentence.tokens, sentence.tags) == (["Ann", "left"], ["B-PER", "O"])


def test_a_corpus_in_columns_may_begin_with_words_of_a_table(write):
    (sentence,) = read_sentences(write("word O\ntag O\n"))
    assert sentence.tokens == ["word", "tag"]


def test_a_line_of_wikiner_is_a_sentence(write):
    path = write("Ann|NNP|I-PER left|VBD|O ||:|O\n\nBo|NNP|I-PER .|.|O\n")
    first, second = read_sentences(path)
    assert [*zip(first.tokens, first.tags, strict=True)] == [
        *(("Ann", "I-PER"), ("left", "O"), ("|", "O")),
    ]
    assert (second.tokens, second.lines) == (["Bo", "."], [3, 3])


def test_an_item_of_wikiner_that_is_cut_short_is_named(write):
    with pytest.raises(InputError, match=r":2: found 'Bo\|NNP'; should be a token, its part"):
        list(read_sentences(write("Ann|NNP|I-PER left|VBD|O\nBo|NNP .|.|O\n")))


TUPLE = ["Ann left.", {"entities": [[0, 3, "PER"]]}]


@pytest.mark.parametrize(
    "content",
    [
        f"{json.dumps(TUPLE)}\n{json.dumps(TUPLE)}\n",
        json.dumps([TUPLE, TUPLE]),
        json.dumps([TUPLE, TUPLE], indent=2),
        json.dumps({"classes": ["PER"], "annotations": [TUPLE, None, TUPLE]}),
        f"{json.dumps([TUPLE])}\n{json.dumps([TUPLE])}\n",
    ],
)
def test_tuples_of_spacy_are_read(write, content):
    first, second = read_sentences(write(content))
    assert (first.tokens, first.tags) == (["Ann", "left", "."], ["B-PER", "O", "O"])
    assert first.document == 1 < second.document


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('["Ann", {"cats": {}}]', ":1: the object beside the text has no list `entities`"),
        ('["Ann left", "PER"]', ":1: holds no text with entities in any of the known formats"),
        (json.dumps([[*TUPLE]]) + "\n[5]", ":2: record 1: holds no text with entities"),
        ('[["Ann left", {"entities": [[0, 3]]}]]', "record 1: the entity .* is not a list of st"),
        ('[["Ann",\n', ":1: not valid JSON: .*; each line should be a JSON object"),
    ],
)
def test_other_lists_are_refused(write, content, message):
    with pytest.raises(InputError, match=message):
        list(read_sentences(write(content)))


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        ("Ann B-PER\n".encode("utf-16"), "is in UTF-16: save it as UTF-8"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS: get the file"),
        (b"PK\x03\x04...", "is a zip file: unpack it; or of Excel: save it as CSV"),
        (b"\x1f\x8b...", "is compressed by gzip"),
    ],
)
def test_what_is_no_corpus_says_what_it_is(write, content, advice):
    with pytest.raises(InputError, match=advice):
        list(read_sentences(write(content)))
