"""A character-based tagger for named entity recognition (NER).

from charner import Tagger

tagger = Tagger.load("models")
for entity in tagger.tag("Ada Lovelace lived in London.").entities:
    print(entity.type, entity.start, entity.end, entity.text, entity.score)
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charner.tagging.tagger import Entity, TaggedSentence, TaggedText, Tagger

__all__ = ["Entity", "TaggedSentence", "TaggedText", "Tagger"]


def __getattr__(name: str) -> object:
    """Loads the tagger when it is first used, so that the stages of the pipeline start fast."""
    if name in __all__:
        from charner.tagging import tagger

        return getattr(tagger, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
