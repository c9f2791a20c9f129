"""Probabilities under a model of tag sequences: of an entity, and of the best tags."""

from typing import NamedTuple

import numpy as np

from charner.tags.decoding import Decoded
from charner.tags.schemes import PAD, split_tag

# The lowest emission score of a tag if the token's best tag has 0, so that no sum is rounded to 0.
LOWEST = -600


def entity_probabilities(
    decoded: Decoded, transitions: np.ndarray, tags: list[str], temperature: float = 1.0
) -> np.ndarray:
    """The probability of each entity: that of all tag sequences that contain it.

    The constrained forward-backward algorithm (Culotta and McCallum 2004, "Confidence Estimation
    for Information Extraction"). A sequence contains the entity if it has the same tags at its
    tokens and does not continue it after them.

    Args:
        decoded: the sentences, and the entities in their best tags.
        transitions: (tags, tags), the transition scores, see `decoding.viterbi`.
        tags: the names of the tag ids, PAD first.
        temperature: all scores are divided by it.

    Returns:
        (entities,), from 0 to 1.
    """
    sentences, starts, ends = decoded.locations.T
    with_entity, sentences = np.unique(sentences, return_inverse=True)
    if not len(with_entity):
        return np.empty(0)
    scores, transitions = _at_temperature(decoded.scores[with_entity], transitions, temperature)
    paths = decoded.paths[with_entity]
    weights = np.exp(np.ascontiguousarray(scores.transpose(1, 2, 0)))
    transition_weights = np.exp(transitions)
    forward = _Sums.of(weights, transition_weights, transition_weights[PAD])
    backward = _Sums.of(weights[::-1], transition_weights.T, np.ones(len(tags)))
    first, last = paths[sentences, starts], paths[sentences, ends - 1]
    path_scores = _path_scores(scores, transitions, paths)
    sums = np.cumsum(path_scores, axis=1)
    after = transitions[last] + backward.logs(sentences, scores.shape[1] - 1 - ends)
    after[_goes_on(tags)[last]] = -np.inf
    logs = (
        forward.logs(sentences, starts)[np.arange(len(first)), first]
        + (sums[sentences, ends - 1] - sums[sentences, starts])
        + np.logaddexp.reduce(after, axis=1)
        - np.logaddexp.reduce(forward.logs(sentences, -1), axis=1)
    )
    return np.exp(np.minimum(logs, 0))


def path_log_probabilities(
    decoded: Decoded, transitions: np.ndarray, temperature: float = 1.0
) -> np.ndarray:
    """The logarithm of the probability of the best tags of each sentence, (sentences,).

    Args: see `entity_probabilities`.
    """
    scores, transitions = _at_temperature(decoded.scores, transitions, temperature)
    weights = np.exp(np.ascontiguousarray(scores.transpose(1, 2, 0)))
    transition_weights = np.exp(transitions)
    forward = _Sums.of(weights, transition_weights, transition_weights[PAD])
    best = _path_scores(scores, transitions, decoded.paths).sum(axis=1)
    best += transitions[PAD, decoded.paths[:, 0]]
    everything = np.logaddexp.reduce(forward.logs(np.arange(len(scores)), -1), axis=1)
    return np.minimum(best - everything, 0)


def _at_temperature(
    scores: np.ndarray, transitions: np.ndarray, temperature: float
) -> tuple[np.ndarray, np.ndarray]:
    """Scores divided by a temperature; the emission score of a token's best tag becomes 0."""
    scores = scores / temperature
    scores -= scores.max(axis=2, keepdims=True)
    np.maximum(scores, LOWEST, out=scores, where=np.isfinite(scores))
    return scores, transitions / temperature


def _path_scores(scores: np.ndarray, transitions: np.ndarray, paths: np.ndarray) -> np.ndarray:
    """The score of each token's tag, with the transition from the tag before it."""
    of_path = np.take_along_axis(scores, paths[..., None], axis=2)[..., 0]
    of_path[:, 1:] += transitions[paths[:, :-1], paths[:, 1:]]
    return of_path


def _goes_on(tags: list[str]) -> np.ndarray:
    """Whether the second tag continues the entity of the first, (tags, tags)."""
    parts = [split_tag(tag) for tag in tags]
    return np.array(
        [[p in ("I", "E") and name == previous for p, name in parts] for _, previous in parts]
    )


class _Sums(NamedTuple):
    """For each token and tag, the sum of exp(score) over the sequences that end there.

    By the forward algorithm with scaling (Rabiner 1989, "A Tutorial on Hidden Markov Models"): the
    sums of a token are divided by the greatest, so that they neither overflow nor need logarithms.
    """

    divided: np.ndarray
    """(tokens, tags, sentences): long vectors are fast."""
    log_divisors: np.ndarray
    """(tokens, sentences)."""

    @classmethod
    def of(cls, weights: np.ndarray, transitions: np.ndarray, start: np.ndarray) -> "_Sums":
        """Computes the sums.

        Args:
            weights: (tokens, tags, sentences), the exponentials of emission scores.
            transitions: (tags, tags), those of transition scores, from a tag to the next.
            start: (tags,), by which the weights of the first token are multiplied.
        """
        to_from = np.ascontiguousarray(transitions.T)
        divided = np.empty_like(weights)
        divisors = np.empty((len(weights), weights.shape[2]))
        before = start[:, None]
        for token_weights, sums, largest in zip(weights, divided, divisors, strict=True):
            np.multiply(before, token_weights, out=sums)
            sums.max(axis=0, out=largest)
            sums /= largest
            before = to_from @ sums
        return cls(divided, np.cumsum(np.log(divisors), axis=0))

    def logs(self, sentences: np.ndarray, tokens: np.ndarray | int) -> np.ndarray:
        """The logarithms of the sums at chosen tokens, (chosen tokens, tags)."""
        with np.errstate(divide="ignore"):  # log(0): no sequence is legal
            logs = np.log(self.divided[tokens, :, sentences])
        return logs + self.log_divisors[tokens, sentences][:, None]
