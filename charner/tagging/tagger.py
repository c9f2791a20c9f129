"""Tags text with a trained model: entities with offsets and probabilities."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from charner.corpus.segmentation import sentences
from charner.corpus.tokens import Offsets
from charner.inference.token_tagger import Entity, TaggedSentence, TokenTagger, refuse_string

__all__ = ["Entity", "TaggedSentence", "TaggedText", "Tagger", "as_text"]


@dataclass(frozen=True, slots=True)
class TaggedText:
    """A text, its entities with offsets in code points, and its sentences.

    tagged = tagger.tag("Ada Lovelace lived in London.")
    first = tagged.entities[0]
    assert tagged.text[first.start : first.end] == first.text  # so for each entity
    """

    text: str
    entities: list[Entity]
    sentences: list[TaggedSentence]


class Tagger(TokenTagger):
    """Tags text with a trained model; threads and processes may share one.

    tagger = Tagger.load("models")
    for entity in tagger.tag("Ada Lovelace lived in London.").entities:
        print(entity.type, entity.text, entity.score)
    """

    def tag(self, text: str, min_score: float = 0.0) -> TaggedText:
        """Tags a text as one document; leaves out entities with a score below `min_score`.

        Raises:
            InputError: see `tag_batch`.
        """
        return self.tag_batch([text], min_score)[0]

    def tag_batch(self, texts: Iterable[str], min_score: float = 0.0) -> list[TaggedText]:
        """Tags several texts, each as one document; faster than one by one.

        Args:
            texts: the documents.
            min_score: entities with a lower score are left out.

        Raises:
            TypeError: `texts` is a single string.
            InputError: a text cannot be split into sentences, or the model's scores are not finite.
        """
        refuse_string(texts)
        texts = list(texts)
        text_offsets = [*map(self._offsets, texts)]
        tagged = self.tag_tokens(map(_tokens, texts, text_offsets), min_score)
        return [*map(_tagged_text, texts, text_offsets, tagged)]

    def split(self, text: str) -> list[list[str]]:
        """The tokens of each sentence of a text, as it is split for tagging.

        Raises:
            InputError: it cannot be split into sentences.
        """
        return _tokens(text, self._offsets(text))

    def _offsets(self, text: str) -> list[list[Offsets]]:
        return [*sentences(text, self.vocabulary.language)]


def _tokens(text: str, offsets: list[list[Offsets]]) -> list[list[str]]:
    return [[text[start:end] for start, end in sentence] for sentence in offsets]


def as_text(tagged: list[TaggedSentence]) -> TaggedText:
    """Joins tagged sentences to a text: tokens by a space, sentences by a line break."""
    offsets: list[list[Offsets]] = []
    position = 0
    for sentence in tagged:
        lengths = [len(token) for token in sentence.tokens]
        *starts, position = accumulate((length + 1 for length in lengths), initial=position)
        offsets.append([(s, s + length) for s, length in zip(starts, lengths, strict=True)])
    text = "\n".join(" ".join(sentence.tokens) for sentence in tagged)
    return _tagged_text(text, offsets, tagged)


def _tagged_text(
    text: str, offsets: list[list[Offsets]], tagged: list[TaggedSentence]
) -> TaggedText:
    """Converts the offsets of entities from tokens to code points of the text."""
    entities = []
    for token_offsets, sentence in zip(offsets, tagged, strict=True):
        for entity in sentence.entities:
            start, end = token_offsets[entity.start][0], token_offsets[entity.end - 1][1]
            entities.append(Entity(entity.type, start, end, text[start:end], entity.score))
    return TaggedText(text, entities, tagged)
