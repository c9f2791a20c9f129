import pytest

from charner.corpus.tokens import tokens


def split(text: str, language: str) -> str:
    """The tokens, joined by spaces."""
    return " ".join(text[start:end] for start, end in tokens(text, 0, len(text), language))


@pytest.mark.parametrize("language", ["en", "en-gb"])
def test_english_is_split_as_in_the_penn_treebank(language):
    assert split('We can\'t say "gimme".', language) == 'We ca n\'t say " gim me " .'


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
