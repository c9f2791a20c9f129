"""The probability of an entity under a model of tag sequences."""

import numpy as np

from charner.tags.decoding import Decoded
from charner.tags.schemes import PAD, split_tag


def entity_probabilities(
    decoded: Decoded, transitions: np.ndarray, tags: list[str], temperature: float = 1.0
) -> np.ndarray:
    """The probability of each entity: that of all tag sequences that contain it.

    The constrained forward-backward algorithm (Culotta and McCallum 2004, "Confidence Estimation
    for Information Extraction"). A sequence contains the entity if it has the same tags at its
    tokens and does not continue it after them.

    Args:
        decoded: the sentences, and the entities in their best tags.
        transitions: (tags, tags), from a tag to the next, see `decoding.viterbi`.
        tags: the names of the tag ids, PAD first.
        temperature: all scores are divided by it.

    Returns:
        (entities,), from 0 to 1.
    """
    of_places, starts, ends = decoded.places.T
    with_entity, sentences = np.unique(of_places, return_inverse=True)
    if not len(with_entity):
        return np.empty(0)
    scores, transitions = decoded.scores[with_entity] / temperature, transitions / temperature
    paths = decoded.paths[with_entity]
    forward, backward = _log_sums(scores, transitions)
    first, last = paths[sentences, starts], paths[sentences, ends - 1]
    of_tokens = np.take_along_axis(scores, paths[..., None], axis=2)[..., 0]
    of_tokens[:, 1:] += transitions[paths[:, :-1], paths[:, 1:]]
    sums = np.cumsum(of_tokens, axis=1)
    after = transitions[last] + scores[sentences, ends] + backward[sentences, ends]
    after[_goes_on(tags)[last]] = -np.inf
    logs = (
        forward[sentences, starts, first]
        + (sums[sentences, ends - 1] - sums[sentences, starts])
        + np.logaddexp.reduce(after, axis=1)
        - np.logaddexp.reduce(forward[:, -1], axis=1)[sentences]
    )
    return np.exp(np.minimum(logs, 0))


def _goes_on(tags: list[str]) -> np.ndarray:
    """Whether the second tag continues the entity of the first, (tags, tags)."""
    parts = [split_tag(tag) for tag in tags]
    return np.array(
        [[p in ("I", "E") and name == previous for p, name in parts] for _, previous in parts]
    )


def _log_sums(scores: np.ndarray, transitions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The logarithms of the sums of exp(score) over sequences, forward and backward.

    The forward-backward algorithm (Rabiner 1989, "A Tutorial on Hidden Markov Models").

    Returns:
        Two arrays (sentences, tokens, tags): the sums over all sequences that end with this tag at
        this token, and over all sequences that follow it.
    """
    forward, backward = np.empty_like(scores), np.empty_like(scores)
    forward[:, 0] = transitions[PAD] + scores[:, 0]
    backward[:, -1] = 0
    exponentials = np.exp(transitions)
    tokens = scores.shape[1]
    for token in range(1, tokens):
        forward[:, token] = _log_multiply(forward[:, token - 1], exponentials) + scores[:, token]
    for token in range(tokens - 2, -1, -1):
        after = scores[:, token + 1] + backward[:, token + 1]
        backward[:, token] = _log_multiply(after, exponentials.T)
    return forward, backward


def _log_multiply(logs: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """log(exp(logs) @ matrix), without overflow."""
    largest = logs.max(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):  # log(0): no sequence is legal
        return np.log(np.exp(logs - largest) @ matrix) + largest
