from collections import Counter

import pytest

from charner.corpus.formats import read_sentences
from charner.corpus.mistakes import Mistakes
from charner.corpus.notation import outside_name, standard_tags
from charner.support.errors import InputError

BIOES = ["O", "B-PER", "I-PER", "E-PER", "O", "S-LOC", "O", "O"]


@pytest.mark.parametrize(
    "tags",
    [
        "O B-PER I-PER L-PER O U-LOC O O",
        "O B-PER M-PER E-PER O S-LOC O O",
        "O PER-B PER-I PER-E O LOC-S O O",
        "O B_PER I_PER E_PER O S_LOC O O",
        "o b-PER i-PER e-PER o s-LOC o o",
        "O PER_B PER_I PER_L O LOC_U O O",
        "O B:PER I:PER E:PER O S:LOC O O",
        "O BPER IPER EPER O SLOC O O",
        "O B-PER M-PER E-PER O W-LOC O O",
    ],
)
def test_other_notations_are_read_as_bioes_and_told(write, tags):
    names = tags.split()
    path = write("".join(f"a {tag}\n" for tag in names) + "\n" + f"b {names[0]}\n")
    mistakes = Mistakes()
    first, second = read_sentences(path, mistakes=mistakes)
    assert (first.tags, second.tags) == (BIOES, ["O"])
    (told,) = mistakes.report()
    assert told.startswith("tags in another notation were read as B-, I-, E- and S-; ")


@pytest.mark.parametrize(
    ("outside", "entity"), [("-", "B-PER"), ("_", "B-PER"), ("0", "B-PER"), ("OTHER", "PER")]
)
def test_the_most_frequent_tag_may_be_another_name_of_o(write, outside, entity):
    mistakes = Mistakes()
    path = write(f"Ann {entity}\nleft {outside}\nlate {outside}\n")
    (sentence,) = read_sentences(path, mistakes=mistakes)
    assert [tag.removeprefix("B-").removeprefix("I-") for tag in sentence.tags] == ["PER", "O", "O"]
    assert f"{path}:" in mistakes.report()[0]


@pytest.mark.parametrize("tags", ["- - -", "_ _ SpaceAfter=No", "0 0 1", "0 O B-PER"])
def test_other_columns_hold_no_names_of_o(tags):
    assert outside_name(Counter(tags.split())) is None


def test_plain_types_are_entities_of_tokens_side_by_side(write):
    path = write("a O\n\nAnn PERSON\nLee PERSON\nleft O\nin O\nRome LOCATION\n. O\n")
    _, sentence = read_sentences(path)
    assert sentence.tags == ["I-PERSON", "I-PERSON", "O", "O", "I-LOCATION", "O"]


def test_parts_of_speech_are_no_types():
    assert standard_tags(Counter({"NN": 10, "O": 5, "VBD": 5})) == {}
    assert standard_tags(Counter({"NN": 5, "O": 10, "VBD": 5})) != {}


def test_one_odd_tag_makes_no_notation(write):
    for odd in ("PER-B", "PER", "U-PER"):
        (sentence,) = read_sentences(write(f"a O\nb B-PER\nc I-PER\nd E-PER\ne {odd}\nf O\ng O\n"))
        assert sentence.tags[-3] == odd  # which the detection of the scheme refuses


def test_a_single_o_in_lower_case_is_a_mistake(write):
    path = write("a B-PER\nb o\n")
    with pytest.raises(InputError, match=r":2: tag o in lower case; .*repair reads"):
        list(read_sentences(path))
    mistakes = Mistakes(repair=True)
    (sentence,) = read_sentences(path, mistakes=mistakes)
    assert sentence.tags == ["B-PER", "O"]
    assert len(mistakes.report()) == 1


def test_tags_without_types_have_one(write):
    (sentence,) = read_sentences(write("a B\nb I\nc O\nd B\n"))
    assert sentence.tags == ["B-ENTITY", "I-ENTITY", "O", "B-ENTITY"]


def test_types_may_begin_with_letters_of_prefixes(write):
    (sentence,) = read_sentences(write("a BRAND\nb O\nc ITEM\nd O\n"))
    assert sentence.tags == ["I-BRAND", "O", "I-ITEM", "O"]
