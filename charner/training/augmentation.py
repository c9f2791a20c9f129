"""Data augmentation: rewrites the training sentences."""

from collections import defaultdict

import numpy as np

from charner.encoding.examples import Example
from charner.encoding.vocabulary import Vocabulary
from charner.tags.spans import Span, entities, iob2_tags


class Augmentation:
    """Rewrites the training sentences, differently in each epoch."""

    def __init__(
        self,
        examples: list[Example],
        vocabulary: Vocabulary,
        mention_replacement: float,
        case_change: float,
        tokens_with_typo: float,
        generator: np.random.Generator,
    ):
        """Collects the mentions of entities in train, which are used as replacements.

        Args:
            examples: the sentences of train.
            vocabulary: the vocabulary of train.
            mention_replacement: the fraction of entities that are replaced by another entity of the
                same type (Dai and Adel 2020, "An Analysis of Simple Data Augmentation for Named
                Entity Recognition"); within a chunk, equal mentions get equal replacements.
            case_change: the fraction of sentences that are changed to lower or upper case, half
                each.
            tokens_with_typo: the fraction of tokens that get typing errors, one per token on
                average; they become unseen tokens, so the model learns to use characters, too.
            generator: the source of randomness.
        """
        self._vocabulary = vocabulary
        self._mention_replacement = mention_replacement
        self._case_change = case_change
        self._tokens_with_typo = tokens_with_typo
        self._generator = generator
        self._mentions: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        different = {mention for example in examples for mention in example.mentions}
        for entity_type, tokens in sorted(different):
            self._mentions[entity_type].append(tokens)

    def __call__(self, chunk: list[Example]) -> list[Example]:
        """Rewrites the sentences of a chunk."""
        if self._mention_replacement:
            replacements: dict[tuple, tuple[str, ...]] = {}
            chunk = [self._replace_mentions(example, replacements) for example in chunk]
        if self._case_change:
            chunk = [self._change_case(example) for example in chunk]
        if self._tokens_with_typo:
            chunk = [
                example.with_typos(self._typo_rate, self._vocabulary, self._generator)
                for example in chunk
            ]
        return chunk

    def _replace_mentions(self, example: Example, replacements: dict) -> Example:
        tokens: list[str] = []
        tags: list[str] = []
        end_before = 0
        for entity_type, start, end in entities(example.tags):
            mention = tuple(example.tokens[start:end])
            if (entity_type, mention) not in replacements:
                replacements[entity_type, mention] = self._draw(entity_type, mention)
            replacement = replacements[entity_type, mention]
            tokens += [*example.tokens[end_before:start], *replacement]
            tags += example.tags[end_before:start]
            tags += iob2_tags(len(replacement), [Span(entity_type, 0, len(replacement))])
            end_before = end
        if not end_before:
            return example
        tokens += example.tokens[end_before:]
        tags += example.tags[end_before:]
        return Example.encode(example.document, tokens, tags, self._vocabulary)

    def _draw(self, entity_type: str, mention: tuple[str, ...]) -> tuple[str, ...]:
        if self._generator.random() >= self._mention_replacement:
            return mention
        others = self._mentions[entity_type]
        drawn = others[self._generator.integers(len(others))]
        # Headlines are in upper case; a short token in upper case may be an abbreviation.
        if mention[0].isupper() and len(mention[0]) > 3:
            return tuple(map(str.upper, drawn))
        return drawn

    def _change_case(self, example: Example) -> Example:
        chance = self._generator.random()
        if chance < self._case_change / 2:
            return example.rewritten(str.lower, self._vocabulary)
        if chance < self._case_change:
            return example.rewritten(str.upper, self._vocabulary)
        return example

    def _typo_rate(self, token: str) -> float:
        return 1 / len(token) if self._generator.random() < self._tokens_with_typo else 0
