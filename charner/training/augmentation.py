"""Data augmentation: rewrites the sentences of train, differently in each epoch."""

from collections import defaultdict
from dataclasses import replace

import numpy as np

from charner.encoding.examples import Chunk, Example
from charner.encoding.vocabulary import Vocabulary
from charner.params import Train
from charner.tags.spans import entities


class Augmentation:
    """Rewrites chunks, as the section `train` of params.yaml says.

    - `mention_replacement`: the fraction of entities that are replaced by another one of the same
      type (Dai and Adel 2020, "An Analysis of Simple Data Augmentation for Named Entity
      Recognition"); within a chunk, equal mentions get equal replacements. `Batch` says where.
    - `case_change`: the fraction of sentences in lower or upper case, half each.
    - `tokens_with_typo`: the fraction of tokens with typing errors, one per token on average. They
      become unseen tokens, so the model learns to use characters, too.
    """

    def __init__(
        self,
        chunks: list[Chunk],
        vocabulary: Vocabulary,
        settings: Train,
        generator: np.random.Generator,
    ):
        """Collects the mentions of entities in train, which are the replacements.

        Args:
            chunks: those of train.
            vocabulary: that of train.
            settings: the section `train` of params.yaml.
            generator: the source of randomness.
        """
        self._letters = vocabulary.letters
        self._settings = settings
        self._generator = generator
        self._mentions: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        distinct = {
            mention for chunk in chunks for example in chunk for mention in example.mentions
        }
        for entity_type, tokens in sorted(distinct):
            self._mentions[entity_type].append(tokens)

    def __call__(self, chunk: Chunk, replaces_mentions: bool) -> Chunk:
        """Rewrites the sentences of a chunk."""
        if self._settings.mention_replacement and replaces_mentions:
            replacements: dict[tuple, tuple[str, ...]] = {}
            chunk = [self._replace_mentions(example, replacements) for example in chunk]
        if self._settings.case_change:
            chunk = [self._change_case(example) for example in chunk]
        if self._settings.tokens_with_typo:
            chunk = [
                example.with_typos(self._typo_rate, self._letters, self._generator)
                for example in chunk
            ]
        return chunk

    def _replace_mentions(self, example: Example, replacements: dict) -> Example:
        tokens: list[str] = []
        tags: list[str] = []
        position = 0
        for entity_type, start, end in entities(example.tags):
            mention = tuple(example.tokens[start:end])
            if (entity_type, mention) not in replacements:
                replacements[entity_type, mention] = self._draw(entity_type, mention)
            replacement = replacements[entity_type, mention]
            tokens += [*example.tokens[position:start], *replacement]
            tags += example.tags[position:start]
            tags += [f"B-{entity_type}"] + [f"I-{entity_type}"] * (len(replacement) - 1)
            position = end
        tokens += example.tokens[position:]
        tags += example.tags[position:]
        return replace(example, tokens=tokens, tags=tags)

    def _draw(self, entity_type: str, mention: tuple[str, ...]) -> tuple[str, ...]:
        if self._generator.random() >= self._settings.mention_replacement:
            return mention
        others = self._mentions[entity_type]
        drawn = others[self._generator.integers(len(others))]
        # Headlines are in upper case; a short token in upper case may be an abbreviation.
        if mention[0].isupper() and len(mention[0]) > 3:
            return tuple(map(str.upper, drawn))
        return drawn

    def _change_case(self, example: Example) -> Example:
        chance = self._generator.random()
        if chance < self._settings.case_change / 2:
            return example.rewritten(str.lower)
        if chance < self._settings.case_change:
            return example.rewritten(str.upper)
        return example

    def _typo_rate(self, token: str) -> float:
        is_drawn = self._generator.random() < self._settings.tokens_with_typo
        return 1 / len(token) if is_drawn else 0
