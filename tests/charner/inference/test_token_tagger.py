import pytest
from hypothesis import given
from hypothesis import strategies as st

from charner.inference import token_tagger
from charner.inference.confidence import path_log_probabilities
from charner.inference.token_tagger import TokenTagger
from charner.support.errors import InputError
from charner.tags.spans import entities
from tests.helpers import ARCHITECTURES, random_model, save_model

TOKENS = st.lists(st.text(st.sampled_from("abcdefghABC é"), min_size=1, max_size=9), max_size=30)
DOCUMENTS = [[["ab", "cd"], ["a"]], [["ef", "AB", "c", "a"]], [], [[], ["abc"]]]


TAGGERS = {name: TokenTagger(random_model(name)) for name in ARCHITECTURES}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@given(documents=st.lists(st.lists(TOKENS, max_size=4), max_size=3))
def test_sentences_come_back_in_order_with_matching_tags_and_entities(architecture, documents):
    tagged = TAGGERS[architecture].tag_tokens(documents)
    assert [[s.tokens for s in document] for document in tagged] == documents
    for sentence in (sentence for document in tagged for sentence in document):
        assert entities(sentence.tags) == [(e.type, e.start, e.end) for e in sentence.entities]
        for entity in sentence.entities:
            assert entity.text == " ".join(sentence.tokens[entity.start : entity.end])
            assert 0 <= entity.score <= 1


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_is_tagged_together_changes_nothing(architecture):
    together = TAGGERS[architecture].tag_tokens(DOCUMENTS)
    alone = [TAGGERS[architecture].tag_tokens([document])[0] for document in DOCUMENTS]
    for one, other in zip(together, alone, strict=True):
        assert [sentence.tags for sentence in one] == [sentence.tags for sentence in other]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_certainty_is_the_mean_over_the_tokens_of_a_document(architecture):
    tagger = TAGGERS[architecture]
    certainty = tagger.certainty(DOCUMENTS).tolist()
    sums = [0.0] * len(DOCUMENTS)
    for number, document in enumerate(DOCUMENTS):
        for group in tagger.decode([document]):
            found = path_log_probabilities(
                group.decoded, tagger._network.transitions, tagger.temperature
            )
            sums[number] += found.sum()
    tokens = [sum(map(len, document)) for document in DOCUMENTS]
    expected = [total / max(1, count) for total, count in zip(sums, tokens, strict=True)]
    assert certainty == pytest.approx(expected)
    assert max(expected[:2]) < 0 == certainty[2]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_entities_below_the_score_are_left_out_of_the_tags_too(architecture):
    found = [e for d in TAGGERS[architecture].tag_tokens(DOCUMENTS) for s in d for e in s.entities]
    middle = sorted(entity.score for entity in found)[len(found) // 2]
    kept = TAGGERS[architecture].tag_tokens(DOCUMENTS, min_score=middle)
    sentences = [sentence for document in kept for sentence in document]
    assert [entity for sentence in sentences for entity in sentence.entities] == [
        entity for entity in found if entity.score >= middle
    ]
    assert sum(tag.startswith("B-") for s in sentences for tag in s.tags) < len(found)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@given(sentence=st.lists(st.sampled_from(["ab", "AB", "c", "gfe", "h" * 30]), min_size=30))
def test_a_long_sentence_is_read_as_several(architecture, sentence):
    tagger = TAGGERS[architecture]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_tagger, "LONGEST_SENTENCE", 60)
        patch.setattr(token_tagger, "LONGEST_TOKEN", 10)
        ((tagged,),) = tagger.tag_tokens([[sentence]])
        parts = [part for group in tagger.decode([[sentence]]) for part in group.parts]
        parts.sort(key=lambda part: part.start)
        (alone,) = tagger.tag_tokens([[part.tokens for part in parts]])
    assert all(len(" ".join(part.tokens)) < 60 for part in parts)
    assert tagged.tokens == sentence
    assert tagged.tags == [tag for part in alone for tag in part.tags]
    assert [(e.type, e.start, e.end, e.score) for e in tagged.entities] == [
        (e.type, part.start + e.start, part.start + e.end, e.score)
        for part, one in zip(parts, alone, strict=True)
        for e in one.entities
    ]
    assert entities(tagged.tags) == [entity.span for entity in tagged.entities]
    assert tagged.character_labels is None


def test_decoded_entities_are_those_of_their_sentences(monkeypatch):
    monkeypatch.setattr(token_tagger, "LONGEST_SENTENCE", 12)
    documents = [[sentence * 3 for sentence in document] for document in DOCUMENTS]
    found = {
        entity for group in TAGGERS["cnn_lstm_crf"].decode(documents) for entity in group.entities()
    }
    sentences = [s for d in TAGGERS["cnn_lstm_crf"].tag_tokens(documents) for s in d]
    assert found == {(number, e.span) for number, s in enumerate(sentences) for e in s.entities}
    assert max(span.end for _, span in found) > 3  # in the second part of a sentence


def test_batches_change_nothing(monkeypatch):
    before = TAGGERS["cnn_lstm_crf"].tag_tokens(DOCUMENTS * 10)
    monkeypatch.setattr(token_tagger, "BATCH_TOKENS", 3)
    after = TAGGERS["cnn_lstm_crf"].tag_tokens(DOCUMENTS * 10)
    assert [[s.tags for s in d] for d in before] == [[s.tags for s in d] for d in after]


@pytest.mark.parametrize(
    ("architecture", "labels_characters"), [("char_lstm", True), ("cnn_lstm_crf", False)]
)
def test_character_labels_are_of_all_characters_or_none(architecture, labels_characters):
    ((sentence,),) = TAGGERS[architecture].tag_tokens([[["abc", "d"]]])
    if labels_characters:
        assert len(sentence.character_labels) == len("abc d")
    else:
        assert sentence.character_labels is None
    ((clipped,),) = TAGGERS[architecture].tag_tokens([[["a" * 1000]]])
    assert clipped.character_labels is None


def test_an_empty_token_is_refused():
    with pytest.raises(ValueError, match="a token is empty"):
        TAGGERS["char_lstm"].tag_tokens([[["a", ""]]])


def test_a_higher_temperature_makes_scores_less_certain_and_tags_the_same(tmp_path):
    found = []
    for temperature in (0.3, 3.0):
        save_model(tmp_path, random_model("cnn_lstm_crf"), temperature)
        ((sentence,),) = TokenTagger.load(tmp_path).tag_tokens([[["ab", "cd", "AB", "h"] * 5]])
        found.append(sentence)
    assert found[0].tags == found[1].tags
    means = [sum(e.score for e in s.entities) / len(s.entities) for s in found]
    assert means[1] < means[0] - 0.1


def test_files_of_two_models_are_told(tmp_path):
    for name, architecture in zip("ab", ("char_lstm", "cnn_lstm_crf"), strict=True):
        (tmp_path / name).mkdir()
        save_model(tmp_path / name, random_model(architecture))
    (tmp_path / "a/model.json").replace(tmp_path / "b/model.json")
    with pytest.raises(InputError, match=r"not of one model \(.*\); `dvc repro` makes one"):
        TokenTagger.load(tmp_path / "b")
