"""Stage evaluate: writes the scores of valid and test, a page of the errors, and the model card.

Sentences are tagged as by `charner.Tagger`.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from charner import params
from charner.encoding.examples import Example, by_document
from charner.encoding.model_files import MODEL_FILES
from charner.encoding.parquet import load_examples
from charner.evaluation.errors_page import ScoredSentence, errors_page
from charner.evaluation.model_card import model_card
from charner.evaluation.reliability import expected_error, reliability
from charner.evaluation.report import full_report
from charner.evaluation.robustness import robustness
from charner.evaluation.scores import (
    SplitScores,
    split_scores,
)
from charner.inference.calibration import scores_and_right
from charner.inference.token_tagger import TokenTagger
from charner.params import Params
from charner.support.files import replacing, write_csv, write_json
from charner.support.process import run_stage
from charner.support.stage_inputs import StageInputs
from charner.tags.counts import SCORE_DIGITS
from charner.tags.spans import entities

ENCODED = Path("data/encoded")
METRICS = Path("metrics")
MODEL = Path("models")
CARD = MODEL / "README.md"
ERRORS = Path("reports/errors.html")
SCORED = ("valid", "test")  # train is scored during training
NAME_COLUMNS = ("split", "name", "precision", "recall", "f1", "support")
PAIR_COLUMNS = ("actual", "predicted", "count")
TABLES = {
    "scores": ("split", "score", "value"),
    "characters": NAME_COLUMNS,
    "tokens": NAME_COLUMNS,
    "entities": NAME_COLUMNS,
    "confusion_characters": PAIR_COLUMNS,
    "confusion_tokens": PAIR_COLUMNS,
    "reliability": ("split", "score", "precision", "count"),
}
"""The columns of each table in metrics."""


def main() -> None:
    settings = params.load()
    rate = settings.evaluate.characters_with_typo
    data = (ENCODED, *(MODEL / name for name in MODEL_FILES))
    inputs = StageInputs(data, parameters_of(settings))
    tagger = TokenTagger.load(MODEL)
    vocabulary = tagger.vocabulary
    splits = {split: load_examples(ENCODED / f"{split}.parquet") for split in ("train", *SCORED)}
    train_mentions = {mention for example in splits["train"] for mention in example.mentions}
    scores: dict[str, SplitScores] = {}
    sentences: dict[str, list[ScoredSentence]] = {}
    tables: dict[str, list[dict]] = {name: [] for name in TABLES}
    for split in SCORED:
        examples = splits[split]
        tagged = tagger.tag_examples(examples)
        scores[split] = split_scores(examples, tagged, vocabulary, train_mentions)
        bins = reliability(*scores_and_right(examples, tagged), settings.evaluate.reliability_bins)
        single = scores[split].single
        single["calibration_error"] = round(expected_error(bins), SCORE_DIGITS)
        single["temperature"] = tagger.temperature
        single.update(robustness(tagger, examples, rate))
        sentences[split] = [
            ScoredSentence(where, example.tokens, entities(example.tags), sentence.entities)
            for where, example, sentence in zip(locations(examples), examples, tagged, strict=True)
        ]

        tables["scores"] += [
            {"split": split, "score": name, "value": value} for name, value in single.items()
        ]
        for unit in ("characters", "tokens", "entities"):
            table = getattr(scores[split], unit)
            tables[unit] += [{"split": split, "name": name, **row} for name, row in table.items()]
        tables["reliability"] += [
            {"split": split, **{name: round(value, SCORE_DIGITS) for name, value in row.items()}}
            for row in bins
        ]
    for unit, rows in scores["test"].confusions.items():
        tables[f"confusion_{unit}"] = rows

    card = model_card(
        settings.download.corpus, vocabulary, tagger.trained.vectors, splits, scores, rate
    )
    page = errors_page(sentences, vocabulary.entity_types, vocabulary.language)
    with ExitStack() as outputs:  # all are put in place at its end
        outputs.enter_context(replacing(CARD)).write_text(card, encoding="utf-8")
        outputs.enter_context(replacing(ERRORS)).write_text(page, encoding="utf-8")
        for name, columns in TABLES.items():
            path = outputs.enter_context(replacing(METRICS / f"{name}.csv"))
            write_csv(path, columns, tables[name])
        for split in SCORED:
            path = outputs.enter_context(replacing(METRICS / f"{split}.json"))
            write_json(path, scores[split].metrics())
        inputs.check_unchanged(parameters_of(params.load()))
    for split in SCORED:
        print(full_report(scores[split], split))


def parameters_of(settings: Params) -> dict[str, object]:
    """The parameters that the stage depends on, as in dvc.yaml."""
    return {
        "download.corpus": settings.download.corpus,
        "evaluate": settings.evaluate.model_dump(),
    }


def locations(examples: list[Example]) -> Iterator[list[str]]:
    """Where each token of each sentence is in its split."""
    for number, document in enumerate(by_document(examples), start=1):
        for position, example in enumerate(document, start=1):
            yield [f"document {number}, sentence {position}"] * len(example.tokens)


if __name__ == "__main__":
    run_stage(main)
