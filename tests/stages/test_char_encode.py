import json
import unicodedata

import pandas as pd
import pytest

from charner.encoding import vector_files
from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from tests.helpers import ROOT

SPLITS = ("train", "valid", "test")


@pytest.fixture
def encoded(fresh_project):
    """The fresh_project with the sample corpus encoded."""
    fresh_project.stage_in_this_process("download")
    fresh_project.stage_in_this_process("char_encode")
    return fresh_project


def tables(fresh_project) -> dict[str, pd.DataFrame]:
    folder = fresh_project.folder / "data/encoded"
    return {split: pd.read_parquet(folder / f"{split}.parquet") for split in SPLITS}


def test_a_share_of_train_is_drawn_and_valid_and_test_stay(encoded):
    before = tables(encoded)
    encoded.set_params({"char_encode": {"train_share": 0.5}})
    encoded.stage_in_this_process("char_encode")
    after = tables(encoded)
    ids = ["character_ids", "label_ids"]
    assert 0 < len(after["train"]) < len(before["train"])
    for split in ("valid", "test"):
        assert after[split].drop(columns=ids).equals(before[split].drop(columns=ids))
    known = json.loads((encoded.folder / "data/encoded/vocabulary.json").read_text())["tokens"]
    assert {*known} <= {token.lower() for token in after["train"].tokens.explode()}


def test_rows_hold_the_sample_corpus(encoded):
    vocabulary = json.loads((encoded.folder / "data/encoded/vocabulary.json").read_text())
    for split, table in tables(encoded).items():
        text = (ROOT / f"data/sample/{split}.txt").read_text()
        lines = [line.split(" ") for line in text.splitlines() if line]
        columns = [(token, tag) for token, tag in lines if token != "-DOCSTART-"]
        assert [*table.tokens.explode()] == [token for token, _ in columns]
        assert [*table.tags.explode()] == [tag for _, tag in columns]
        assert table.document.iloc[-1] == text.count("-DOCSTART-")
        for row in table.itertuples():
            characters = [vocabulary["characters"][i] for i in row.character_ids]
            labels = [vocabulary["labels"][i] for i in row.label_ids]
            assert len(characters) == len(labels) == len(" ".join(row.tokens))
            assert "<PAD>" not in characters + labels


def test_what_is_shown_of_a_corpus_cannot_command_the_terminal(fresh_project):
    fresh_project.stage_in_this_process("download")
    path = fresh_project.folder / "data/raw/train.txt"
    path.write_text("Ann\x1b[2J B-PER\n\n" + path.read_text())
    shown = fresh_project.stage_in_this_process("char_encode")
    assert "train begins with: Ann\ufffd[2J B-PER" in shown
    assert "\x1b" not in shown


def test_the_alphabet_is_that_of_train_alone(encoded):
    vocabulary = json.loads((encoded.folder / "data/encoded/vocabulary.json").read_text())
    loaded = tables(encoded)
    alphabet = {character for tokens in loaded["train"].tokens for character in "".join(tokens)}
    assert vocabulary["characters"] == ["<PAD>", "<UNK>", *sorted({" ", *alphabet})]
    unknown = vocabulary["characters"].index("<UNK>")
    assert not any(unknown in ids for ids in loaded["train"].character_ids)
    assert any(unknown in ids for ids in loaded["valid"].character_ids)


def test_the_same_input_gives_the_same_bytes(encoded):
    folder = encoded.folder / "data/encoded"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    encoded.stage_in_this_process("char_encode")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert len(before) == 5


def labelled_characters(table: pd.DataFrame) -> list[tuple[str, str]]:
    """The characters of the tokens but white space, each with its token's entity type."""
    return [
        (character, tag[2:])
        for token, tag in zip(table.tokens.explode(), table.tags.explode(), strict=True)
        for character in "".join(token.split())
    ]


def as_json_lines(table: pd.DataFrame) -> str:
    """The documents of a split as doccano writes them, one for each line."""
    records = []
    for _, document in table.groupby("document"):
        text, label = "", []
        for tokens, tags in zip(document.tokens, document.tags, strict=True):
            for token, tag in zip(tokens, tags, strict=True):
                if tag.startswith("B-"):
                    label.append([len(text), 0, tag[2:]])
                if tag != "O":
                    label[-1][1] = len(text) + len(token)
                text += f"{token} "
            text += "\n\n"
        records.append(json.dumps({"text": text, "label": label}))
    return "\n".join(records)


def test_a_corpus_in_one_file_of_json_lines_is_split_by_documents(encoded):
    whole = tables(encoded)["train"]
    (encoded.folder / "data/mine.jsonl").write_text(as_json_lines(whole))
    encoded.set_params({"download": {"corpus": "custom", "path": "data/mine.jsonl"}})
    encoded.stage_in_this_process("download")
    printed = encoded.stage_in_this_process("char_encode")
    beginning, *sizes = printed.splitlines()[:4]
    sizes = [line.split(";")[0].rsplit(", ", 1)[1] for line in sizes]
    assert sizes == ["20 documents", "2 documents", "3 documents"]
    split = tables(encoded)
    first = split["train"].iloc[0]
    assert beginning.startswith(f"train begins with: {first.tokens[0]} {first.tags[0]}, ")
    together = pd.concat(split.values()).sort_values("document", kind="stable")
    assert labelled_characters(together) == labelled_characters(whole)
    assert not {*split["train"].document} & {*split["valid"].document, *split["test"].document}


def test_text_is_split_by_its_language(encoded):
    record = {"text": "王明在北京工作。他喜欢IBM。", "label": [[0, 2, "PER"], [3, 5, "LOC"]]}
    lines = [json.dumps({**record, "text": f"{record['text']}{i}"}) for i in range(10)]
    (encoded.folder / "data/mine.jsonl").write_text("\n".join(lines))
    encoded.set_params({"download": {"corpus": "custom", "path": "data/mine.jsonl"}})
    encoded.set_params({"char_encode": {"language": "zh"}})
    encoded.stage_in_this_process("download")
    encoded.stage_in_this_process("char_encode")
    first, second = (row for row in tables(encoded)["train"].itertuples() if row.document == 1)
    assert [*first.tokens] == [*"王明在北京工作。"]
    assert [*first.tags] == ["B-PER", "I-PER", "O", "B-LOC", "I-LOC", "O", "O", "O"]
    assert [*second.tokens] == ["他", "喜", "欢", "IBM", "。", "0"]
    vocabulary = json.loads((encoded.folder / "data/encoded/vocabulary.json").read_text())
    assert vocabulary["language"] == "zh"


@pytest.mark.parametrize("normalisation", ["NFC", "none"])
def test_tokens_are_normalised(encoded, normalisation):
    for split in SPLITS:
        path = encoded.folder / f"data/raw/{split}.txt"
        path.write_text(unicodedata.normalize("NFD", "Zoé B-PER\n\n" * 2 + path.read_text()))
    encoded.set_params({"char_encode": {"normalisation": normalisation}})
    encoded.stage_in_this_process("char_encode")
    written = "Zoé" if normalisation == "NFC" else unicodedata.normalize("NFD", "Zoé")
    for table in tables(encoded).values():
        assert [*table.tokens.iloc[0]] == [written]
    vocabulary = json.loads((encoded.folder / "data/encoded/vocabulary.json").read_text())
    assert written.lower() in vocabulary["tokens"]
    assert vocabulary["normalisation"] == normalisation


@pytest.mark.parametrize("scheme", ["IOB1", "BIOES"])
def test_other_schemes_give_the_same_rows(encoded, scheme):
    expected = tables(encoded)
    for split in SPLITS:
        path = encoded.folder / f"data/raw/{split}.txt"
        path.write_text(rewritten(path.read_text(), scheme))
    printed = encoded.stage_in_this_process("char_encode")
    assert f"tags: {scheme}" in printed
    for split, table in tables(encoded).items():
        pd.testing.assert_frame_equal(table, expected[split])


def test_repaired_mistakes_are_reported(encoded):
    expected = tables(encoded)
    train = encoded.folder / "data/raw/train.txt"
    lines = train.read_text().splitlines()
    begins = [
        i
        for i, line in enumerate(lines)
        if line.endswith(" B-PER") and not lines[i - 1].endswith("-PER")
    ][:2]
    outside = [i for i, line in enumerate(lines) if line.endswith(" O")][-3:]
    for i in begins:
        lines[i] = lines[i].replace(" B-", " I-")
    for i in outside:
        lines[i] = lines[i][:-1] + "o"
    train.write_bytes("\r\n".join([*lines, "\ufeff"]).encode())
    encoded.set_params({"char_encode": {"mistakes": "repair"}})
    printed = encoded.stage_in_this_process("char_encode")
    train_line = "in all, the first: data/raw/train.txt:"
    assert f"conlleval does; 2 {train_line}{begins[0] + 1}: tag I-PER" in printed
    assert f"repaired: tags o were read as O; 3 {train_line}{outside[0] + 1}:" in printed
    pd.testing.assert_frame_equal(tables(encoded)["train"], expected["train"])


def test_an_entity_type_that_train_does_not_have_is_reported_and_kept(encoded):
    path = encoded.folder / "data/raw/test.txt"
    lines = path.read_text().splitlines()
    line = next(i for i, line in enumerate(lines) if line.endswith(" B-LOC"))
    lines[line] = lines[line].replace("B-LOC", "B-CITY")
    path.write_text("\n".join(lines))
    printed = encoded.stage_in_this_process("char_encode")
    assert f"data/raw/test.txt:{line + 1}: entity type CITY is not in train" in printed
    assert [tag for tags in tables(encoded)["test"].tags for tag in tags].count("B-CITY") == 1


def test_a_corpus_without_documents_is_reported(encoded):
    for split in SPLITS:
        path = encoded.folder / f"data/raw/{split}.txt"
        path.write_text(path.read_text().replace("-DOCSTART- O\n", ""))
    assert encoded.stage_in_this_process("char_encode").count(", no documents; ") == 3


def test_documents_and_sentences_without_an_entity_are_counted(encoded):
    path = encoded.folder / "data/raw/valid.txt"
    path.write_text("-DOCSTART- O\n\na O\n\nb B-X\n\n-DOCSTART- O\n\na O\n")
    printed = encoded.stage_in_this_process("char_encode")
    expected = (
        "valid: 3 sentences, 3 tokens, 2 documents; without an entity: 2 sentences, 1 document"
    )
    assert expected in printed.splitlines()


def rewritten(text: str, scheme: str) -> str:
    """IOB2 columns in another scheme."""
    lines = [line.split(" ") for line in text.splitlines()]
    tags = [columns[1] if len(columns) == 2 else "O" for columns in lines] + ["O"]
    out = []
    for i, columns in enumerate(lines):
        prefix, _, entity_type = tags[i].partition("-")
        if prefix != "O":
            goes_on = tags[i + 1] == f"I-{entity_type}"
            if scheme == "BIOES":
                prefix = {"B": "BS", "I": "IE"}[prefix][not goes_on]
            elif not (prefix == "B" and tags[i - 1].endswith(f"-{entity_type}")):
                prefix = "I"
            columns = [columns[0], f"{prefix}-{entity_type}"]
        out.append(" ".join(columns))
    return "\n".join(out) + "\n"


def shown_vectors(project, **changes) -> str:
    """What the stage prints of word vectors."""
    project.set_params({"char_encode": changes})
    shown = project.stage_in_this_process("char_encode")
    (line,) = [line for line in shown.splitlines() if line.startswith("word vectors: ")]
    return line


def vocabulary_of(project) -> Vocabulary:
    return Vocabulary.load(project.folder / "data/encoded/vocabulary.json")


def vectors_of(project) -> WordVectors:
    return WordVectors.load(project.folder / "data/encoded/vectors.safetensors")


@pytest.mark.parametrize("language", ["en", "en-GB"])
def test_the_language_chooses_the_vectors(encoded, language):
    shown = shown_vectors(encoded, language=language)
    assert "word vectors: GloVe 6B (Pennington, Socher and Manning 2014), 100,000 words" in shown
    assert shown.endswith("% of the tokens of train have one")
    in_the_box = ROOT / "data/vectors/auto/en.safetensors"
    encoded_file = encoded.folder / "data/encoded/vectors.safetensors"
    assert encoded_file.read_bytes() == in_the_box.read_bytes()


def test_a_language_without_vectors_has_none(encoded):
    assert shown_vectors(encoded, language="de") == "word vectors: none for the language de"
    assert vectors_of(encoded).dimensions == 0


def test_without_vectors_rare_tokens_have_ids(encoded):
    with_vectors = vocabulary_of(encoded).tokens
    assert min(with_vectors.values()) == 2
    shown_vectors(encoded, vectors="none")
    tokens = vocabulary_of(encoded).tokens
    assert {token: n for token, n in tokens.items() if n > 1} == with_vectors
    assert min(tokens.values()) == 1


def test_no_vectors_are_a_choice(encoded):
    assert shown_vectors(encoded, vectors="none") == "word vectors: none"
    assert vectors_of(encoded).dimensions == 0


def test_vectors_of_ones_own(encoded, monkeypatch):
    monkeypatch.setattr(vector_files, "FIRST_WORDS", 1)
    tokens = [token for row in tables(encoded)["train"].tokens for token in row]
    valid = {token for row in tables(encoded)["valid"].tokens for token in row}
    of_train = next(t for t in tokens if t[0].isupper() and t.lower() not in tokens)
    of_valid = next(t for t in sorted(valid) if t not in tokens and t.lower() not in tokens)
    lines = ["x 1 2", f"{of_train.lower()} 3 4", f"{of_valid} 5 6", "y 7 8"]
    path = encoded.folder / "data/vectors/mine.vec"
    path.write_text("\n".join(["4 2", *lines]))
    share = tokens.count(of_train) / len(tokens)
    assert shown_vectors(encoded, vectors="mine.vec") == (
        f"word vectors: mine.vec, 2 words of 2 values; {share:.0%} of the tokens of train have one"
    )
    known = vectors_of(encoded).knows(["x", of_train, of_valid, "y"])
    assert [*known] == [True, True, False, False]
