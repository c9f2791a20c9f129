"""Compares a linear CRF with common features (sklearn-crfsuite) with the default model.

Run it from the project's root, after the char_encode stage, with nothing else running:
pip install sklearn-crfsuite==0.5.0 && python -m benchmarks.linear_crf
"""

import time
from pathlib import Path

from benchmarks.linear_crf_model import features, fitted
from charner import params
from charner.corpus import SPLITS
from charner.encoding.examples import Example
from charner.encoding.parquet import load_examples
from charner.encoding.vocabulary import Vocabulary
from charner.inference.token_tagger import TokenTagger
from charner.layout.model_files import TrainedModel
from charner.models.backend import make_repeatable
from charner.models.build import build, named_weights
from charner.params.model import Model
from charner.params.train import Train
from charner.tags.counts import entity_scores
from charner.training.early_stopping import train_until_no_better
from charner.training.loop import train

ENCODED = Path("data/encoded")


def entity_f1(examples: list[Example], predicted: list[list[str]]) -> float:
    return entity_scores([example.tags for example in examples], predicted).all.f1


def linear_crf(splits: dict[str, list[Example]]) -> tuple[float, float, float]:
    """Trains the linear CRF; returns seconds of training, entity F1 on valid and on test."""
    started = time.perf_counter()
    crf = fitted(splits["train"])
    seconds = time.perf_counter() - started
    valid, test = (
        entity_f1(splits[name], crf.predict([features(example.tokens) for example in splits[name]]))
        for name in ("valid", "test")
    )
    return seconds, valid, test


def default_model(splits: dict[str, list[Example]]) -> tuple[float, float, float]:
    """Trains the model of params.yaml; returns the same."""
    model_settings, settings = params.load(Model), params.load(Train)
    make_repeatable(settings.seed)
    started = time.perf_counter()
    vocabulary = Vocabulary.load(ENCODED / "vocabulary.json")
    model = build(model_settings, vocabulary)
    epochs = train(model, splits["train"], splits["valid"], settings)
    _, best = train_until_no_better(model, epochs, settings.patience)
    seconds = time.perf_counter() - started
    trained = TrainedModel(
        model_settings.architecture, model_settings.chosen, vocabulary, named_weights(model)
    )
    tagged = TokenTagger(trained).tag_examples(splits["test"])
    test = entity_f1(splits["test"], [sentence.tags for sentence in tagged])
    return seconds, best.valid["entity_f1"], test


if __name__ == "__main__":
    loaded = {split: load_examples(ENCODED / f"{split}.parquet") for split in SPLITS}
    print("| | seconds of training | entity F1 on valid | on test |")
    print("|---|---:|---:|---:|")
    for title, run in (("sklearn-crfsuite", linear_crf), ("default model", default_model)):
        seconds, valid, test = run(loaded)
        print(f"| {title} | {seconds:.0f} | {valid:.4f} | {test:.4f} |", flush=True)
