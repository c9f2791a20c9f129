"""The section `char_encode` of params.yaml."""

import math
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from charner.params import Fraction, Section

# The two-letter codes of ISO 639-1. Codes of countries, such as cn or jp, are mistaken for them.
_ISO_639_1 = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy"
    " da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht"
    " hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky"
    " la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny"
    " oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss"
    " st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo"
    " za zh zu"
)


def _language_code(language: str) -> str:
    code = language.split("-")[0]
    is_code = re.fullmatch("[a-z]{2,3}(-[a-z]+)*", language)
    if not is_code or (len(code) == 2 and code not in _ISO_639_1.split()):
        raise ValueError("should be a language code of ISO 639, such as en, de, zh or pt-br")
    return language


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
    language: Annotated[str, AfterValidator(_language_code)]
    normalisation: Literal["NFC", "none"]
    mistakes: Literal["refuse", "repair"]
    space_tag: Literal["outside", "inside"]

    @model_validator(mode="after")
    def _columns_differ(self) -> "CharEncode":
        if self.token_column == self.tag_column:
            raise ValueError("token_column and tag_column should differ")
        return self
