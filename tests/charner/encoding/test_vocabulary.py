from dataclasses import replace

import pandas as pd
import pytest

from charner.encoding.characters import KINDS
from charner.encoding.examples import Example
from charner.encoding.parquet import write_parquet
from charner.encoding.vocabulary import Vocabulary

SENTENCE = Example(3, ["San", "Remo", "won"], ["B-LOC", "I-LOC", "O"])


@pytest.fixture
def vocabulary() -> Vocabulary:
    return Vocabulary.build({"San": 2, "SAN": 1, "Remowé": 1}, ["PER", "LOC"])


def test_ids_are_positions_in_a_fixed_order(vocabulary):
    assert vocabulary.characters == ["<PAD>", "<UNK>", " ", *sorted("SanRemowéAN")]
    assert vocabulary.labels == ["<PAD>", "O", "B-LOC", "I-LOC", "B-PER", "I-PER"]


def test_tokens_that_occur_twice_in_any_case_have_ids():
    vocabulary = Vocabulary.build({"San": 2, "SAN": 1, "Remo": 1, "A": 1, "a": 1}, ["LOC"])
    assert vocabulary.tokens == {"a": 2, "san": 3}
    assert [vocabulary.encode_token(token) for token in ("A", "sAN", "Remo", "x")] == [2, 3, 1, 1]


def test_characters_of_tokens_joined_by_a_space(vocabulary):
    ids = vocabulary.encode_characters(["Sané", "xS"])
    assert "".join(vocabulary.characters[i] for i in ids) == "Sané <UNK>S"
    assert 0 not in ids


def test_kinds_of_the_same_characters_whether_train_has_them_or_not(vocabulary):
    kinds = vocabulary.encode_kinds(["Sané", "xÖ"])
    assert [KINDS[kind - 1] for kind in kinds] == [
        "upper",
        *["lower"] * 3,
        "other",
        "lower",
        "upper",
    ]


def test_letters_are_in_lower_case():
    vocabulary = Vocabulary.build({"aB-b": 1, "7": 2, "中É": 1}, ["PER"])
    assert vocabulary.letters == ["a", "b", "é", "中"]


@pytest.mark.parametrize(("space_tag", "between"), [("outside", "O"), ("inside", "I-LOC")])
def test_every_character_has_the_tag_of_its_token(vocabulary, space_tag, between):
    vocabulary = replace(vocabulary, space_tag=space_tag)
    ids = vocabulary.encode_labels(SENTENCE.tokens, SENTENCE.tags)
    expected = ["B-LOC"] * 3 + [between] + ["I-LOC"] * 4 + ["O"] * 4
    assert [vocabulary.labels[i] for i in ids] == expected


def test_the_space_between_two_entities_is_outside(vocabulary):
    vocabulary = replace(vocabulary, space_tag="inside")
    ids = vocabulary.encode_labels(["a", "S"], ["B-LOC", "B-LOC"])
    assert [vocabulary.labels[i] for i in ids] == ["B-LOC", "O", "B-LOC"]


def test_a_vocabulary_comes_back_from_its_file(vocabulary, tmp_path):
    vocabulary.save(tmp_path / "vocabulary.json")
    assert Vocabulary.load(tmp_path / "vocabulary.json") == vocabulary


def test_a_parquet_row_is_a_sentence(vocabulary, tmp_path):
    write_parquet(tmp_path / "a.parquet", [SENTENCE] * 5000, vocabulary)
    table = pd.read_parquet(tmp_path / "a.parquet")
    assert len(table) == 5000
    row = table.iloc[-1]
    assert row.document == 3
    assert (list(row.tokens), list(row.tags)) == (SENTENCE.tokens, SENTENCE.tags)
    assert list(row.character_ids) == vocabulary.encode_characters(SENTENCE.tokens)
    assert list(row.label_ids) == [2, 2, 2, 1, 3, 3, 3, 3, 1, 1, 1, 1]


def test_the_same_sentences_give_the_same_bytes(vocabulary, tmp_path):
    for name in "ab":
        write_parquet(tmp_path / name, iter([SENTENCE] * 3), vocabulary)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
