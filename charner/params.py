"""The parameters of params.yaml, each section with the values that it allows.

There are no defaults: every key must be in params.yaml. `load` checks all sections, so that a
mistake is reported before the first stage does any work.
"""

import math
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from charner.support.errors import InputError
from charner.support.yaml_loader import YamlLoader

Column = Annotated[int, Field(ge=-1000, le=1000)]
Count = Annotated[int, Field(ge=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Layers = Annotated[int, Field(ge=1, le=100)]
NonNegative = Annotated[float, Field(ge=0)]
Rate = Annotated[float, Field(ge=0, lt=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Section(BaseModel):
    """A section, whose keys params.yaml explains. Values are read-only.

    Unknown keys and wrong types are errors.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def _path(path: str) -> str:
    if not path or "\0" in path or any("\ud800" <= character <= "\udfff" for character in path):
        raise ValueError("should be the path of a file or folder")
    return path


class Download(Section):
    """The section `download`."""

    corpus: Literal["conll2003", "custom", "sample"]
    path: Annotated[str, AfterValidator(_path)]


def _language_code(language: str) -> str:
    """The shortest code of the language: `de` for `deu`, `pt-br` for `pt-BR`."""
    import langcodes  # late: tagging does not need it

    try:
        is_code = langcodes.tag_is_valid(language)
    except langcodes.LanguageTagError:
        is_code = False
    if not is_code:
        raise ValueError("should be the code of a language, such as en, de, zh or pt-br")
    return langcodes.standardize_tag(language).lower()


class Split(Section):
    """The shares of documents in each split, of a corpus in one file."""

    train: Fraction
    valid: Fraction
    test: Fraction
    seed: Seed

    @property
    def shares(self) -> tuple[float, float, float]:
        return self.train, self.valid, self.test

    @model_validator(mode="after")
    def _shares_add_up(self) -> "Split":
        if not math.isclose(sum(self.shares), 1):
            raise ValueError("train, valid and test should add up to 1")
        return self


def _vectors(name: str) -> str:
    if name == ".." or name != Path(_path(name)).name:
        raise ValueError("should be auto, none or the name of a file in data/vectors")
    return name


class CharEncode(Section):
    """The section `char_encode`."""

    split: Split
    train_share: Annotated[float, Field(gt=0, le=1)]
    token_column: Column
    tag_column: Column
    tag_scheme: Literal["auto", "IOB1", "IOB2", "BIOES"]
    comment_prefix: Annotated[str, Field(min_length=1)] | None
    language: Annotated[str, AfterValidator(_language_code)]
    normalisation: Literal["NFC", "none"]
    vectors: Annotated[str, AfterValidator(_vectors)]
    mistakes: Literal["refuse", "repair"]
    space_tag: Literal["outside", "inside"]

    @model_validator(mode="after")
    def _columns_differ(self) -> "CharEncode":
        if self.token_column == self.tag_column:
            raise ValueError("token_column and tag_column should differ")
        return self


class CharLstmSettings(Section):
    """The settings of `char_lstm`."""

    embedding_dim: Count
    lstm_units: Count
    lstm_layers: Layers
    bidirectional: bool
    dropout: Rate
    character_dropout: Rate


class CnnLstmCrfSettings(Section):
    """The settings of `cnn_lstm_crf`."""

    embedding_dim: Count
    filter_widths: list[Count]
    filters: Count
    character_lstm_units: Annotated[int, Field(ge=0)]
    token_dim: Count
    lstm_units: Count
    lstm_layers: Layers
    dropout: Rate
    character_dropout: Rate
    token_dropout_alpha: NonNegative
    max_token_length: Count
    window: Annotated[int, Field(ge=3)]
    document_tokens: Count
    document_states: bool
    topic_dim: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _can_read_characters(self) -> "CnnLstmCrfSettings":
        if len(set(self.filter_widths)) < len(self.filter_widths):
            raise ValueError("filter_widths should differ")
        if not self.filter_widths and not self.character_lstm_units:
            raise ValueError(
                "characters are not read: filter_widths is empty, and character_lstm_units is 0"
            )
        return self


class Model(Section):
    """The section `model`, with the settings of each architecture."""

    architecture: str
    char_lstm: CharLstmSettings
    cnn_lstm_crf: CnnLstmCrfSettings

    @field_validator("architecture", mode="before")
    @classmethod
    def _is_known(cls, architecture: Any) -> Any:
        if architecture not in [*SETTINGS]:
            raise ValueError(f"should be {' or '.join(map(repr, SETTINGS))}")
        return architecture

    @property
    def chosen(self) -> Section:
        """The settings of the chosen architecture."""
        return getattr(self, self.architecture)


SETTINGS: dict[str, Any] = {
    name: field.annotation for name, field in Model.model_fields.items() if name != "architecture"
}
"""The class of the settings of each architecture."""


class Train(Section):
    """The section `train`."""

    seed: Seed
    epochs: Count
    min_steps: Count
    passes_without_vectors: Count
    patience: Count
    batch_size: Count
    max_length: Count
    learning_rate: Annotated[float, Field(gt=0)]
    learning_rate_schedule: Literal["constant", "cosine"]
    warmup_fraction: Rate
    clip_norm: Annotated[float, Field(gt=0)] | None
    class_weight: Literal["none", "balanced", "square_root"]
    oversample_threshold: Fraction
    mention_replacement: Fraction
    case_change: Fraction
    tokens_with_typo: Fraction


class Evaluate(Section):
    """The section `evaluate`."""

    characters_with_typo: Fraction
    reliability_bins: Count


class Params(Section):
    """All sections of params.yaml."""

    download: Download
    char_encode: CharEncode
    model: Model
    train: Train
    evaluate: Evaluate


def load(path: str | Path = "params.yaml") -> Params:
    """Reads and checks the parameters.

    Raises:
        InputError: the file is missing or not a YAML mapping, or a key is unknown, missing, of the
            wrong type or out of range. The message has one line for each mistake, with the key,
            the value and what is allowed.
    """
    try:
        content = yaml.load(Path(path).read_text(encoding="utf-8"), YamlLoader)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except RecursionError:
        raise InputError(f"{path}: not valid YAML: nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    except (LookupError, AttributeError, OverflowError):  # PyYAML does not check this
        raise InputError(f"{path}: a tag such as !!bool does not fit its value") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: should have the sections {', '.join(Params.model_fields)}")
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        # Unknown keys first: one of them may be a misspelt missing key.
        problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
        raise InputError(*(f"{path}: {_describe(problem)}" for problem in problems)) from None


def _describe(problem: ErrorDetails) -> str:
    """Describes a pydantic error in one line: the key, the value, and what is allowed."""
    location, value = problem["loc"], problem["input"]
    key = ".".join(map(str, location))
    if problem["type"] == "missing":
        return f"{key}: missing"
    if problem["type"] == "extra_forbidden":
        *section, name = location
        known = _keys(section)
        similar = get_close_matches(str(name), known, 1)
        guess = f" (did you mean {similar[0]}?)" if similar else ""
        return f"{key}: unknown key{guess}; known here: {', '.join(known)}"
    allowed = problem["msg"].removeprefix("Value error, ").replace("Input should", "should", 1)
    if problem["type"] == "model_type":
        allowed = f"should be a section with the keys {', '.join(_keys(location))}"
    if isinstance(value, dict):
        return f"{key}: {allowed}"
    return f"{key}: found {_shown(value)}; {allowed}"


def _shown(value: object) -> str:
    try:
        return repr(value)
    except ValueError:  # Python writes no integer of thousands of digits
        return "a very long number"


def _keys(section: Sequence[str | int]) -> list[str]:
    """The keys of a section, given by the names that lead to it."""
    model: Any = Params
    for name in section:
        model = model.model_fields[name].annotation
    return [*model.model_fields]
