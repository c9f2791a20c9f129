"""Sentences written otherwise: to train on more than there is, and to test what a tagger bears."""

from collections import defaultdict
from collections.abc import Callable
from string import ascii_lowercase

import numpy as np

from charner.examples import Example
from charner.tag_schemes import entities
from charner.vocabulary import Vocabulary


def mistype(token: str, rate: float, generator: np.random.Generator) -> str:
    """The token with slips of the finger: each character has one with probability `rate`.

    It is replaced by another letter, left out (unless it is the only one), doubled, or changes
    places with the next.
    """
    characters = list(token)
    for position in np.flatnonzero(generator.random(len(characters)) < rate):
        match generator.integers(4):
            case 0:
                letter = generator.choice([*ascii_lowercase])
                characters[position] = letter.upper() if token[position].isupper() else letter
            case 1 if len(token) > 1:
                characters[position] = ""
            case 2:
                characters[position] *= 2
            case _:
                pair = slice(position, position + 2)
                characters[pair] = characters[pair][::-1]
    return "".join(characters) or token


def rewrite(example: Example, token: Callable[[str], str], vocabulary: Vocabulary) -> Example:
    """The sentence with each token as the function writes it."""
    tokens = [token(original) for original in example.tokens]
    return Example.encode(example.document, tokens, example.tags, vocabulary)


class Augmentation:
    """Writes the training sentences anew in each epoch."""

    def __init__(
        self,
        examples: list[Example],
        vocabulary: Vocabulary,
        mention_replacement: float,
        case_change: float,
        mistyping: float,
        generator: np.random.Generator,
    ):
        """Args:
        examples: those of train; their entities are what others are replaced by.
        mention_replacement: the share of entities that are replaced by another of their type
            (Dai and Adel 2020, "An Analysis of Simple Data Augmentation for Named Entity
            Recognition"), the same by the same throughout what is written in one call.
        case_change: the share of sentences that are put into upper or lower case, half each.
        mistyping: the share of tokens that have one slip of the finger, on average: tokens
            that nobody has seen, so that a tagger learns to do without its list.
        """
        self._vocabulary = vocabulary
        self._mention_replacement = mention_replacement
        self._case_change = case_change
        self._mistyping = mistyping
        self._generator = generator
        mentions: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for example in examples:
            for entity_type, start, end in entities(example.tags):
                mentions[entity_type].add(tuple(example.tokens[start:end]))
        self._mentions = {name: sorted(found) for name, found in mentions.items()}

    def __call__(self, unit: list[Example]) -> list[Example]:
        """The sentences of a document, or a sentence alone, written anew."""
        if self._mention_replacement:
            replacements: dict[tuple, tuple[str, ...]] = {}
            unit = [self._replace_mentions(example, replacements) for example in unit]
        if self._case_change:
            unit = [self._change_case(example) for example in unit]
        if self._mistyping:
            unit = [rewrite(example, self._mistype, self._vocabulary) for example in unit]
        return unit

    def _replace_mentions(self, example: Example, replacements: dict) -> Example:
        tokens, tags, end_before = [], [], 0
        for entity_type, start, end in entities(example.tags):
            mention = tuple(example.tokens[start:end])
            if (entity_type, mention) not in replacements:
                replacements[entity_type, mention] = self._draw(entity_type, mention)
            replacement = replacements[entity_type, mention]
            tokens += [*example.tokens[end_before:start], *replacement]
            tags += example.tags[end_before:start]
            tags += [f"B-{entity_type}"] + [f"I-{entity_type}"] * (len(replacement) - 1)
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
        # A headline's are in upper case; what is shorter may be an abbreviation.
        if mention[0].isupper() and len(mention[0]) > 3:
            return tuple(map(str.upper, drawn))
        return drawn

    def _change_case(self, example: Example) -> Example:
        chance = self._generator.random()
        if chance < self._case_change / 2:
            return rewrite(example, str.lower, self._vocabulary)
        if chance < self._case_change:
            return rewrite(example, str.upper, self._vocabulary)
        return example

    def _mistype(self, token: str) -> str:
        if self._generator.random() >= self._mistyping:
            return token
        return mistype(token, 1 / len(token), self._generator)
