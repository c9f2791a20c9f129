"""Class balance: weights of rare labels in the loss, and over-sampling of their chunks.

Labels are those that the architecture predicts, of characters or of tokens.
"""

import numpy as np
from sklearn.utils.class_weight import compute_class_weight


def class_weights(label_ids: np.ndarray, label_count: int, kind: str) -> np.ndarray:
    """The weight of each label id in the loss; the mean over all labels in train is 1.

    Args:
        label_ids: all label ids in train, without padding.
        label_count: the number of distinct label ids, including PAD.
        kind: `none`: 1 for all labels; `balanced`: inversely proportional to the label's count;
            `square_root`: the square root of `balanced`.

    Returns:
        Floats of shape (label_count,); 0 for ids that do not occur, such as PAD.
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
    """The average number of times that each chunk is used in an epoch.

    A label in a fraction f of the chunks has the factor max(1, sqrt(threshold / f)); a chunk has
    the largest factor of its labels (Gupta et al. 2019, "LVIS", section 4).

    Args:
        chunk_labels: the label ids of each chunk, in any order, repeated or not.
        threshold: labels in a smaller fraction of chunks are over-sampled; from 0 to 1.

    Returns:
        Floats of shape (chunks,), at least 1.
    """
    distinct = [np.unique(labels) for labels in chunk_labels]
    labels, counts = np.unique(np.concatenate(distinct), return_counts=True)
    label_factors = np.ones(labels.max() + 1)
    label_factors[labels] = np.maximum(1, np.sqrt(threshold * len(distinct) / counts))
    return np.array([label_factors[labels].max() for labels in distinct])


def draw_repeats(factors: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Draws the indices of the chunks of one epoch, each as often as its factor on average.

    Args:
        factors: the result of `repeat_factors`.
        generator: the source of randomness.
    """
    repeats = np.floor(factors + generator.random(len(factors))).astype(int)
    return np.repeat(np.arange(len(factors)), repeats)
