"""Stage evaluate: the scores of valid and test, and the tables behind the plots, in metrics.

Sentences are tagged as `charner.tagging` tags them.
"""

from itertools import chain
from pathlib import Path

import numpy as np

from charner import params
from charner.calibration import expected_error, reliability, scores_and_right
from charner.encoding import load_examples
from charner.errors import run_stage
from charner.examples import Example, documents
from charner.files import replacing, write_json
from charner.report import report
from charner.scoring import (
    DIGITS,
    character_scores,
    confusion_counts,
    entity_scores,
    token_scores,
)
from charner.token_tagger import TaggedSentence, TokenTagger
from charner.variation import mistype, rewrite
from charner.vocabulary import Vocabulary

ENCODED = Path("data/encoded")
METRICS = Path("metrics")
OUTPUTS = (
    "valid.json",
    "test.json",
    "confusion_matrix.json",
    "entity_types.json",
    "reliability.json",
)


def main() -> None:
    settings = params.load().evaluate
    tagger = TokenTagger.load("models")
    vocabulary = tagger.vocabulary
    labels = vocabulary.labels[1:]  # PAD is never predicted

    with replacing(*(METRICS / name for name in OUTPUTS)) as paths:
        valid_path, test_path, confusion_path, types_path, reliability_path = paths
        scores, reliabilities = {}, {}
        for split, path in (("valid", valid_path), ("test", test_path)):
            examples = load_examples(ENCODED / f"{split}.parquet")
            tagged = tag(tagger, examples)
            scores[split] = evaluate(examples, tagged, vocabulary)
            rows = reliability(*scores_and_right(examples, tagged), settings.reliability_bins)
            reliabilities[split] = rows
            scores[split]["calibration_error"] = round(expected_error(rows), DIGITS)
            scores[split]["robustness"] = robustness(tagger, examples, settings.mistyped)
            write_json(path, scores[split])
        true, predicted = label_ids(examples, tagged, vocabulary)
        write_json(confusion_path, confusion_counts(true, predicted, labels))
        write_json(types_path, entity_type_rows(scores))
        write_json(reliability_path, reliability_rows(reliabilities))
    for split, of_split in scores.items():
        print(report(of_split, split))


def tag(tagger: TokenTagger, examples: list[Example]) -> list[TaggedSentence]:
    """What the tagger says of each sentence."""
    tokens = [[example.tokens for example in document] for document in documents(examples)]
    return [sentence for document in tagger.tag_tokens(tokens) for sentence in document]


def evaluate(examples: list[Example], tagged: list[TaggedSentence], vocabulary: Vocabulary) -> dict:
    """The scores of characters, tokens and entities of a split."""
    true, predicted = tags(examples, tagged)
    return {
        "char": character_scores(*label_ids(examples, tagged, vocabulary), vocabulary.labels[1:]),
        "token": token_scores([*chain(*true)], [*chain(*predicted)]),
        "entity": entity_scores(true, predicted).as_dict(),
    }


def robustness(tagger: TokenTagger, examples: list[Example], mistyped: float) -> dict[str, float]:
    """Entity F1 when all is in lower case, all in upper case, or some of it is mistyped."""
    generator = np.random.default_rng(0)
    variations = {
        "lower_case": str.lower,
        "upper_case": str.upper,
        "mistyped": lambda token: mistype(token, mistyped, generator),
    }
    f1 = {}
    for name, variation in variations.items():
        written = [rewrite(example, variation, tagger.vocabulary) for example in examples]
        scores = entity_scores(*tags(written, tag(tagger, written)))
        f1[name] = round(scores.all.f1, DIGITS)
    return f1


def tags(
    examples: list[Example], tagged: list[TaggedSentence]
) -> tuple[list[list[str]], list[list[str]]]:
    """The true and the predicted tags of each sentence."""
    return [example.tags for example in examples], [sentence.tags for sentence in tagged]


def label_ids(
    examples: list[Example], tagged: list[TaggedSentence], vocabulary: Vocabulary
) -> tuple[np.ndarray, np.ndarray]:
    """The true and the predicted label ids of all characters, counted without PAD."""
    true = np.concatenate([example.label_ids for example in examples])
    predicted = np.concatenate(
        [
            vocabulary.encode_labels(sentence.tokens, sentence.tags)
            if sentence.character_labels is None
            else sentence.character_labels
            for sentence in tagged
        ]
    )
    return true - 1, predicted - 1


def reliability_rows(reliabilities: dict[str, list[dict]]) -> list[dict]:
    """The points of each split, one row each, for the plot."""
    return [
        {
            "split": split,
            "score": round(row["score"], DIGITS),
            "precision": round(row["precision"], DIGITS),
            "count": row["count"],
        }
        for split, rows in reliabilities.items()
        for row in rows
    ]


def entity_type_rows(scores: dict[str, dict]) -> list[dict]:
    """The F1 of each entity type in each split, one row each, for the plot."""
    return [
        {"type": name, "split": split, "f1": type_scores["f1"]}
        for split, of_split in scores.items()
        for name, type_scores in of_split["entity"]["types"].items()
    ]


if __name__ == "__main__":
    run_stage(main)
