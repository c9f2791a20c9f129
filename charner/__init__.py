"""A character-based tagger for named entity recognition (NER).

from charner import Tagger

tagger = Tagger.load("models")
for entity in tagger.tag("Ada Lovelace lived in London.").entities:
    print(entity.type, entity.start, entity.end, entity.text, entity.score)
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charner.tagging import Tagger

__all__ = ["Tagger"]


def __getattr__(name: str) -> object:
    """Loads `Tagger` at its first use, so that the stages of the pipeline start fast."""
    if name == "Tagger":
        from charner.tagging import Tagger

        return Tagger
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
