"""From scores to tags: characters to tokens, and the best legal sequence of a sentence's tags."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charner.tags.schemes import PAD, is_legal, split_tag


@dataclass(frozen=True)
class SentenceScores:
    """What a model finds in a sentence."""

    tokens: np.ndarray
    """(tokens, tags); PAD's mean nothing."""
    character_labels: np.ndarray | None = None
    """(characters,): the label ids of characters by themselves; None: they have their token's."""


def mean_of_characters(log_probabilities: np.ndarray, token_lengths: np.ndarray) -> np.ndarray:
    """The mean log-probability of each token's characters.

    Args:
        log_probabilities: (characters, labels), of tokens joined by one space.
        token_lengths: (tokens,), in characters.

    Returns:
        (tokens, labels).
    """
    starts = np.cumsum(token_lengths + 1) - token_lengths - 1
    bounds = np.stack([starts, starts + token_lengths], axis=1).ravel()
    # reduceat sums from each bound to the next: every second sum is that of the space between.
    with_end = np.append(log_probabilities, np.zeros_like(log_probabilities[:1]), axis=0)
    sums = np.add.reduceat(with_end, bounds, axis=0)[::2]
    return sums / token_lengths[:, None]


def legal_transitions(tags: list[str], scheme: str) -> np.ndarray:
    """Whether a tag may follow another.

    Args:
        tags: the first, PAD, stands for what is before and after a sentence.
        scheme: the one whose rules hold.

    Returns:
        Booleans (tags, tags), from a tag to the next.
    """
    names = [None, *tags[PAD + 1 :]]
    return np.array([[is_legal(scheme, previous, tag) for tag in names] for previous in names])


def padded_scores(sentences: Sequence[np.ndarray]) -> np.ndarray:
    """The scores of sentences' tokens as one array, with only PAD where a sentence has ended.

    Args:
        sentences: (tokens, tags) of each.

    Returns:
        (sentences, tokens of the longest + 1, tags): PAD is last in each.
    """
    tags = sentences[0].shape[1]
    array = np.full((len(sentences), 1 + max(map(len, sentences)), tags), -np.inf)
    array[:, :, PAD] = 0
    for target, scores in zip(array, sentences, strict=True):
        target[: len(scores)] = scores
        target[: len(scores), PAD] = -np.inf
    return array


def viterbi(scores: np.ndarray, transitions: np.ndarray) -> np.ndarray:
    """For each sentence the sequence of tags with the highest sum of scores and transitions.

    Viterbi (1967), "Error Bounds for Convolutional Codes".

    Args:
        scores: (sentences, tokens, tags), see `padded_scores`.
        transitions: (tags, tags), from a tag to the next; those from and to PAD score how a
            sentence begins and ends.

    Returns:
        Tag ids of shape (sentences, tokens).
    """
    sentences, tokens, tags = scores.shape
    came_from = np.empty((tokens, sentences, tags), np.intp)
    best = transitions[PAD] + scores[:, 0]
    for token in range(1, tokens):
        candidates = best[:, :, None] + transitions
        came_from[token] = candidates.argmax(axis=1)
        best = candidates.max(axis=1) + scores[:, token]
    path = np.empty((sentences, tokens), np.intp)
    path[:, -1] = best.argmax(axis=1)
    for token in range(tokens - 1, 0, -1):
        path[:, token - 1] = came_from[token, np.arange(sentences), path[:, token]]
    return path


@dataclass(frozen=True)
class Decoded:
    """The best legal tags of some sentences, and the entities in them."""

    scores: np.ndarray
    """(sentences, tokens, tags), see `padded_scores`."""
    paths: np.ndarray
    """(sentences, tokens): tag ids; PAD is last in each."""
    places: np.ndarray
    """(entities, 3): sentence, first token, the one after the last."""
    types: list[str]
    """(entities,)."""

    def of_sentences(self) -> list[list[tuple[str, int, int]]]:
        """The entities of each sentence: (type, start, end), in tokens, `end` excluded."""
        found: list[list[tuple[str, int, int]]] = [[] for _ in self.scores]
        for (sentence, start, end), entity_type in zip(
            self.places.tolist(), self.types, strict=True
        ):
            found[sentence].append((entity_type, start, end))
        return found


def decode(sentences: Sequence[np.ndarray], transitions: np.ndarray, tags: list[str]) -> Decoded:
    """Finds the entities of sentences; this is the one way from scores to tags.

    Args:
        sentences: each one's token scores (tokens, tags); at least one.
        transitions: (tags, tags), as in `viterbi`.
        tags: the names of the tag ids, PAD first.
    """
    scores = padded_scores(sentences)
    paths = viterbi(scores, transitions)
    places = entity_places(paths, tags)
    types = [split_tag(tags[tag])[1] or "" for tag in paths[places[:, 0], places[:, 1]]]
    return Decoded(scores, paths, places, types)


def entity_places(paths: np.ndarray, tags: list[str]) -> np.ndarray:
    """Where the entities are in legal sequences of tags.

    Args:
        paths: (sentences, tokens), tag ids; PAD is last in each.
        tags: the names of the tag ids.

    Returns:
        (entities, 3): sentence, first token, the one after the last.
    """
    prefixes = np.array([split_tag(tag)[0] for tag in tags])[paths]
    begins = (prefixes == "B") | (prefixes == "S")
    goes_on = (prefixes == "I") | (prefixes == "E")
    ends = (begins | goes_on)[:, :-1] & ~goes_on[:, 1:]
    sentences, starts = np.nonzero(begins)
    return np.stack([sentences, starts, np.nonzero(ends)[1] + 1], axis=1)
