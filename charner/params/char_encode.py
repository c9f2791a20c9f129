"""The section `char_encode` of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from charner.params import Section


class CharEncode(Section):
    """The section `char_encode`; params.yaml explains the keys."""

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
