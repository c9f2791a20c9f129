import pytest

from charner.encoding.characters import KINDS, kind_id


@pytest.mark.parametrize(
    ("characters", "kind"),
    [
        ("AÉЖǅ", "upper"),
        ("aéжß", "lower"),
        ("中אعकªʰ", "letter"),
        ("\u0301\u093e\u20e3", "mark"),
        ("7٣९", "digit"),
        ("Ⅷ½②", "number"),
        (".,-»(", "punctuation"),
        ("$+^€", "symbol"),
        (" \u00a0\u200b\x07\ue000", "other"),
    ],
)
def test_kinds_are_those_of_unicode(characters, kind):
    assert {KINDS[kind_id(character) - 1] for character in characters} == {kind}
