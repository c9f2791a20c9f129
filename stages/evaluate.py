"""Stage evaluate: the scores of valid and test, and the tables behind the plots, in metrics."""

from itertools import chain
from pathlib import Path

import numpy as np

from charner import model_files, params
from charner.encoding import Vocabulary
from charner.errors import run_stage
from charner.examples import Example, Prediction, load_examples
from charner.files import replacing, write_json
from charner.prediction import Predictor
from charner.report import report
from charner.scoring import (
    DIGITS,
    character_scores,
    confusion_counts,
    entity_scores,
    token_scores,
)
from charner.variation import mistype, rewrite

ENCODED = Path("data/encoded")
METRICS = Path("metrics")
MISTYPED = 0.05  # share of characters


def main() -> None:
    settings = params.load().evaluate
    tagger = model_files.load(Path("models"))
    predict = Predictor(tagger, settings.batch_size)
    labels = tagger.vocabulary.labels[1:]  # PAD is never predicted

    outputs = ("valid.json", "test.json", "confusion_matrix.json", "entity_types.json")
    with replacing(*(METRICS / name for name in outputs)) as paths:
        valid_path, test_path, confusion_path, types_path = paths
        scores = {}
        for split, path in (("valid", valid_path), ("test", test_path)):
            examples = load_examples(ENCODED / f"{split}.parquet")
            predictions = predict(examples)
            scores[split] = evaluate(predictions, labels)
            scores[split]["robustness"] = robustness(predict, examples, tagger.vocabulary)
            write_json(path, scores[split])
        write_json(confusion_path, confusion_counts(*label_ids(predictions), labels))
        write_json(types_path, entity_type_rows(scores))
    for split, of_split in scores.items():
        print(report(of_split, split))


def evaluate(predictions: list[Prediction], labels: list[str]) -> dict:
    """The scores of characters, tokens and entities of a split."""
    true, predicted = tags(predictions)
    return {
        "char": character_scores(*label_ids(predictions), labels),
        "token": token_scores([*chain(*true)], [*chain(*predicted)]),
        "entity": entity_scores(true, predicted).as_dict(),
    }


def robustness(
    predict: Predictor, examples: list[Example], vocabulary: Vocabulary
) -> dict[str, float]:
    """Entity F1 when all is in lower case, all in upper case, or some of it is mistyped."""
    generator = np.random.default_rng(0)
    variations = {
        "lower_case": str.lower,
        "upper_case": str.upper,
        "mistyped": lambda token: mistype(token, MISTYPED, generator),
    }
    f1 = {}
    for name, variation in variations.items():
        predictions = predict([rewrite(e, variation, vocabulary) for e in examples])
        f1[name] = round(entity_scores(*tags(predictions)).all.f1, DIGITS)
    return f1


def tags(predictions: list[Prediction]) -> tuple[list[list[str]], list[list[str]]]:
    """The true and the predicted tags of each sentence."""
    return [p.example.tags for p in predictions], [p.tags for p in predictions]


def label_ids(predictions: list[Prediction]) -> tuple[np.ndarray, np.ndarray]:
    """The true and the predicted label ids of all characters, counted without PAD."""
    true = np.concatenate([prediction.example.label_ids for prediction in predictions])
    predicted = np.concatenate([prediction.label_ids for prediction in predictions])
    return true - 1, predicted - 1


def entity_type_rows(scores: dict[str, dict]) -> list[dict]:
    """The F1 of each entity type in each split, one row each, for the plot."""
    return [
        {"type": name, "split": split, "f1": type_scores["f1"]}
        for split, of_split in scores.items()
        for name, type_scores in of_split["entity"]["types"].items()
    ]


if __name__ == "__main__":
    run_stage(main)
