"""Tagging of text: the `Tagger`, and the command `charner tag`."""

from charner.tagging.tagger import Entity, TaggedSentence, TaggedText, Tagger

__all__ = ["Entity", "TaggedSentence", "TaggedText", "Tagger"]
