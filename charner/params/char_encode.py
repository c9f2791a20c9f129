"""The section `char_encode` of params.yaml."""

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from charner.params import Fraction, Section


class Split(Section):
    """The shares of documents in each split, of a corpus in one file."""

    train: Fraction
    valid: Fraction
    test: Fraction
    seed: int

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
    token_column: int
    tag_column: int
    tag_scheme: Literal["auto", "IOB1", "IOB2", "BIOES"]
    comment_prefix: Annotated[str, Field(min_length=1)] | None
    mistakes: Literal["refuse", "repair"]
    space_tag: Literal["outside", "inside"]

    @model_validator(mode="after")
    def _columns_differ(self) -> "CharEncode":
        if self.token_column == self.tag_column:
            raise ValueError("token_column and tag_column should differ")
        return self
