"""The component in real pipelines of spaCy."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from charner import Tagger
from charner.support.errors import InputError
from tests.helpers import write_small_model

spacy = pytest.importorskip("spacy")
import srsly  # noqa: E402
from spacy.training import Example  # noqa: E402

TEXT = "ab cd ha. a gh\n\nAB c-d (ab's), a."


@pytest.fixture
def model(tmp_path) -> Path:
    """A model with random weights, which finds many entities."""
    folder = tmp_path / "model"
    folder.mkdir()
    write_small_model(folder)
    return folder


def pipeline(model: Path, **config):
    nlp = spacy.blank("en")
    nlp.add_pipe("charner", config={"model": str(model), **config})
    return nlp


def test_entities_are_those_of_the_tagger_with_all_their_tokens(model):
    nlp = pipeline(model)
    doc = nlp(TEXT)
    assert [token.text for token in doc] == [token.text for token in spacy.blank("en")(TEXT)]
    found = Tagger.load(model).tag(TEXT).entities
    assert len(found) == len(doc.ents) > 2
    for entity, span in zip(found, doc.ents, strict=True):
        assert span.label_ == entity.type
        assert span._.score == entity.score
        assert span.start_char <= entity.start < entity.end <= span.end_char
        assert doc[span.start].idx + len(doc[span.start]) > entity.start  # and no other token
        assert doc[span.end - 1].idx < entity.end


def test_an_entity_gets_a_whole_token_of_spacy(model):
    nlp = pipeline(model)
    nlp.tokenizer = lambda text: spacy.tokens.Doc(nlp.vocab, words=[text])
    doc = nlp(TEXT)
    assert [(e.start, e.end, e.text) for e in doc.ents] == [(0, 1, TEXT)]


def test_entities_that_are_there_already_are_kept(model):
    nlp = pipeline(model)
    before = nlp(TEXT).ents
    ruler = nlp.add_pipe("entity_ruler", before="charner")
    ruler.add_patterns([{"label": "OWN", "pattern": before[0].text}])
    doc = nlp(TEXT)
    assert doc.ents[0].label_ == "OWN"
    assert doc.ents[0]._.score is None
    others = [span for span in before if span.text != before[0].text]
    assert {(e.start, e.label_) for e in doc.ents} >= {(e.start, e.label_) for e in others}


def test_many_documents_are_tagged_as_one_by_one(model):
    nlp = pipeline(model)
    texts = [TEXT, "", "gh ab", TEXT[::-1]]
    for one, doc in zip(map(nlp, texts), nlp.pipe(texts, batch_size=3), strict=True):
        assert [(e.start, e.end, e.label_) for e in doc.ents] == [
            (e.start, e.end, e.label_) for e in one.ents
        ]
        assert [e._.score for e in doc.ents] == pytest.approx([e._.score for e in one.ents])


def test_the_least_score_is_a_setting(model):
    scores = sorted(entity._.score for entity in pipeline(model)(TEXT).ents)
    doc = pipeline(model, min_score=scores[1])(TEXT)
    assert sorted(entity._.score for entity in doc.ents) == scores[1:]


def test_a_saved_pipeline_takes_the_model_along(model, tmp_path):
    nlp = pipeline(model)
    expected = [(e.text, e.label_, e._.score) for e in nlp(TEXT).ents]
    nlp.to_disk(tmp_path / "saved")
    for path in model.iterdir():
        path.unlink()
    program = (
        "import sys, spacy; doc = spacy.load(sys.argv[1])(sys.argv[2]);"
        "print([(e.text, e.label_, e._.score) for e in doc.ents])"
    )
    (tmp_path / "elsewhere").mkdir()
    shown = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "saved"), TEXT],
        cwd=tmp_path / "elsewhere",
        capture_output=True,
        encoding="utf-8",
    )
    assert shown.stdout.strip() == str(expected), shown.stderr


def entities(doc) -> list[tuple]:
    return [(e.text, e.label_, e._.score) for e in doc.ents]


def test_a_pipeline_keeps_the_model_that_it_was_made_with(model, tmp_path, monkeypatch):
    nlp = pipeline(model)
    expected = entities(nlp(TEXT))
    for path in model.iterdir():
        path.write_text("another")
    nlp.to_disk(tmp_path / "saved")
    loaded = spacy.load(tmp_path / "saved")
    loaded.add_pipe("sentencizer")
    loaded.to_disk(tmp_path / "saved")  # over what it was loaded from
    monkeypatch.chdir(tmp_path)
    again = spacy.load("saved")
    copies = [
        spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes()),
        pickle.loads(pickle.dumps(nlp)),
    ]
    monkeypatch.chdir("/")
    assert [entities(n(TEXT)) for n in (nlp, loaded, again, *copies)] == [expected] * 5


def test_a_pickle_is_not_much_larger_than_the_model(model):
    nlp = pipeline(model)
    nlp(TEXT)
    size = sum(path.stat().st_size for path in model.iterdir())
    without = len(pickle.dumps(spacy.blank("en")))
    assert len(pickle.dumps(nlp)) < without + 2 * size


def test_spacy_evaluates_it(model):
    nlp = pipeline(model)
    assert nlp.pipe_labels["charner"] == ["X"]
    found = nlp(TEXT)
    assert len(found.ents) > 2
    reference = nlp.make_doc(TEXT)
    reference.ents = [
        spacy.tokens.Span(reference, e.start, e.end, e.label_) for e in found.ents[1:]
    ]
    scores = nlp.evaluate([Example(nlp.make_doc(TEXT), reference)])
    assert scores["ents_r"] == 1
    assert scores["ents_p"] == pytest.approx(1 - 1 / len(found.ents))


def test_what_is_wrong_is_told(model, tmp_path):
    with pytest.raises(InputError, match="no model was here when the component was made"):
        pipeline(tmp_path)("text")
    with pytest.raises(InputError, match="no model was here"):
        pipeline(tmp_path).to_disk(tmp_path / "saved")
    with pytest.raises(ValueError, match="min_score: found 5; should be a number"):
        pipeline(model, min_score=5)
    (model / "model.json").write_text("{")
    with pytest.raises(InputError, match=r"model/model\.json: not part of a model"):
        pipeline(model)("text")


def test_bytes_that_are_no_model_are_refused(model, tmp_path):
    nlp = pipeline(model)
    component = nlp.get_pipe("charner")
    files = srsly.msgpack_loads(component.to_bytes())
    victim = tmp_path / "victim.txt"
    for content in ({**files, str(victim): b"x"}, {"x": b""}, [1], {**files, "model.json": 3}):
        with pytest.raises(InputError, match="not those of a model"):
            component.from_bytes(srsly.msgpack_dumps(content))
    assert nlp(TEXT).ents
    assert not victim.exists()
