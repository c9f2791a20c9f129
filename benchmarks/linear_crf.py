"""A linear CRF with ordinary features (sklearn-crfsuite), trained beside the default model.

Run it from the project's root, after the char_encode stage, with nothing else running:
pip install sklearn-crfsuite==0.5.0 && python -m benchmarks.linear_crf
"""

import time
from pathlib import Path

from benchmarks.linear_crf_model import features, fitted
from charner import model, params
from charner.backend import make_repeatable
from charner.encoding import load_examples
from charner.examples import Example
from charner.model_files import TrainedModel
from charner.scoring import entity_scores
from charner.token_tagger import TokenTagger
from charner.training import train
from charner.vocabulary import Vocabulary
from stages.evaluate import tag
from stages.train import train_until_no_better

ENCODED = Path("data/encoded")


def entity_f1(examples: list[Example], predicted: list[list[str]]) -> float:
    return entity_scores([example.tags for example in examples], predicted).all.f1


def linear_crf(splits: dict[str, list[Example]]) -> tuple[float, float, float]:
    """Seconds of training, entity F1 on valid and on test."""
    started = time.perf_counter()
    crf = fitted(splits["train"])
    seconds = time.perf_counter() - started
    valid, test = (
        entity_f1(splits[name], crf.predict([features(example.tokens) for example in splits[name]]))
        for name in ("valid", "test")
    )
    return seconds, valid, test


def default_model(splits: dict[str, list[Example]]) -> tuple[float, float, float]:
    """The same of the model that params.yaml sets."""
    settings = params.load()
    make_repeatable(settings.train.seed)
    started = time.perf_counter()
    vocabulary = Vocabulary.load(ENCODED / "vocabulary.json")
    network = model.build(settings.model, vocabulary)
    epochs = train(network, splits["train"], splits["valid"], settings.train)
    _, best = train_until_no_better(network, epochs, settings.train.patience, say=lambda _: None)
    seconds = time.perf_counter() - started
    tagger = TokenTagger(TrainedModel(settings.model, vocabulary, model.named_weights(network)))
    tagged = tag(tagger, splits["test"])
    test = entity_f1(splits["test"], [sentence.tags for sentence in tagged])
    return seconds, best.valid["entity_f1"], test


if __name__ == "__main__":
    loaded = {
        name: load_examples(ENCODED / f"{name}.parquet") for name in ("train", "valid", "test")
    }
    print("| | seconds of training | entity F1 on valid | on test |")
    print("|---|---:|---:|---:|")
    for title, run in (("sklearn-crfsuite", linear_crf), ("default model", default_model)):
        seconds, valid, test = run(loaded)
        print(f"| {title} | {seconds:.0f} | {valid:.4f} | {test:.4f} |", flush=True)
