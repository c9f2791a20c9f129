"""Stage train: the model with the best epoch's weights in models, its scores in metrics."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from charner import backend, model, model_files, params
from charner.calibration import fit_temperature
from charner.encoding import load_examples
from charner.errors import run_stage
from charner.examples import Example
from charner.files import replacing, write_json
from charner.model_files import TrainedModel
from charner.training import Epoch, train
from charner.vocabulary import Vocabulary

ENCODED = Path("data/encoded")


def main() -> None:
    settings = params.load()
    backend.make_repeatable(settings.train.seed)
    vocabulary = Vocabulary.load(ENCODED / "vocabulary.json")
    examples = load_examples(ENCODED / "train.parquet")
    say_what_is_cut(examples, settings.train.max_length)
    tagger = model.build(settings.model, vocabulary)
    tagger.summary()
    print(f"training on {len(examples):,} sentences, {settings.train.epochs} epochs at most")

    np.seterr(over="ignore", invalid="ignore")  # what destroys the model is told in one line below
    bar = tqdm(unit="step", disable=None, leave=False)

    def say(line: str) -> None:
        bar.clear()
        print(line, flush=True)

    valid_examples = load_examples(ENCODED / "valid.parquet")
    epochs = train(
        tagger,
        examples,
        valid_examples,
        settings.train,
        on_step=lambda done, steps: show_progress(bar, done, steps),
    )
    done, best = train_until_no_better(tagger, epochs, settings.train.patience, say)
    bar.close()
    print(f"kept the weights of epoch {best.number}")
    trained = TrainedModel(settings.model, vocabulary, model.named_weights(tagger))
    trained = replace(trained, temperature=fit_temperature(trained, valid_examples))
    print(f"temperature of the scores, fitted on valid: {trained.temperature}")

    with replacing("models", "metrics/train.json", "metrics/history.csv") as outputs:
        models, metrics, history = outputs
        models.mkdir()
        model_files.save(models, trained)
        write_json(metrics, summary(best, len(done), tagger.count_params(), trained.temperature))
        pd.DataFrame([row(epoch) for epoch in done]).to_csv(history, index=False)


def train_until_no_better(
    tagger: backend.keras.Model,
    epochs: Iterable[Epoch],
    patience: int,
    say: Callable[[str], None],
) -> tuple[list[Epoch], Epoch]:
    """Trains until entity F1 on valid was not better for `patience` epochs, or all are done.

    The model is left with the weights of the best epoch, of equals the first.

    Returns:
        All epochs that were done, and the best.
    """
    done: list[Epoch] = []
    best, best_weights = None, None
    started = time.monotonic()
    for epoch in epochs:
        done.append(epoch)
        say(f"{describe(epoch)} | {time.monotonic() - started:.0f} s in all")
        if best is None or epoch.valid["entity_f1"] > best.valid["entity_f1"]:
            best, best_weights = epoch, tagger.get_weights()
        if epoch.number - best.number >= patience:
            say(f"stopped: no better entity F1 on valid for {patience} epochs")
            break
    tagger.set_weights(best_weights)
    return done, best


def say_what_is_cut(examples: list[Example], max_length: int) -> None:
    """Tells how many training sentences are too long to be used whole."""
    too_long = sum(len(example.character_ids) > max_length for example in examples)
    if too_long:
        print(
            f"{too_long} of {len(examples)} sentences of train are cut to {max_length} characters"
        )


def show_progress(bar: tqdm, done: int, steps: int) -> None:
    """Moves the bar, which starts again with each epoch."""
    if done == 1:
        bar.reset(total=steps)
    bar.update()


def describe(epoch: Epoch) -> str:
    """One line on an epoch; accuracy is that of characters."""
    scores = (
        f"{split} loss {s['loss']:.4f} accuracy {s['accuracy']:.4f} entity F1 {s['entity_f1']:.4f}"
        for split, s in (("train", epoch.train), ("valid", epoch.valid))
    )
    return f"epoch {epoch.number}: " + " | ".join(scores)


def row(epoch: Epoch) -> dict[str, float]:
    """A line of the learning curve: the columns of metrics/history.csv."""
    train_columns = {f"train_{name}": value for name, value in epoch.train.items()}
    valid_columns = {f"valid_{name}": value for name, value in epoch.valid.items()}
    return {
        "epoch": epoch.number,
        "learning_rate": epoch.learning_rate,
        **train_columns,
        **valid_columns,
    }


def summary(best: Epoch, epochs: int, parameters: int, temperature: float) -> dict:
    """The content of metrics/train.json."""
    return {
        "epochs": epochs,
        "best_epoch": best.number,
        "parameters": parameters,
        "temperature": temperature,
        "train": best.train,
        "valid": best.valid,
    }


if __name__ == "__main__":
    run_stage(main)
