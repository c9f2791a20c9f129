"""Stage evaluate: the scores of valid and test, and the tables behind the plots, in metrics."""

from pathlib import Path

import numpy as np

from charner import model, params
from charner.batching import Example, load_examples
from charner.decoding import Decoder
from charner.errors import run_stage
from charner.files import replacing, write_json
from charner.prediction import Predictor
from charner.report import report
from charner.scoring import EntityScores, character_scores, confusion_counts, token_scores

ENCODED = Path("data/encoded")
METRICS = Path("metrics")


def main() -> None:
    settings = params.load().evaluate
    tagger, vocabulary = model.load(Path("models"))
    predict = Predictor(tagger, settings.batch_size)
    labels = vocabulary.labels[1:]  # PAD is never predicted

    outputs = ("valid.json", "test.json", "confusion_matrix.json", "entity_types.json")
    with replacing(*(METRICS / name for name in outputs)) as paths:
        valid_path, test_path, confusion_path, types_path = paths
        valid, _ = evaluate(load_examples(ENCODED / "valid.parquet"), predict, labels)
        test, confusion = evaluate(load_examples(ENCODED / "test.parquet"), predict, labels)
        write_json(valid_path, valid)
        write_json(test_path, test)
        write_json(confusion_path, confusion)
        write_json(types_path, entity_type_rows({"valid": valid, "test": test}))
    print(report(valid, "valid"))
    print(report(test, "test"))


def evaluate(
    examples: list[Example], predict: Predictor, labels: list[str]
) -> tuple[dict, list[dict]]:
    """The scores of a split, and its confusion matrix over characters."""
    decoder = Decoder(labels)
    true_labels, predicted_labels = [], []
    true_tags, predicted_tags = [], []
    entity_scores = EntityScores()
    for example, log_probabilities in predict(examples):
        true_labels.append(example.label_ids - 1)
        predicted_labels.append(log_probabilities.argmax(axis=1))
        tags = decoder.tags(log_probabilities, example.token_lengths)
        true_tags += example.tags
        predicted_tags += tags
        entity_scores.add(example.tags, tags)
    true, predicted = np.concatenate(true_labels), np.concatenate(predicted_labels)
    scores = {
        "char": character_scores(true, predicted, labels),
        "token": token_scores(true_tags, predicted_tags),
        "entity": entity_scores.as_dict(),
    }
    return scores, confusion_counts(true, predicted, labels)


def entity_type_rows(scores: dict[str, dict]) -> list[dict]:
    """The F1 of each entity type in each split, one row each, for the plot."""
    return [
        {"type": name, "split": split, "f1": type_scores["f1"]}
        for split, of_split in scores.items()
        for name, type_scores in of_split["entity"]["types"].items()
    ]


if __name__ == "__main__":
    run_stage(main)
