"""Stage evaluate: writes the scores of valid and test, and the data of the plots, to metrics.

Sentences are tagged as by `charner.Tagger`.
"""

from pathlib import Path

from charner import params
from charner.encoding.parquet import load_examples
from charner.evaluation.plot_data import confusion_rows, entity_type_rows, reliability_rows
from charner.evaluation.reliability import expected_error, reliability
from charner.evaluation.report import full_report
from charner.evaluation.robustness import robustness
from charner.evaluation.scores import split_scores, true_and_predicted_labels
from charner.inference.calibration import scores_and_right
from charner.inference.token_tagger import TokenTagger
from charner.params.evaluate import Evaluate
from charner.support.errors import run_stage
from charner.support.files import replacing, write_json
from charner.tags.counts import SCORE_DIGITS

ENCODED = Path("data/encoded")
SCORED = ("valid", "test")  # train is scored during training


def main() -> None:
    settings = params.load(Evaluate)
    tagger = TokenTagger.load("models")
    train = load_examples(ENCODED / "train.parquet")
    mentions_of_train = {mention for example in train for mention in example.mentions}
    scores, reliabilities, labels = {}, {}, {}
    label_ids = tagger.vocabulary.label_ids
    for split in SCORED:
        examples = load_examples(ENCODED / f"{split}.parquet")
        tagged = tagger.tag_examples(examples)
        labels[split] = true_and_predicted_labels(examples, tagged, tagger.vocabulary)
        rows = reliability(*scores_and_right(examples, tagged), settings.reliability_bins)
        scores[split] = {
            **split_scores(examples, tagged, labels[split], label_ids, mentions_of_train),
            "calibration_error": round(expected_error(rows), SCORE_DIGITS),
            "robustness": robustness(tagger, examples, settings.characters_with_typo),
        }
        reliabilities[split] = rows
    contents = {
        **scores,
        "confusion_matrix": confusion_rows(*labels["test"], label_ids),
        "entity_types": entity_type_rows(scores),
        "reliability": reliability_rows(reliabilities),
    }
    with replacing(*(f"metrics/{name}.json" for name in contents)) as paths:
        for path, content in zip(paths, contents.values(), strict=True):
            write_json(path, content)
    for split in SCORED:
        print(full_report(scores[split], split))


if __name__ == "__main__":
    run_stage(main)
