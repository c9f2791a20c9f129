import random
import sys
import zlib

import pytest

from charner.corpus.formats import read_sentences
from charner.support.errors import InputError

spacy = pytest.importorskip("spacy")


def write(path, docs):
    from spacy.tokens import DocBin

    DocBin(docs=docs).to_disk(path)


def test_tokens_entities_and_sentences_are_those_of_spacy(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": "LOC", "pattern": "New York"}, {"label": "PER", "pattern": "Ann"}]
    )
    plain = nlp("Ann can't  leave New York. So it is.")
    starts = [index in (0, 2) for index in range(3)]
    split = spacy.tokens.Doc(nlp.vocab, words=["one", "two", "three"], sent_starts=starts)
    path = tmp_path / "in.spacy"
    write(path, [plain, split])
    first, second, third, fourth = read_sentences(path)
    assert first.tokens == ["Ann", "ca", "n't", "leave", "New", "York", "."]
    assert first.tags == ["B-PER", "O", "O", "O", "B-LOC", "I-LOC", "O"]
    assert second.tokens == ["So", "it", "is", "."]
    assert (third.tokens, fourth.tokens) == (["one", "two"], ["three"])
    assert [s.document for s in (first, second, third, fourth)] == [1, 1, 2, 2]


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "in.spacy"
    path.write_bytes(b"\x78\x9c nothing of spaCy")
    with pytest.raises(InputError, match=r"in\.spacy: spaCy cannot read it"):
        list(read_sentences(path))


def test_damage_within_the_file_is_reported(tmp_path):
    """It may show only when spaCy is asked for the entities."""
    doc = spacy.blank("en")("Ann left Paris.")
    doc.ents = [doc.char_span(0, 3, "PER")]
    path = tmp_path / "in.spacy"
    write(path, [doc])
    content = zlib.decompress(path.read_bytes())
    chance = random.Random(1)
    refused = 0
    for _ in range(300):
        damaged = bytearray(content)
        damaged[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(zlib.compress(damaged))
        try:
            [*read_sentences(path)]
        except InputError:
            refused += 1
    assert refused > 0


def test_without_spacy_the_remedy_is_reported(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "spacy.tokens", None)
    path = tmp_path / "in.spacy"
    path.write_bytes(b"\x78\x9c")
    with pytest.raises(InputError, match="install spaCy: pip install"):
        list(read_sentences(path))
