import re

import pytest
from nltk.tokenize.destructive import NLTKWordTokenizer

from charner.corpus.formats import read_sentences
from charner.corpus.tokens import tokens
from tests.helpers import ROOT


def split(text: str, language: str) -> str:
    """The tokens, joined by spaces."""
    return " ".join(text[start:end] for start, end in tokens(text, 0, len(text), language))


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
def test_english_tokens(text, expected):
    assert split(text, "en") == split(text, "en-gb") == expected


def test_english_tokens_are_those_of_nltk():
    """NLTK rewrites quotation marks, and has no rule for a full stop and a mark after a space."""
    nltk = NLTKWordTokenizer()
    for path in sorted((ROOT / "data/sample").glob("*.txt")):
        for sentence in read_sentences(path):
            text = re.sub(r" ([^\w\s]|'\w|n't)(?= |$)", r"\1", " ".join(sentence.tokens))
            theirs = [re.sub("``|''", '"', token) for token in nltk.tokenize(text)]
            assert split(text, "en").split() == theirs


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "de",
            "Das geht's nicht (3,5 % in z.B. Köln).",
            "Das geht ' s nicht ( 3,5 % in z.B. Köln ) .",
        ),
        ("fr", "L'avion d'Ana, à Aix-en-Provence.", "L ' avion d ' Ana , à Aix-en-Provence ."),
        ("es", "¿Dónde está Ana?", "¿ Dónde está Ana ?"),
        ("ar", "سافرت ليلى إلى عمّان، ثم عادت.", "سافرت ليلى إلى عمّان ، ثم عادت ."),
        ("he", "דנה גרה בחיפה, נכון?", "דנה גרה בחיפה , נכון ?"),
        ("fa", "می‌روم؟", "می‌روم ؟"),
        ("ur", "وہ گیا۔", "وہ گیا ۔"),
        ("hi", "मैं दिल्ली गया।", "मैं दिल्ली गया ।"),
        ("am", "አበባ ነው።", "አበባ ነው ።"),
        ("cs", "A & B | C\ta|b AT&T &amp;", "A & B | C a|b AT&T &amp ;"),
    ],
)
def test_other_languages_are_split_at_white_space_and_punctuation(language, text, expected):
    assert split(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("zh", "王明在北京。IBM公司", "王 明 在 北 京 。 IBM 公 司"),
        ("zh-hant", "「２０２０年」，好！", "「 ２０２０ 年 」 ， 好 ！"),
        ("ja", "東京タワーへ。", "東 京 タ ワ ー へ 。"),
        ("th", "อยู่กรุง ที่", "อ ยู่ ก รุ ง ที่"),
        ("en", "Ana saw 北京.", "Ana saw 北 京 ."),
        ("ko", "서울에서 일한다.", "서울에서 일한다 ."),
    ],
)
def test_without_spaces_between_words_each_character_is_a_token(language, text, expected):
    assert split(text, language) == expected
