import pytest
import yaml

from charner import params
from charner.support.errors import InputError
from tests.helpers import ROOT, SMALL

GUESS = r"(?: \(did you mean \w+\?\))?"


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


@pytest.mark.parametrize("section", params.Params.model_fields)
def test_the_projects_own_parameters_are_valid(section):
    params.load(ROOT / "params.yaml")


@pytest.mark.parametrize("section", params.Params.model_fields)
def test_values_come_through_as_they_are(write, section):
    path = write(yaml.safe_dump(SMALL), "params.yaml")
    assert getattr(params.load(path), section).model_dump() == SMALL[section]


def test_every_section_is_checked_whichever_is_loaded(write):
    path = write(yaml.safe_dump({**SMALL, "evaluate": {}}), "params.yaml")
    with pytest.raises(InputError, match=r"evaluate\.reliability_bins: missing"):
        params.load(path)


@pytest.mark.parametrize(
    "key",
    [
        "train.warmup",
        "train.weight_average",
        "train.mistyping",
        "evaluate.mistyped",
        "model.cnn_lstm_crf.token_dropout",
    ],
)
def test_a_key_of_an_older_version_is_unknown(load_with, key):
    *section, name = key.split(".")
    first = next(iter(SMALL[section[0]] if len(section) == 1 else SMALL["model"]["cnn_lstm_crf"]))
    with pytest.raises(InputError, match=rf"{key}: unknown key{GUESS}; known here: .*, "):
        load_with(".".join([*section, first]), f"{name}: 0.1")


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
    ("key", "text", "expected"),
    [
        ("char_encode.language", "language: cn", ["char_encode.language", "'cn'", "such as en"]),
        ("char_encode.language", "language: zzz", ["char_encode.language", "'zzz'"]),
        ("char_encode.language", "language: German", ["char_encode.language", "'German'"]),
        ("char_encode.normalisation", "normalisation: NFKC", ["normalisation", "'NFC'"]),
        ("train.learning_rate", "learnig_rate: 0.1", ["train.learnig_rate", "unknown", "seed"]),
        ("train.learning_rate", "learnig_rate: 0.1", ["did you mean learning_rate?"]),
        ("train.learning_rate", "", ["train.learning_rate", "missing"]),
        ("train.learning_rate", "learning_rate: fast", ["train.learning_rate", "fast", "number"]),
        ("train.learning_rate", "learning_rate: 0.0", ["train.learning_rate", "0.0", "greater"]),
        ("train.learning_rate", "learning_rate: .inf", ["train.learning_rate", "inf", "finite"]),
        ("train.epochs", "epochs: 2.5", ["train.epochs", "2.5", "integer"]),
        ("train.epochs", "epochs: true", ["train.epochs", "True", "integer"]),
        (
            "model.char_lstm.dropout",
            "dropout: 1.0",
            ["model.char_lstm.dropout", "1.0", "less than 1"],
        ),
        (
            "model.char_lstm.bidirectional",
            "bidirectional: 1",
            ["model.char_lstm.bidirectional", "1", "boolean"],
        ),
        (
            "model.char_lstm.lstm_units",
            "lstm_unit: 1",
            ["model.char_lstm.lstm_unit", "unknown", "lstm_layers"],
        ),
        (
            "model.cnn_lstm_crf.filter_widths",
            "filter_widths: [3, 3]",
            ["model.cnn_lstm_crf", "filter_widths", "differ"],
        ),
        (
            "model.cnn_lstm_crf.filter_widths",
            "filter_widths: []",
            ["model.cnn_lstm_crf", "filter_widths is empty", "character_lstm_units is 0"],
        ),
        ("download.corpus", "corpus: conll2004", ["download.corpus", "conll2004", "'sample'"]),
        ("char_encode.tag_column", "tag_column: 0", ["char_encode", "token_column", "differ"]),
        ("char_encode.split.valid", "valid: 0.2", ["char_encode.split", "add up to 1"]),
        ("char_encode.split.valid", "valid: 1.5", ["char_encode.split.valid", "1.5"]),
        ("char_encode.mistakes", "mistakes: drop", ["char_encode.mistakes", "drop", "'repair'"]),
        ("train.min_steps", "min_steps: 0", ["train.min_steps", "0", "equal to 1"]),
        (
            "train.warmup_fraction",
            "warmup_fraction: 1.0",
            ["train.warmup_fraction", "1.0", "less than 1"],
        ),
    ],
)
def test_a_mistake_is_told_in_one_line(load_with, key, text, expected):
    with pytest.raises(InputError) as caught:
        load_with(key, text)
    message = str(caught.value).splitlines()[0]
    assert all(part in message for part in expected), message


def test_each_of_several_mistakes_has_its_line(write):
    path = write(yaml.safe_dump(SMALL) + "extra: 1\n", "params.yaml")
    path.write_text(path.read_text().replace("epochs: ", "epoch: "))
    with pytest.raises(InputError) as caught:
        params.load(path)
    assert len(caught.value.args) == 3  # unknown epoch, missing epochs, unknown extra


def test_a_section_without_keys_is_told(write):
    path = write(yaml.safe_dump({**SMALL, "evaluate": None}), "params.yaml")
    with pytest.raises(
        InputError, match=r"evaluate: found None; should be a section .* characters_with_typo"
    ):
        params.load(path)


@pytest.mark.parametrize("content", ["", "- 1\n", "a: [\n", "a: 2024-13-45\n", b"\xff"])
def test_what_is_no_mapping_is_told(write, content):
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
def test_hostile_yaml_is_told_in_one_line(write, content, expected):
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


def test_a_missing_file_is_told(tmp_path):
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
