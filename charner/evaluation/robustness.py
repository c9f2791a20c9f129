"""How robust a tagger is to text in lower or upper case and to typing errors."""

from collections.abc import Callable, Sequence

import numpy as np

from charner.encoding.examples import Example
from charner.inference.token_tagger import TokenTagger
from charner.tags.counts import SCORE_DIGITS, entity_scores

SEED = 0  # fixed, so that all models are tested with the same typing errors


def robustness(
    tagger: TokenTagger, examples: Sequence[Example], characters_with_typo: float
) -> dict[str, float]:
    """Entity F1 on text in lower case, in upper case, and with typing errors.

    Args:
        tagger: the tagger to evaluate.
        examples: the sentences of a split.
        characters_with_typo: the fraction of characters with a typing error.

    Returns:
        Each F1 by its name.
    """
    generator = np.random.default_rng(SEED)
    variations: dict[str, Callable[[Example], Example]] = {
        "entity F1 in lower case": lambda example: example.rewritten(str.lower),
        "entity F1 in upper case": lambda example: example.rewritten(str.upper),
        "entity F1 with typos": lambda example: example.with_typos(
            lambda token: characters_with_typo, tagger.vocabulary.letters, generator
        ),
    }
    f1 = {}
    for name, variation in variations.items():
        rewritten = [*map(variation, examples)]
        predicted = [sentence.tags for sentence in tagger.tag_examples(rewritten)]
        scores = entity_scores([example.tags for example in rewritten], predicted)
        f1[name] = round(scores.all.f1, SCORE_DIGITS)
    return f1
