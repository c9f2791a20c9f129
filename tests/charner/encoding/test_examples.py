import pytest

from charner.corpus.sentence import Sentence
from charner.encoding.examples import by_document
from charner.encoding.parquet import load_examples, write_parquet
from tests.helpers import VOCABULARY, Example, example


def test_examples_come_back_from_parquet(tmp_path):
    sentence = Sentence(1, ["ab", "c"], ["B-X", "O"], [1, 2])
    write_parquet(tmp_path / "train.parquet", [sentence], VOCABULARY)
    (loaded,) = load_examples(tmp_path / "train.parquet")
    expected = Example.encode(1, sentence.tokens, sentence.tags, VOCABULARY)
    assert (loaded.document, loaded.tokens, loaded.tags) == (1, ["ab", "c"], ["B-X", "O"])
    assert loaded.character_ids.tolist() == expected.character_ids.tolist()
    assert loaded.label_ids.tolist() == expected.label_ids.tolist() == [2, 2, 1, 1]
    assert loaded.token_lengths.tolist() == [2, 1]


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
    assert (cut.tokens, cut.tags) == (expected.tokens, expected.tags)
    assert cut.character_ids.tolist() == expected.character_ids.tolist()
    assert cut.label_ids.tolist() == expected.label_ids.tolist()


def test_documents_are_the_sentences_of_a_number():
    examples = [example("a", document=number) for number in (1, 1, 1, 2, 1, 1)]
    assert [len(document) for document in by_document(examples)] == [3, 1, 2]
    assert [one for document in by_document(examples) for one in document] == examples


def test_without_documents_every_sentence_is_one():
    examples = [example("a", document=number) for number in (0, 0, 1, 1)]
    assert [len(document) for document in by_document(examples)] == [1, 1, 2]


def test_a_rewritten_sentence_is_encoded_anew():
    before = example("ab", "c", "d")
    after = before.rewritten(str.upper, VOCABULARY)
    assert after.tokens == ["AB", "C", "D"]
    assert after.tags == before.tags
    assert after.character_ids.tolist() == VOCABULARY.encode_characters(after.tokens)
