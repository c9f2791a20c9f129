"""The section `download` of params.yaml."""

from typing import Literal

from charner.params import Section


class Download(Section):
    """The section `download`; params.yaml explains the keys."""

    corpus: Literal["conll2003", "custom", "sample"]
    path: str
