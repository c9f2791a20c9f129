"""The typed, validated view of params.yaml: what each parameter may be.

Every key must be there, so that params.yaml is the one place that holds values.
"""

import re
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from charner.errors import InputError

Count = Annotated[int, Field(ge=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0)]
Rate = Annotated[float, Field(ge=0, lt=1)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Download(Section):
    corpus: Literal["conll2003", "custom", "sample"]
    path: str


class CharEncode(Section):
    token_column: int
    tag_column: int
    tag_scheme: Literal["auto", "IOB1", "IOB2", "BIOES"]
    comment_prefix: Annotated[str, Field(min_length=1)] | None
    space_tag: Literal["outside", "inside"]

    @model_validator(mode="after")
    def _columns_differ(self) -> "CharEncode":
        if self.token_column == self.tag_column:
            raise ValueError("token_column and tag_column should differ")
        return self


class CharLstm(Section):
    embedding_dim: Count
    lstm_units: Count
    lstm_layers: Count
    bidirectional: bool
    dropout: Rate
    character_dropout: Rate


class CnnLstmCrf(Section):
    embedding_dim: Count
    filter_widths: Annotated[list[Count], Field(min_length=1)]
    filters: Count
    token_dim: Count
    lstm_units: Count
    lstm_layers: Count
    dropout: Rate
    character_dropout: Rate
    token_dropout: NonNegative
    max_token_length: Count
    window: Annotated[int, Field(ge=3)]
    document_tokens: Count
    document_states: bool
    topic_dim: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _widths_differ(self) -> "CnnLstmCrf":
        if len(set(self.filter_widths)) < len(self.filter_widths):
            raise ValueError("filter_widths should differ")
        return self


class Model(Section):
    architecture: Literal["char_lstm", "cnn_lstm_crf"]
    char_lstm: CharLstm
    cnn_lstm_crf: CnnLstmCrf


class Train(Section):
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    epochs: Count
    patience: Count
    batch_size: Count
    max_length: Count
    learning_rate: Annotated[float, Field(gt=0)]
    learning_rate_schedule: Literal["constant", "cosine"]
    warmup: Rate
    clip_norm: Annotated[float, Field(gt=0)] | None
    weight_average: Rate
    class_weight: Literal["none", "balanced", "square_root"]
    oversample_threshold: Fraction
    mention_replacement: Fraction
    case_change: Fraction
    mistyping: Fraction


class Evaluate(Section):
    mistyped: Fraction
    reliability_bins: Count


class Params(Section):
    download: Download
    char_encode: CharEncode
    model: Model
    train: Train
    evaluate: Evaluate


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader with the floats of YAML 1.2: `1e-05` is a number, not a string."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+$"),
    list("-+.0123456789"),
)


def load(path: str | Path = "params.yaml") -> Params:
    """Reads and checks all parameters, before any work starts.

    Raises:
        InputError: the file is missing or no YAML mapping, or a key is unknown, missing, of the
            wrong type or out of range; one line for each, with the key, what was found and what
            is allowed.
    """
    try:
        content = yaml.load(Path(path).read_text(encoding="utf-8"), _Loader)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: should hold the sections {', '.join(Params.model_fields)}")
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        # Unknown keys first: the missing one may be what was meant.
        problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
        lines = [f"{path}: {_describe(problem)}" for problem in problems]
        raise InputError("\nerror: ".join(lines)) from None


def _describe(problem: dict) -> str:
    """One line about one of pydantic's errors: key, what was found, what is allowed."""
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{key}: unknown key; known here: {', '.join(_known_keys(problem['loc'][:-1]))}"
    if problem["type"] == "missing":
        return f"{key}: missing"
    if problem["type"] == "model_type":
        keys = ", ".join(_known_keys(problem["loc"]))
        return f"{key}: found {problem['input']!r}; should be a section with the keys {keys}"
    allowed = problem["msg"].removeprefix("Value error, ").replace("Input should", "should", 1)
    found = problem["input"]
    return f"{key}: found {found if isinstance(found, dict) else repr(found)}; {allowed}"


def _known_keys(section: tuple) -> list[str]:
    model = Params
    for name in section:
        model = model.model_fields[name].annotation
    return list(model.model_fields)
