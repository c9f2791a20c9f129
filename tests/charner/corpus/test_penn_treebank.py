import re

import pytest
from hypothesis import given
from nltk.tokenize.destructive import NLTKWordTokenizer

from charner.corpus.formats import read_sentences
from charner.corpus.tokens import english_tokens
from tests.helpers import ROOT, WRITING


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in english_tokens(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We can't, won't and DON'T.", "We ca n't , wo n't and DO N'T ."),
        ("She's sure they'll say I'd've gone.", "She 's sure they 'll say I'd 've gone ."),
        ("The dogs' owner met O'Neill at 'Noon'.", "The dogs ' owner met O'Neill at ' Noon ' ."),
        ("You cannot. Gonna wanna", "You can not. Gon na wan na"),
        ('"Stop!" (he said.) "', '" Stop ! " ( he said . ) "'),
        (
            "Mr. Hill paid $1,000.50, i.e. 3% of U.S.",
            "Mr. Hill paid $ 1,000.50 , i.e. 3 % of U.S .",
        ),
        ("At 10:30: wait... or -- go–now?", "At 10:30 : wait ... or -- go – now ?"),
        ("AT&T's a-b; e@f.org [x]*", "AT & T 's a-b ; e @ f.org [ x ] *"),
        ("“Ana’s”", "“ Ana ’ s ”"),
        (" \n", ""),
    ],
)
def test_tokens(text, expected):
    assert split(text) == expected.split()


def test_those_of_nltk():
    """NLTK rewrites quotation marks, and has no rule for a full stop and a mark after a space."""
    nltk = NLTKWordTokenizer()
    for path in sorted((ROOT / "data/sample").glob("*.txt")):
        for sentence in read_sentences(path):
            text = re.sub(r" ([^\w\s]|'\w|n't)(?= |$)", r"\1", " ".join(sentence.tokens))
            theirs = [re.sub("``|''", '"', token) for token in nltk.tokenize(text)]
            assert split(text) == theirs


@given(WRITING)
def test_no_character_is_lost(text):
    assert "".join(split(text)) == "".join(text.split())
