import pytest

from charner.encoding.examples import by_document
from charner.encoding.parquet import load_examples, write_parquet
from tests.helpers import VOCABULARY, Example, example


def test_examples_come_back_from_parquet(tmp_path):
    examples = [example("ab", "c", document=1), example("d")]
    write_parquet(tmp_path / "train.parquet", examples, VOCABULARY)
    assert load_examples(tmp_path / "train.parquet") == examples


@pytest.mark.parametrize(
    ("max_length", "tokens"),
    [
        (100, ["abc", "de", "f"]),
        (8, ["abc", "de", "f"]),
        (7, ["abc", "de"]),
        (6, ["abc", "de"]),
        (5, ["abc"]),
        (2, ["ab"]),
    ],
)
def test_a_cut_sentence_keeps_whole_tokens(max_length, tokens):
    cut, expected = example("abc", "de", "f").cut(max_length), example(*tokens)
    assert cut == expected
    assert cut.length == len(" ".join(tokens))


def test_documents_are_the_sentences_of_a_number():
    examples = [example("a", document=number) for number in (1, 1, 1, 2, 1, 1)]
    assert [len(document) for document in by_document(examples)] == [3, 1, 2]
    assert [one for document in by_document(examples) for one in document] == examples


def test_without_documents_every_sentence_is_one():
    examples = [example("a", document=number) for number in (0, 0, 1, 1)]
    assert [len(document) for document in by_document(examples)] == [1, 1, 2]


def test_a_rewritten_sentence_keeps_its_tags():
    before = example("ab", "c", "d", document=3)
    assert before.rewritten(str.upper) == Example(3, ["AB", "C", "D"], before.tags)
