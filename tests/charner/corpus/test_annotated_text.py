import pytest
from hypothesis import given
from hypothesis import strategies as st

from charner.corpus.annotated_text import AnnotatedText, tagged_sentences
from charner.corpus.mistakes import Mistakes
from charner.support.errors import InputError
from charner.tags.spans import Span
from charner.tags.spans import entities as entities_of_tags

TEXT = "Maria Almeida lives in Lisbon. She works for Nordwind."


def spans(text: str, **words: str) -> list[Span]:
    """An entity for each type, at the offsets of the words."""
    return [
        Span(name, text.index(word), text.index(word) + len(word)) for name, word in words.items()
    ]


def tagged(document: AnnotatedText, mistakes: Mistakes | None = None) -> list[list[str]]:
    """The sentences, as lines of tokens and tags."""
    sentences = tagged_sentences(document, "in:7", mistakes or Mistakes(), "en")
    return [[f"{t} {tag}" for t, tag in zip(s.tokens, s.tags, strict=True)] for s in sentences]


def test_text_is_split_and_its_entities_become_tags():
    entities = spans(TEXT, ORG="Nordwind", PER="Maria Almeida", LOC="Lisbon")
    assert tagged(AnnotatedText(TEXT, entities, 7)) == [
        ["Maria B-PER", "Almeida I-PER", "lives O", "in O", "Lisbon B-LOC", ". O"],
        ["She O", "works O", "for O", "Nordwind B-ORG", ". O"],
    ]
    (first, second) = tagged_sentences(AnnotatedText(TEXT, [], 7), "in:7", Mistakes(), "en")
    assert (first.document, second.document, second.lines) == (7, 7, [7] * 5)


def test_neighbours_of_one_type_stay_apart():
    entities = [Span("PER", 0, 5), Span("PER", 6, 13)]
    (first, _) = tagged(AnnotatedText(TEXT, entities, 7))
    assert first[:2] == ["Maria B-PER", "Almeida B-PER"]


def test_tokens_are_cut_where_entities_end_and_reported_once():
    text = "The Lisbon-based and London-based firms"
    mistakes = Mistakes()
    (tokens,) = tagged(AnnotatedText(text, spans(text, LOC="Lisbon", ORG="London"), 7), mistakes)
    assert tokens[1:3] == ["Lisbon B-LOC", "-based O"]
    assert tokens[4:6] == ["London B-ORG", "-based O"]
    (report,) = mistakes.report()
    assert report.startswith(
        "tokens were cut where an entity begins or ends, which tagging cannot do; if "
    )
    assert report.endswith("; 2 in all, the first: in:7: 'Lisbon-based'")


def test_white_space_around_an_entity_is_left_out_and_reported():
    mistakes = Mistakes()
    (first, _) = tagged(AnnotatedText(TEXT, [Span("LOC", 22, 30)], 7), mistakes)
    assert first[3:] == ["in O", "Lisbon B-LOC", ". I-LOC"]
    assert mistakes.report() == [
        "white space at the ends of entities was left out; 1 in all, the first: in:7: ' Lisbon.'"
    ]


def test_no_sentence_ends_within_an_entity():
    entities = [Span("X", TEXT.index("Lisbon"), TEXT.index("works"))]
    (sentence,) = tagged(AnnotatedText(TEXT, entities, 7))
    assert sentence[4:8] == ["Lisbon B-X", ". I-X", "She I-X", "works O"]


def test_given_tokens_and_sentences_are_kept():
    tokens = [(0, 13), (13, 14), (14, 19), (20, 29)]
    document = AnnotatedText(TEXT[:29], [Span("PER", 0, 13)], 7, tokens, [0, 14])
    # White space ends a token, since columns could not keep it.
    assert tagged(document) == [["Maria B-PER", "Almeida I-PER"], ["lives O", "in O", "Lisbon O"]]


def test_sentences_of_given_tokens_are_found_in_the_text():
    tokens = [(0, 13), (14, 30), (31, 34), (35, 54)]
    assert [len(sentence) for sentence in tagged(AnnotatedText(TEXT, [], 7, tokens))] == [5, 4]


@pytest.mark.parametrize(
    ("entities", "message"),
    [
        ([("PER", 3, 3)], "'PER' from 3 to 3 is empty"),
        ([("PER", 5, 6)], "'PER' from 5 to 6 is empty"),
        ([("PER", 50, 99)], "lies outside of the text of 54 characters"),
        ([("PER", -1, 5)], "lies outside"),
        ([("PER", 5, 2)], "ends before it begins"),
        ([("LOC", 3, 9), ("PER", 0, 5)], "'LOC' from 3 to 9 overlaps 'PER' from 0 to 5"),
        ([("", 0, 5)], "a type has no < and >"),
        ([("PER\ufeff", 0, 5)], "a type has no < and >"),
        ([("</script><script>", 0, 5)], "a type has no < and >"),
        ([("PER\x1b[2J\n", 0, 5)], "a type has no < and >"),
    ],
)
def test_mistakes_name_the_location(entities, message):
    document = AnnotatedText(TEXT, [Span(*entity) for entity in entities], 7)
    with pytest.raises(InputError, match=f"^in:7: the entity .*{message}"):
        tagged(document)


def test_an_entity_outside_of_the_given_tokens_is_refused():
    document = AnnotatedText(TEXT, [Span("PER", 6, 13)], 7, [(0, 5)])
    with pytest.raises(InputError, match="'PER' from 6 to 13 has no token"):
        tagged(document)


@given(
    st.text("ab. ,\n", min_size=1, max_size=40),
    st.lists(st.integers(0, 40), max_size=8, unique=True).map(sorted),
)
def test_entities_keep_their_characters(text, offsets):
    pairs = zip(offsets[::2], offsets[1::2], strict=False)
    entities = [Span("X", s, e) for s, e in pairs if text[s:e].strip() and e <= len(text)]
    tagged = tagged_sentences(AnnotatedText(text, entities, 1), "in:1", Mistakes(), "en")
    words = [
        "".join(sentence.tokens[start:end])
        for sentence in tagged
        for _, start, end in entities_of_tags(sentence.tags)
    ]
    assert words == ["".join(text[s:e].split()) for _, s, e in entities]
    assert "".join(token for s in tagged for token in s.tokens) == "".join(text.split())


def test_of_those_that_overlap_the_longest_stay():
    mistakes = Mistakes(repair=True)
    spans = [Span("A", 0, 4), Span("B", 2, 7), Span("C", 5, 20), Span("D", 0, 2), Span("D", 0, 2)]
    (sentence,) = tagged_sentences(
        AnnotatedText("abcd ef gh ij kl mn op", spans, 1), "in:1", mistakes, "en"
    )
    assert "".join(sentence.tags).count("B-") == 2
    assert {tag[2:] for tag in sentence.tags} == {"A", "C", ""}
    doubles, _, overlaps, *_ = mistakes.report()
    assert doubles.startswith("entities that are there twice were read once; 1 in all")
    assert overlaps.startswith("repaired: of entities that overlap, the longest was read; 3 in all")
