"""Rare labels: their weight in the loss, and how often the chunks that hold them are seen.

Labels are of characters or tokens, as the architecture predicts them.
"""

import numpy as np
from sklearn.utils.class_weight import compute_class_weight


def class_weights(label_ids: np.ndarray, label_count: int, kind: str) -> np.ndarray:
    """The weight of each label id in the loss; the mean over all that is labelled is 1.

    Args:
        label_ids: those of all of train, without padding.
        label_count: the number of label ids, PAD counted in.
        kind: `none`, 1 for all; `balanced`, in inverse proportion to a label's count;
            `square_root`, the square root of that.

    Returns:
        Floats of shape (label_count,); 0 for ids that do not occur, so for PAD.
    """
    present, counts = np.unique(label_ids, return_counts=True)
    weights = np.zeros(label_count, np.float32)
    if kind == "none":
        weights[present] = 1
        return weights
    weights[present] = compute_class_weight("balanced", classes=present, y=label_ids)
    if kind == "square_root":
        weights = np.sqrt(weights)
        weights /= np.average(weights[present], weights=counts)
    return weights


def repeat_factors(chunk_labels: list[np.ndarray], threshold: float) -> np.ndarray:
    """How often, on average, each chunk is seen in an epoch.

    A label in a share f of the chunks has the factor max(1, sqrt(threshold / f)), a chunk the
    largest of its labels' factors (Gupta et al. 2019, "LVIS", section 4).

    Args:
        chunk_labels: each chunk's label ids, in any order, repeated or not.
        threshold: labels in a smaller share of chunks than this are over-sampled; from 0 to 1.

    Returns:
        Floats of shape (chunks,), at least 1.
    """
    distinct = [np.unique(labels) for labels in chunk_labels]
    labels, counts = np.unique(np.concatenate(distinct), return_counts=True)
    label_factors = np.ones(labels.max() + 1)
    label_factors[labels] = np.maximum(1, np.sqrt(threshold * len(distinct) / counts))
    return np.array([label_factors[labels].max() for labels in distinct])


def draw_repeats(factors: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Indices of the chunks of one epoch: each as often as its factor says, on average.

    Args:
        factors: those of `repeat_factors`.
        generator: what is drawn from.
    """
    repeats = np.floor(factors + generator.random(len(factors))).astype(int)
    return np.repeat(np.arange(len(factors)), repeats)
