"""How probable an entity is under a model of tag sequences."""

import numpy as np

from charner.tags.decoding import Decoded
from charner.tags.schemes import PAD, split_tag


def entity_probabilities(
    decoded: Decoded, transitions: np.ndarray, tags: list[str], temperature: float = 1.0
) -> np.ndarray:
    """The share that all sequences of tags with an entity have in exp(score) of all sequences.

    The constrained forward-backward algorithm (Culotta and McCallum 2004, "Confidence Estimation
    for Information Extraction"). Such a sequence has the entity's tags where the entity is, and
    does not go on with it.

    Args:
        decoded: the sentences and the entities in their best tags.
        transitions: (tags, tags), from a tag to the next, see `decoding.viterbi`.
        tags: the names of the tag ids, PAD first.
        temperature: what all scores are divided by.

    Returns:
        (entities,), from 0 to 1.
    """
    scores, transitions = decoded.scores / temperature, transitions / temperature
    paths = decoded.paths
    sentences, starts, ends = decoded.places.T
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
    """(tags, tags): whether the second would belong to the same entity as the first."""
    parts = [split_tag(tag) for tag in tags]
    return np.array(
        [[p in ("I", "E") and name == previous for p, name in parts] for _, previous in parts]
    )


def _log_sums(scores: np.ndarray, transitions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logs of the sums of exp(score) over sequences.

    The forward-backward algorithm (Rabiner 1989, "A Tutorial on Hidden Markov Models").

    Returns:
        (sentences, tokens, tags) twice: over all sequences up to and with this tag of this token,
        and over all that follow it.
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
    with np.errstate(divide="ignore"):  # log(0): there is no such sequence
        return np.log(np.exp(logs - largest) @ matrix) + largest
