import subprocess
import sys
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charner.tagging.tagger import Tagger, as_text
from tests.helpers import ARCHITECTURES, ROOT, WRITING, random_model


def tagger(architecture: str, **changes: str) -> Tagger:
    """A tagger with random weights, and changes in its vocabulary."""
    model = random_model(architecture)
    return Tagger(replace(model, vocabulary=replace(model.vocabulary, **changes)))


TAGGERS = {name: Tagger(random_model(name)) for name in ARCHITECTURES}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@given(text=st.one_of(st.text(), WRITING, st.text("abcdefgh AB.\n")))
def test_offsets_are_those_of_the_text(architecture, text):
    tagged = TAGGERS[architecture].tag(text)
    assert tagged.text == text
    position = 0
    for entity in tagged.entities:
        assert position <= entity.start < entity.end
        assert text[entity.start : entity.end] == entity.text
        assert 0 <= entity.score <= 1
        position = entity.end
    in_sentences = [entity for sentence in tagged.sentences for entity in sentence.entities]
    assert [e.type for e in tagged.entities] == [e.type for e in in_sentences]


@pytest.mark.parametrize(
    "text",
    [
        "a b\tc\r\nd  e\n\n f",
        "😀 ab 👩‍👩‍👧 cd e\u0301f",
        "שלום ab ירושלים cd",
        "ab\x00cd\x00 e",
        "\ufeffab cd",
    ],
)
def test_entities_are_found_in_every_writing(text):
    found = [e for name in ARCHITECTURES for e in TAGGERS[name].tag(text).entities]
    assert found
    assert all(text[e.start : e.end] == e.text for e in found)


def test_sentences_and_tokens_are_those_of_the_models_language():
    text = "ab l'été. 北京。"
    of_language = {
        language: [s.tokens for s in tagger("cnn_lstm_crf", language=language).tag(text).sentences]
        for language in ("en", "fr")
    }
    assert of_language["en"] == [["ab", "l'été", "."], [*"北京。"]]
    assert of_language["fr"] == [["ab", "l", "'", "été", "."], [*"北京。"]]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_both_forms_of_a_character_are_read_as_one(architecture):
    composed = "ab Éaé gh. cébé a"
    decomposed = unicodedata.normalize("NFD", composed)
    of_nfc = tagger(architecture, normalisation="NFC")
    found, same = of_nfc.tag(composed), of_nfc.tag(decomposed)
    assert found.entities
    assert [(e.type, e.score) for e in same.entities] == [(e.type, e.score) for e in found.entities]
    assert all(decomposed[e.start : e.end] == e.text for e in same.entities)
    assert any(not unicodedata.is_normalized("NFC", e.text) for e in same.entities)
    as_they_are = tagger(architecture, normalisation="none")
    scores = [[e.score for e in as_they_are.tag(t).entities] for t in (composed, decomposed)]
    assert scores[0] != scores[1]


def test_texts_are_documents_of_their_own():
    texts = ["ab cd. a", "", "gh ab", "  \n"]
    together = TAGGERS["cnn_lstm_crf"].tag_batch(texts)
    assert [tagged.text for tagged in together] == texts
    for text, tagged in zip(texts, together, strict=True):
        alone = TAGGERS["cnn_lstm_crf"].tag(text)
        assert [s.tags for s in alone.sentences] == [s.tags for s in tagged.sentences]


def test_the_least_score_holds_for_text():
    found = TAGGERS["cnn_lstm_crf"].tag("ab cd AB gh a b c d")
    middle = sorted(entity.score for entity in found.entities)[len(found.entities) // 2]
    kept = TAGGERS["cnn_lstm_crf"].tag(found.text, min_score=middle)
    assert kept.entities == [entity for entity in found.entities if entity.score >= middle]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("piece", ["ab cd ", "ab", "a. "])
def test_length_is_no_limit(architecture, piece):
    text = piece * (100_000 // len(piece))
    tagged = TAGGERS[architecture].tag(text)
    assert all(text[e.start : e.end] == e.text for e in tagged.entities)
    assert sum(len(token) for s in tagged.sentences for token in s.tokens) == sum(
        not character.isspace() for character in text
    )


def test_it_does_not_need_what_only_the_pipeline_needs(model):
    program = """
import sys
for name in ("dvc", "keras", "langcodes", "pandas", "pyarrow", "scipy", "sklearn", "tensorflow"):
    sys.modules[name] = None  # an import fails
from charner import Tagger
print(len(Tagger.load(sys.argv[1]).tag("ab cd. a gh").entities) > 0)
"""
    command = [sys.executable, "-c", program, str(model)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout == "True\n"


def test_tokens_as_text():
    document = [["ab", "cd"], ["a"], ["gh", "AB", "c"]]
    (tagged,) = TAGGERS["cnn_lstm_crf"].tag_tokens([document])
    text = as_text(tagged)
    assert text.text == "ab cd\na\ngh AB c"
    assert len(text.entities) == sum(len(sentence.entities) for sentence in tagged) > 0
    for entity in text.entities:
        assert text.text[entity.start : entity.end] == entity.text
