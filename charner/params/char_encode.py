"""The section `char_encode` of params.yaml."""

import math
from typing import Annotated, Literal

import langcodes
from pydantic import AfterValidator, Field, model_validator

from charner.params import Fraction, Section

Column = Annotated[int, Field(ge=-1000, le=1000)]


def _language_code(language: str) -> str:
    """The shortest code of the language: `de` for `deu`, `pt-br` for `pt-BR`."""
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
    seed: Annotated[int, Field(ge=0, lt=2**32)]

    @property
    def shares(self) -> tuple[float, float, float]:
        return self.train, self.valid, self.test

    @model_validator(mode="after")
    def _shares_add_up(self) -> "Split":
        if not math.isclose(sum(self.shares), 1):
            raise ValueError("train, valid and test should add up to 1")
        return self


class CharEncode(Section):
    """The section `char_encode`; params.yaml explains the keys."""

    split: Split
    token_column: Column
    tag_column: Column
    tag_scheme: Literal["auto", "IOB1", "IOB2", "BIOES"]
    comment_prefix: Annotated[str, Field(min_length=1)] | None
    language: Annotated[str, AfterValidator(_language_code)]
    normalisation: Literal["NFC", "none"]
    mistakes: Literal["refuse", "repair"]
    space_tag: Literal["outside", "inside"]

    @model_validator(mode="after")
    def _columns_differ(self) -> "CharEncode":
        if self.token_column == self.tag_column:
            raise ValueError("token_column and tag_column should differ")
        return self
