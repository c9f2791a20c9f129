"""Whether entities are right as often as their scores say, and how scores are made to fit."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize_scalar

from charner.examples import Example, documents
from charner.model_files import TrainedModel
from charner.tag_schemes import entities
from charner.token_tagger import DIGITS, TaggedSentence, TokenTagger

TEMPERATURES = (0.5, 5.0)


def scores_and_right(
    examples: Iterable[Example], tagged: Iterable[TaggedSentence]
) -> tuple[np.ndarray, np.ndarray]:
    """The score of each entity that was found, and whether type and both ends are right."""
    scores, right = [], []
    for example, sentence in zip(examples, tagged, strict=True):
        true = set(entities(example.tags))
        for entity in sentence.entities:
            scores.append(entity.score)
            right.append((entity.type, entity.start, entity.end) in true)
    return np.array(scores, float), np.array(right, bool)


def reliability(scores: np.ndarray, right: np.ndarray, bins: int) -> list[dict]:
    """Mean `score`, `precision` and `count` of the entities in each of some equal ranges of score.

    Ranges without an entity are left out.
    """
    numbers = np.minimum((scores * bins).astype(int), bins - 1)
    return [
        {
            "score": float(scores[numbers == number].mean()),
            "precision": float(right[numbers == number].mean()),
            "count": int((numbers == number).sum()),
        }
        for number in np.unique(numbers)
    ]


def expected_error(rows: list[dict]) -> float:
    """The mean difference of score and precision over all entities.

    The expected calibration error (Naeini, Cooper and Hauskrecht 2015, "Obtaining Well Calibrated
    Probabilities Using Bayesian Binning"). Args: rows: those of `reliability`.
    """
    count = sum(row["count"] for row in rows)
    errors = sum(row["count"] * abs(row["score"] - row["precision"]) for row in rows)
    return errors / count if count else 0.0


def fit_temperature(model: TrainedModel, examples: list[Example]) -> float:
    """What to divide a model's scores by so that probabilities fit best (most likely) to examples.

    Temperature scaling (Guo et al. 2017, "On Calibration of Modern Neural Networks"). The best tags
    stay the same. 1.0 if no entity is found.
    """
    of_documents = documents(examples)
    tokens = [[example.tokens for example in document] for document in of_documents]
    in_order = [example for document in of_documents for example in document]
    smallest = 0.5 * 10**-DIGITS  # scores are rounded

    def loss(temperature: float) -> float:
        tagged = TokenTagger(replace(model, temperature=temperature)).tag_tokens(tokens)
        sentences = [sentence for document in tagged for sentence in document]
        scores, right = scores_and_right(in_order, sentences)
        scores = np.clip(scores, smallest, 1 - smallest)
        return -np.log(np.where(right, scores, 1 - scores)).sum()

    best = minimize_scalar(loss, bounds=TEMPERATURES, method="bounded", options={"xatol": 0.02})
    return round(float(best.x), 2) if best.fun else 1.0
