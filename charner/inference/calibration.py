"""Calibration of the scores of entities, by temperature scaling."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize_scalar

from charner.encoding.examples import Example
from charner.inference.token_tagger import (
    DecodedPieces,
    TaggedSentence,
    TokenTagger,
    tokens_by_document,
)
from charner.tags.spans import Span, entities

TEMPERATURES = (0.5, 5.0)


def scores_and_right(
    examples: Sequence[Example], tagged: Sequence[TaggedSentence]
) -> tuple[np.ndarray, np.ndarray]:
    """The score of each predicted entity, and whether its type and both ends are right."""
    scores, right = [], []
    for example, sentence in zip(examples, tagged, strict=True):
        true = set(entities(example.tags))
        for entity in sentence.entities:
            scores.append(entity.score)
            right.append(entity.span in true)
    return np.array(scores, float), np.array(right, bool)


def fit_temperature(tagger: TokenTagger, examples: Sequence[Example]) -> float:
    """Fits the temperature with the highest likelihood: whether each predicted entity is right.

    All scores are divided by the temperature (Guo et al. 2017, "On Calibration of Modern Neural
    Networks"). The network runs only once, because the best tags, and so the entities, are the same
    at every temperature.

    Args:
        tagger: the tagger to calibrate; its own temperature is ignored.
        examples: the sentences of valid.

    Returns:
        The temperature, rounded to two decimals; 1.0 if no entity is found.
    """
    true = [set(entities(example.tags)) for example in examples]
    groups = [*tagger.decode(tokens_by_document(examples))]
    right = np.concatenate([np.zeros(0, bool), *(_right(group, true) for group in groups)])
    if not len(right):
        return 1.0

    def loss(temperature: float) -> float:
        found = [tagger.probabilities(group.decoded, temperature) for group in groups]
        probabilities = np.concatenate(found)
        # A probability may be rounded to 0 or 1, whose logarithms are infinite.
        smallest = np.finfo(float).eps
        of_truth = np.where(right, probabilities, 1 - probabilities)
        return float(-np.log(np.maximum(of_truth, smallest)).sum())

    best = minimize_scalar(loss, bounds=TEMPERATURES, method="bounded", options={"xatol": 0.02})
    return round(float(best.x), 2)


def _right(group: DecodedPieces, true: list[set[Span]]) -> np.ndarray:
    """Whether each predicted entity is a true entity of its sentence, (entities,)."""
    return np.array(
        [
            (name, piece.window.start + start, piece.window.start + end) in true[piece.sentence]
            for piece, found in zip(group.pieces, group.decoded.of_sentences(), strict=True)
            for name, start, end in found
        ],
        bool,
    )
