"""Calibration of the probabilities of entities, by temperature scaling."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar

from charner.encoding.examples import Example
from charner.inference.token_tagger import TaggedSentence, TokenTagger, tokens_by_document
from charner.tags.spans import entities

TEMPERATURES = (0.5, 5.0)
SMALLEST = np.finfo(float).eps  # of a likelihood


def scores_and_right(
    examples: Sequence[Example], tagged: Sequence[TaggedSentence]
) -> tuple[np.ndarray, np.ndarray]:
    """The probability of each predicted entity, and whether its type and both ends are right."""
    probabilities, right = [], []
    for example, sentence in zip(examples, tagged, strict=True):
        true = set(entities(example.tags))
        for entity in sentence.entities:
            probabilities.append(entity.score)
            right.append(entity.span in true)
    return np.array(probabilities, float), np.array(right, bool)


def fit_temperature(tagger: TokenTagger, examples: Sequence[Example]) -> float:
    """Fits the temperature with the highest likelihood: whether each predicted entity is right.

    All scores are divided by the temperature (Guo et al. 2017, "On Calibration of Modern Neural
    Networks"). The network runs only once, because the best tags, and so the entities, are the same
    at every temperature.

    Args:
        tagger: the tagger to calibrate; its own temperature is ignored.
        examples: the sentences of valid.

    Returns:
        The temperature, rounded to two decimals; 1.0 if no entity is predicted.
    """
    true = [set(entities(example.tags)) for example in examples]
    groups = [*tagger.decode(tokens_by_document(examples))]
    right = np.array(
        [span in true[number] for group in groups for number, span in group.entities()]
    )
    if not len(right):
        return 1.0

    def loss(temperature: float) -> float:
        probabilities = np.concatenate(
            [tagger.probabilities(group.decoded, temperature) for group in groups]
        )
        # A probability may be rounded to 0 or 1, whose logarithms are infinite.
        likelihood = np.maximum(np.where(right, probabilities, 1 - probabilities), SMALLEST)
        return float(-np.log(likelihood).sum())

    best = minimize_scalar(loss, bounds=TEMPERATURES, method="bounded", options={"xatol": 0.02})
    return round(float(best.x), 2)
