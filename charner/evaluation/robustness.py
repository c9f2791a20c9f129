"""How robust a tagger is to text in lower or upper case and to typing errors."""

from collections.abc import Sequence

import numpy as np

from charner.encoding.examples import Example
from charner.inference.token_tagger import TokenTagger
from charner.tags.counts import SCORE_DIGITS, entity_scores

SEED = 0  # fixed, so that all models are tested with the same typing errors


def robustness(
    tagger: TokenTagger, examples: Sequence[Example], characters_with_typo: float
) -> dict[str, float]:
    """Entity F1 on text in lower case, in upper case, and with typing errors, each by its name.

    `characters_with_typo` is the fraction of characters with a typing error.
    """
    generator = np.random.default_rng(SEED)
    letters = tagger.vocabulary.letters
    variations = {
        "lower_case_f1": [example.rewritten(str.lower) for example in examples],
        "upper_case_f1": [example.rewritten(str.upper) for example in examples],
        "typo_f1": [
            example.with_typos(lambda token: characters_with_typo, letters, generator)
            for example in examples
        ],
    }
    f1 = {}
    for name, variation in variations.items():
        predicted = [sentence.tags for sentence in tagger.tag_examples(variation)]
        scores = entity_scores([example.tags for example in variation], predicted)
        f1[name] = round(scores.all.f1, SCORE_DIGITS)
    return f1
