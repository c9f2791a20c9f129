"""Decoding: the best legal sequence of tags, from emission and transition scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from charner.tags.schemes import PAD, is_legal, split_tag
from charner.tags.spans import Span


@dataclass(frozen=True)
class SentenceScores:
    """What a model computes for a sentence."""

    emissions: np.ndarray
    """(tokens, tags): the emission scores; those of PAD have no meaning."""
    character_labels: np.ndarray | None = None
    """(characters,): the predicted label ids; None: each character has the tag of its token."""


def mean_of_characters(log_probabilities: np.ndarray, token_lengths: np.ndarray) -> np.ndarray:
    """The mean of the log-probabilities of each token's characters.

    Args:
        log_probabilities: (characters, labels), for tokens joined by one space.
        token_lengths: (tokens,), in characters.

    Returns:
        (tokens, labels).
    """
    starts = np.cumsum(token_lengths + 1) - token_lengths - 1
    bounds = np.stack([starts, starts + token_lengths], axis=1).ravel()
    # reduceat sums from each bound to the next: every second sum is that of a space.
    with_end = np.append(log_probabilities, np.zeros_like(log_probabilities[:1]), axis=0)
    sums = np.add.reduceat(with_end, bounds, axis=0)[::2]
    return sums / token_lengths[:, None]


def legal_transitions(tags: list[str], scheme: str) -> np.ndarray:
    """Whether a tag may follow another.

    Args:
        tags: the names of the tag ids; the first, PAD, stands for the start and end of a sentence.
        scheme: the tag scheme.

    Returns:
        Booleans (tags, tags), from a tag to the next.
    """
    names = [None, *tags[PAD + 1 :]]
    return np.array([[is_legal(scheme, previous, tag) for tag in names] for previous in names])


def padded_scores(sentences: Sequence[np.ndarray]) -> np.ndarray:
    """The emission scores of sentences as one array; after its end, a sentence can only have PAD.

    Args:
        sentences: the scores (tokens, tags) of each sentence.

    Returns:
        (sentences, tokens of the longest + 1, tags); every sentence ends with at least one PAD.
    """
    tags = sentences[0].shape[1]
    array = np.full((len(sentences), 1 + max(map(len, sentences)), tags), -np.inf)
    array[:, :, PAD] = 0
    for target, scores in zip(array, sentences, strict=True):
        target[: len(scores)] = scores
        target[: len(scores), PAD] = -np.inf
    return array


def viterbi(scores: np.ndarray, transitions: np.ndarray) -> np.ndarray:
    """The sequence of tags with the highest sum of scores and transitions, for each sentence.

    Viterbi (1967), "Error Bounds for Convolutional Codes".

    Args:
        scores: (sentences, tokens, tags), see `padded_scores`.
        transitions: (tags, tags), from a tag to the next; those from and to PAD are the scores of
            the first and the last tag of a sentence.

    Returns:
        Tag ids of shape (sentences, tokens).
    """
    emissions = np.ascontiguousarray(scores.transpose(1, 2, 0))  # maxima of long vectors are fast
    best = np.empty_like(emissions)
    best[0] = transitions[PAD][:, None] + emissions[0]
    groups = [
        (before, tags, transitions[np.ix_(before, tags)][:, :, None])
        for before, tags in _with_equal_predecessors(transitions > -np.inf)
    ]
    for token in range(1, len(best)):
        for before, tags, steps in groups:
            highest = (best[token - 1, before][:, None] + steps).max(axis=0)
            best[token, tags] = highest + emissions[token, tags]
    path = np.empty(scores.shape[:2], np.intp)
    path[:, -1] = best[-1].argmax(axis=0)
    for token in range(len(best) - 1, 0, -1):
        candidates = best[token - 1] + transitions[:, path[:, token]]
        path[:, token - 1] = candidates.argmax(axis=0)
    return path


def _with_equal_predecessors(legal: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Groups the tags that may follow the same tags: those before them, and the tags of a group.

    In BIOES a tag may follow a third of all tags on average, so groups spare most of the work.
    """
    columns, numbers = np.unique(legal.T, axis=0, return_inverse=True)
    return [
        (np.flatnonzero(column), np.flatnonzero(numbers == number))
        for number, column in enumerate(columns)
    ]


@dataclass(frozen=True)
class Decoded:
    """The best legal tags of some sentences, and the entities in them."""

    scores: np.ndarray
    """(sentences, tokens, tags), see `padded_scores`."""
    paths: np.ndarray
    """(sentences, tokens): tag ids; each sentence ends with PAD."""
    locations: np.ndarray
    """(entities, 3): sentence, start and end (excluded) in tokens."""
    types: list[str]
    """(entities,): entity types."""

    def spans(self) -> list[list[Span]]:
        """The entities of each sentence."""
        spans: list[list[Span]] = [[] for _ in self.scores]
        for (sentence, start, end), name in zip(self.locations.tolist(), self.types, strict=True):
            spans[sentence].append(Span(name, start, end))
        return spans


def decode(sentences: Sequence[np.ndarray], transitions: np.ndarray, tags: list[str]) -> Decoded:
    """Finds the best legal tags and the entities of sentences; all decoding is done here.

    Args:
        sentences: the emission scores (tokens, tags) of each sentence; at least one sentence.
        transitions: (tags, tags), as in `viterbi`.
        tags: the names of the tag ids, PAD first.
    """
    scores = padded_scores(sentences)
    paths = viterbi(scores, transitions)
    prefixes = np.array([split_tag(tag)[0] for tag in tags])[paths]
    begins = (prefixes == "B") | (prefixes == "S")
    goes_on = (prefixes == "I") | (prefixes == "E")
    ends = (begins | goes_on)[:, :-1] & ~goes_on[:, 1:]
    numbers, starts = np.nonzero(begins)
    types = [split_tag(tags[tag])[1] or "" for tag in paths[numbers, starts]]
    return Decoded(scores, paths, np.stack([numbers, starts, np.nonzero(ends)[1] + 1], 1), types)
