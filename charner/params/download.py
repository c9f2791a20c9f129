"""The section `download` of params.yaml."""

from typing import Literal

from charner.params import Section


class Download(Section):
    corpus: Literal["conll2003", "custom", "sample"]
    path: str
