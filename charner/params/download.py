"""The section `download` of params.yaml."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from charner.params import Section


def _path(path: str) -> str:
    if not path or "\0" in path or any("\ud800" <= character <= "\udfff" for character in path):
        raise ValueError("should be the path of a file or folder")
    return path


class Download(Section):
    """The section `download`; params.yaml explains the keys."""

    corpus: Literal["conll2003", "custom", "sample"]
    path: Annotated[str, AfterValidator(_path)]
