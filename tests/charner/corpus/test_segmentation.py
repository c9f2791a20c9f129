import textwrap

import pytest
import sentencex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from charner.corpus import segmentation
from charner.corpus.segmentation import SplittingError, sentences
from charner.corpus.tokens import BYTE_ORDER_MARK
from tests.helpers import WRITING

PIECES = st.lists(
    st.sampled_from(
        [
            "cannot",
            "don't",
            "''",
            "``",
            '"',
            "...",
            "--",
            "Mr.",
            "U.S.",
            " ",
            "\n",
            "'tis",
            "(",
            ")",
        ]
    )
).map("".join)


LANGUAGES = st.sampled_from(["en", "de", "fr", "ar", "zh"])


def tokens(text: str, language: str = "en") -> list[list[str]]:
    split = sentences(text, language)
    return [[text[start:end] for start, end in sentence] for sentence in split]


def has_content(text: str) -> bool:
    return text.replace(BYTE_ORDER_MARK, " ").strip() != ""


@settings(max_examples=500)
@given(st.one_of(st.text(), WRITING, PIECES), LANGUAGES)
@example("``\"''\"", "en")
@example("A & B | a|b &amp; ' '", "de")
def test_tokens_are_all_that_is_not_white_space_in_order(text, language):
    position = 0
    for sentence in sentences(text, language):
        assert sentence
        for start, end in sentence:
            assert position <= start < end <= len(text)
            assert not has_content(text[position:start])
            assert not any(character.isspace() for character in text[start:end])
            assert text[start] != BYTE_ORDER_MARK
            position = end
    assert not has_content(text[position:])


# Some of the languages in which sencentex panics at this.
@pytest.mark.parametrize("language", ["en", "de", "fr", "ru", "el", "hi"])
@pytest.mark.parametrize("space", "\u00a0\u202f\u2009\u3000\u2028\u0085\t\x0b")
def test_every_space_is_read_as_a_plain_one(language, space):
    text = "Vitamin A{}. It is good. Ann B{}. left."
    spans = [*sentences(text.format(space, space), language)]
    assert spans == [*sentences(text.format(" ", " "), language)]
    assert len(spans) > 1


def test_a_panic_of_the_library_is_an_error(monkeypatch):
    class Panic(BaseException):
        """As a library in Rust has it."""

    def panic(language: str, text: str) -> None:
        raise Panic("byte index 3")

    monkeypatch.setattr(sentencex, "get_sentence_boundaries", panic)
    with pytest.raises(SplittingError, match="sentencex cannot split the text: byte index 3"):
        tokens("It is good.")


def test_sentences_and_tokens_are_cut_as_in_conll():
    text = 'He said: "We don\'t know," in St. Louis. U.N. officials (two) left.'
    assert tokens(text) == [
        ["He", "said", ":", '"', "We", "do", "n't", "know", ",", '"', "in", "St.", "Louis", "."],
        ["U.N.", "officials", "(", "two", ")", "left", "."],
    ]


def test_sentences_end_as_the_language_has_it():
    text = "Sie kam am 3. Mai bzw. am Tag danach. Er nicht."
    assert [" ".join(sentence) for sentence in tokens(text, "de")] == [
        "Sie kam am 3. Mai bzw. am Tag danach .",
        "Er nicht .",
    ]
    assert len(tokens(text, "en")) > 2


def test_a_line_break_ends_a_sentence_unless_the_lines_are_wrapped():
    headline = "Storm hits the coast\nPort Arden, 3 May\nA heavy storm hit the coast on Friday."
    assert [sentence[0] for sentence in tokens(headline)] == ["Storm", "Port", "A"]
    wrapped = textwrap.fill(
        "A heavy storm hit the coast at Port Arden on Friday, and the lighthouse keeper of New"
        " Haven saw it. Nobody was hurt.",
        width=50,
    )
    assert wrapped.count("\n") == 2
    assert [sentence[0] for sentence in tokens(wrapped)] == ["A", "Nobody"]
    assert [sentence[0] for sentence in tokens(f"{wrapped}\n\nAnd then\n \nmore")] == [
        *("A", "Nobody", "And", "more"),
    ]


def test_a_token_is_never_too_long():
    assert {len(token) for (sentence,) in [tokens("a" * 2500)] for token in sentence} == {1000, 500}


@settings(max_examples=300)
@given(st.one_of(WRITING, st.lists(st.sampled_from(["Ab. ", "cd ", "e", "F! "])).map("".join)))
def test_long_text_is_read_in_parts(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segmentation, "LONGEST_PART", 7)
        cut = "".join(token for sentence in tokens(text) for token in sentence)
    assert cut == "".join(text.split())


def test_parts_end_where_sentences_do(monkeypatch):
    text = "It rained. Mr. Brown left. Nobody saw Ann go home. All was well. " * 20
    whole = tokens(text)
    monkeypatch.setattr(segmentation, "LONGEST_PART", 100)
    assert tokens(text) == whole
    assert len(whole) == 80
