import re

import pytest
import yaml

from charner import params
from charner.support.errors import InputError
from tests.helpers import ROOT, SMALL


@pytest.fixture
def load_with(tmp_path):
    """Loads a section with one line of params.yaml replaced."""

    def load_with(key: str, text: str) -> params.Section:
        lines = yaml.safe_dump(SMALL, sort_keys=False).splitlines()
        index = 0
        for indent, name in enumerate(key.split(".")):
            start = f"{'  ' * indent}{name}:"
            index = next(i for i, line in enumerate(lines) if i >= index and line.startswith(start))
        lines[index] = f"{'  ' * indent}{text}"
        while lines[index + 1].lstrip().startswith("- "):  # the items of the old value
            del lines[index + 1]
        path = tmp_path / "params.yaml"
        path.write_text("\n".join(lines))
        return getattr(params.load(path), key.split(".")[0])

    return load_with


def test_the_projects_own_parameters_are_valid():
    params.load(ROOT / "params.yaml")


def test_values_come_through_as_they_are(write):
    path = write(yaml.safe_dump(SMALL), "params.yaml")
    assert params.load(path).model_dump() == SMALL


def test_every_section_is_checked_whichever_is_loaded(write):
    path = write(yaml.safe_dump({**SMALL, "evaluate": {}}), "params.yaml")
    with pytest.raises(InputError, match=r"evaluate\.reliability_bins: missing"):
        params.load(path)


@pytest.mark.parametrize("text", ["1e-05", "1E-5", "0.00001", ".00001", "1.e-5"])
def test_small_floats_are_numbers_however_they_are_written(load_with, text):
    loaded = load_with("train.learning_rate", f"learning_rate: {text}")
    assert loaded.learning_rate == 0.00001


@pytest.mark.parametrize("code", ["en", "no", "ast", "zh-hant", "be-tarask"])
def test_languages_are_codes_however_yaml_reads_them(load_with, code):
    assert load_with("char_encode.language", f"language: {code}").language == code


@pytest.mark.parametrize(
    ("code", "expected"), [("deu", "de"), ("zho", "zh"), ("pt-BR", "pt-br"), ("EN", "en")]
)
def test_a_language_has_one_code(load_with, code, expected):
    assert load_with("char_encode.language", f"language: {code}").language == expected


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("char_encode.language", "language: cn", "char_encode.language: found 'cn'"),
        ("char_encode.language", "language: German", "char_encode.language: found 'German'"),
        *(
            (
                "char_encode.vectors",
                f"vectors: {name}",
                "should be auto, none or the name of a file in data/vectors",
            )
            for name in ("/tmp/x.vec", "../x.vec", "..", ".", "auto/en.safetensors")
        ),
        ("char_encode.vectors", "vectors: ''", "found ''; should be the path of a file"),
        ("char_encode.vectors", "vectors:", "found None; should be a valid string"),
        ("char_encode.mistakes", "mistakes: drop", "found 'drop'; should be 'refuse' or 'repair'"),
        ("char_encode.tag_column", "tag_column: 0", "token_column and tag_column should differ"),
        ("char_encode.train_share", "train_share: 0.0", "found 0.0; should be greater than 0"),
        ("char_encode.split.valid", "valid: 0.2", "char_encode.split: .* should add up to 1"),
        ("char_encode.split.valid", "valid: 1.5", "char_encode.split.valid: found 1.5; .* 1"),
        ("download.corpus", "corpus: conll2004", "found 'conll2004'; should be .* or 'sample'"),
        (
            "model.architecture",
            "architecture: crf",
            "found 'crf'; .* or 'cnn_lstm_crf'",
        ),
        ("model.char_lstm.dropout", "dropout: 1.0", "model.char_lstm.dropout: .* less than 1"),
        ("model.char_lstm.bidirectional", "bidirectional: 1", "bidirectional: found 1; .*boolean"),
        (
            "model.char_lstm.lstm_units",
            "lstm_unit: 1",
            "unknown key .*; known .* lstm_layers",
        ),
        (
            "model.cnn_lstm_crf.filter_widths",
            "filter_widths: [3, 3]",
            "widths should differ",
        ),
        ("model.cnn_lstm_crf.filter_widths", "filter_widths: []", "characters are not read: "),
        ("train.learning_rate", "learnig_rate: 0.1", r"\(did you mean learning_rate\?\); known"),
        ("train.learning_rate", "", "train.learning_rate: missing"),
        ("train.learning_rate", "learning_rate: fast", "found 'fast'; should be a valid number"),
        ("train.learning_rate", "learning_rate: 0.0", "found 0.0; should be greater than 0"),
        ("train.learning_rate", "learning_rate: .inf", "found inf; should be a finite number"),
        ("train.epochs", "epochs: 2.5", "train.epochs: found 2.5; should be a valid integer"),
        ("train.epochs", "epochs: true", "train.epochs: found True; should be a valid integer"),
        ("train.min_steps", "min_steps: 0", "found 0; should be greater than or equal to 1"),
        ("train.warmup_fraction", "warmup_fraction: 1.0", "found 1.0; should be less than 1"),
    ],
)
def test_a_mistake_is_reported_in_one_line(load_with, key, text, message):
    with pytest.raises(InputError) as caught:
        load_with(key, text)
    assert re.search(message, caught.value.args[0])


def test_each_of_several_mistakes_has_its_line(write):
    path = write(yaml.safe_dump(SMALL) + "extra: 1\n", "params.yaml")
    path.write_text(path.read_text().replace("epochs: ", "epoch: "))
    with pytest.raises(InputError) as caught:
        params.load(path)
    assert len(caught.value.args) == 3  # unknown epoch, missing epochs, unknown extra


def test_a_section_without_keys_is_reported(write):
    path = write(yaml.safe_dump({**SMALL, "evaluate": None}), "params.yaml")
    with pytest.raises(
        InputError, match=r"evaluate: found None; should be a section .* characters_with_typo"
    ):
        params.load(path)


@pytest.mark.parametrize("content", ["", "- 1\n", "a: [\n", "a: 2024-13-45\n", b"\xff"])
def test_what_is_no_mapping_is_reported(write, content):
    with pytest.raises(InputError, match=r"params\.yaml"):
        params.load(write(content, "params.yaml"))


# The content that the aliases stand for would not fit in any memory.
LISTS = "\n".join(
    ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30))]
)
MERGES = "\n".join(
    [
        "a0: &a0 {x: 1}",
        *(f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 10)}]}}" for i in range(1, 30)),
    ]
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f"{LISTS}\ndownload: *a29\n", "more than 10,000 values"),
        (f"{MERGES}\ndownload: *a29\n", "more than 10,000 values"),
        ("&a [*a]\n", "an alias within itself"),
        ("download: &a {path: *a}\n", "an alias within itself"),
        ("download: &a\n  <<: *a\n", "an alias within itself"),
        ("download: " + "[" * 10_000, "nested too deeply"),
        ("download: !!bool maybe\n", "!!bool does not fit"),
        ("download: !!int ''\n", "!!bool does not fit"),
        ("download: !!timestamp now\n", "!!bool does not fit"),
        ("download: {path: a}\ndownload: {path: b}\n", "the key download is there twice"),
        ("download: {path: a, path: b}\n", "the key path is there twice"),
        ("download: !!float '1" + ":00" * 200 + ".5'\n", "!!bool does not fit"),
        ("download: 0x" + "f" * 9_000, "found a very long number; should be a section"),
    ],
)
def test_hostile_yaml_is_reported_in_one_line(write, content, expected):
    path = write(content, "params.yaml")
    with pytest.raises(InputError) as caught:
        params.load(path)
    first, *more = str(caught.value).splitlines()
    assert first.startswith(f"{path}: ")
    assert expected in first
    assert all(line.startswith(f"error: {path}: ") for line in more)


def test_ordinary_aliases_and_merges_are_read(write):
    text = yaml.safe_dump(SMALL, sort_keys=False)
    text = text.replace("  lstm_units: 12\n", "  <<: *units\n")
    text = text.replace("<<: *units", "<<: &units {lstm_units: 12}", 1)
    text = text.replace(" dropout: 0.1", " dropout: *rate").replace("*rate", "&rate 0.1", 1)
    assert (text.count("*units"), text.count("*rate")) == (1, 1)
    assert params.load(write(text, "params.yaml")).model.model_dump() == SMALL["model"]


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        params.load(tmp_path / "params.yaml")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("path: data/custom", r'path: "a\0b"', "download.path"),
        ("path: data/custom", r'path: "\ud800"', "download.path"),
        ("path: data/custom", "path: ''", "download.path"),
        ("token_column: 0", "token_column: 0x" + "f" * 5000, "char_encode.token_column"),
        ("    seed: 1", "    seed: -1", "char_encode.split.seed"),
    ],
    ids=["NUL", "half a character", "empty", "a huge column", "a negative seed"],
)
def test_what_no_stage_could_use_is_refused(write, old, new, key):
    content = yaml.safe_dump(SMALL)
    assert content.count(old) == 1
    path = write(content.replace(old, new), "params.yaml")
    with pytest.raises(InputError, match=f"params.yaml: {key}: "):
        params.load(path)
