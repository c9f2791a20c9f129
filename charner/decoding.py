"""From scores to tags: characters to tokens, and the best legal sequence of a sentence's tags."""

import numpy as np

from charner.tag_schemes import is_legal


def token_scores(log_probabilities: np.ndarray, token_lengths: np.ndarray) -> np.ndarray:
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
    padded = np.append(log_probabilities, np.zeros_like(log_probabilities[:1]), axis=0)
    sums = np.add.reduceat(padded, bounds, axis=0)[::2]
    return sums / token_lengths[:, None]


def legal_transitions(labels: list[str], scheme: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores that forbid what is illegal: 0 where a tag may stand, -inf where not.

    Returns:
        At a sentence's start (labels,), from one tag to the next (labels, labels), and at the
        sentence's end (labels,).
    """

    def scores(previous: list, following: list) -> np.ndarray:
        legal = [[is_legal(scheme, a, b) for b in following] for a in previous]
        return np.where(legal, 0, -np.inf)

    return scores([None], labels)[0], scores(labels, labels), scores(labels, [None])[:, 0]


def viterbi(
    scores: np.ndarray, start: np.ndarray, transitions: np.ndarray, end: np.ndarray
) -> np.ndarray:
    """The sequence of labels with the highest sum of scores and transitions.

    Viterbi (1967), "Error Bounds for Convolutional Codes".

    Args:
        scores: (tokens, labels), at least one token.
        start: (labels,), of the first label.
        transitions: (labels, labels), from a label to the next.
        end: (labels,), of the last label.

    Returns:
        Label indices of shape (tokens,).
    """
    best = start + scores[0]
    came_from = np.zeros(scores.shape, np.intp)
    for token in range(1, len(scores)):
        candidates = best[:, None] + transitions
        came_from[token] = candidates.argmax(axis=0)
        best = candidates.max(axis=0) + scores[token]
    path = np.empty(len(scores), np.intp)
    path[-1] = (best + end).argmax()
    for token in range(len(scores) - 1, 0, -1):
        path[token - 1] = came_from[token, path[token]]
    return path


class Decoder:
    """Turns the log-probabilities of a sentence's characters into its best legal tags."""

    def __init__(self, labels: list[str], scheme: str = "IOB2"):
        """Args: labels: the tags, in the order of the log-probabilities' last axis."""
        self._labels = labels
        self._start, self._transitions, self._end = legal_transitions(labels, scheme)

    def tags(self, log_probabilities: np.ndarray, token_lengths: np.ndarray) -> list[str]:
        """The tags of a sentence's tokens; arguments as those of `token_scores`."""
        scores = token_scores(log_probabilities, token_lengths)
        path = viterbi(scores, self._start, self._transitions, self._end)
        return [self._labels[label] for label in path]
