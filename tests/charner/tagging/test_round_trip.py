"""What a format of `charner tag` writes, a corpus in it reads back the same, for any text."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from charner.corpus.formats import read_sentences
from charner.tagging import writers
from charner.tagging.documents import tag_documents
from charner.tagging.readers import TextDocument
from charner.tagging.tagger import TaggedText, Tagger
from tests.helpers import WRITING, random_model

TAGGER = Tagger(random_model("cnn_lstm_crf"))
TEXTS = st.one_of(
    st.text(),
    WRITING,
    st.text("abcdefgh AB.\n\r\ufeff"),
    st.lists(st.sampled_from(["-DOCSTART-", "\ufeff", " ", "\n", "ab", "B-X", "O", "#"])).map(
        "".join
    ),
).filter(lambda text: not any("\ud800" <= character <= "\udfff" for character in text))
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text("ab"),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text("ab"), values),
    max_leaves=4,
)
FIELDS = ("text", "data", "body", "meta", "spans", "tokens", "label", "labels", "entities")
SPAN = {"start": 0, "end": 1, "label": "OLD"}
RECORDS = st.dictionaries(
    st.sampled_from([*FIELDS, "answer", "id"]),
    JSON | st.sampled_from(["another text", [SPAN], [[0, 1, "OLD"]], "reject", {"x": 1}]),
)
FORMATS = ("jsonl", "doccano", "prodigy", "conll")


def tagged(texts: list[str]) -> list[TaggedText]:
    """The last document is never empty: a corpus has a sentence."""
    documents = [TextDocument(text, 0) for text in [*texts, "ab cd."]]
    return tag_documents(TAGGER, documents, 0.0)


def read_back(written: str) -> list[tuple[list[str], list[str]]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "corpus")
        path.write_bytes(writers.encoded(written))
        return [(sentence.tokens, sentence.tags) for sentence in read_sentences(path)]


@pytest.mark.parametrize("name", FORMATS)
@given(texts=st.lists(TEXTS, max_size=3))
@example(texts=["\ufeffab", "ab \ufeffab\n\n\ufeff"])
@example(texts=["Ann wrote -DOCSTART- there."])
@example(texts=["a b\r\rc\u2028d\u0085e"])
def test_any_text_is_read_back_the_same(name, texts):
    layout = writers.format_of(name, TAGGER.vocabulary.entity_types, "en")
    found = tagged(texts)
    documents = [TextDocument(one.text, 0) for one in found]
    tokens = {token for one in found for sentence in one.sentences for token in sentence.tokens}
    if name == "conll" and "-DOCSTART-" in tokens:
        with pytest.raises(writers.UnwritableError, match="-DOCSTART-"):
            [*map(layout.document, documents, found)]
        return
    written = "".join(map(layout.document, documents, found))
    assert read_back(written) == [(s.tokens, s.tags) for one in found for s in one.sentences]


@pytest.mark.parametrize("name", ["doccano", "prodigy"])
@given(text=TEXTS, record=RECORDS, field=st.sampled_from(FIELDS))
@example(text="ab", record={"text": "another"}, field="data")
@example(text="ab", record={"text": "another", "meta": 3}, field="label")
def test_the_text_of_any_field_is_read_back_by_the_tools(name, text, record, field):
    layout = writers.format_of(name, TAGGER.vocabulary.entity_types, "en")
    found = tagged([text])
    records = [{**record, field: one.text} for one in found]
    documents = [
        TextDocument(one.text, 0, record=of_one, text_field=field)
        for one, of_one in zip(found, records, strict=True)
    ]
    written = "".join(map(layout.document, documents, found))
    assert read_back(written) == [(s.tokens, s.tags) for one in found for s in one.sentences]
