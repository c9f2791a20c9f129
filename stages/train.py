"""Stage train: writes the weights of the best epoch to models, and scores to metrics."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tqdm import tqdm

from charner import params
from charner.encoding.examples import Example
from charner.encoding.model_files import TRAINED_FILES, VECTORS_FILE, TrainedModel, save
from charner.encoding.parquet import load_examples
from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.models import backend
from charner.models.build import build
from charner.params import Model, Train
from charner.support import counted
from charner.support.files import check_is_replaceable, locked_folder, replacing, write_csv
from charner.support.kernels import kind_of_processor
from charner.support.process import run_stage
from charner.support.stage_inputs import StageInputs
from charner.training.batches import Batches
from charner.training.loop import train
from charner.training.state import Checkpoint, Epoch, TrainingState, fingerprint

ENCODED = Path("data/encoded")
TRAIN, VALID, VOCABULARY, VECTORS = (
    ENCODED / name for name in ("train.parquet", "valid.parquet", "vocabulary.json", VECTORS_FILE)
)
MODEL = [Path("models", name) for name in TRAINED_FILES]
SCORES, HISTORY = Path("metrics/training.csv"), Path("metrics/history.csv")
CHECKPOINT = Path(".checkpoint/training.safetensors")
FEW = 20  # entities; a type with fewer is hardly learned


def main() -> None:
    loaded = params.load()
    backend.make_repeatable(loaded.train.seed)
    with locked_folder("a training"):
        try:
            train_and_write(loaded.model, loaded.train)
        except backend.tf.errors.ResourceExhaustedError:
            raise MemoryError from None


def train_and_write(model_settings: Model, settings: Train) -> None:
    for path in (*MODEL, SCORES, HISTORY):  # before the work, not after it
        check_is_replaceable(path)
    parameters = parameters_of(model_settings, settings)
    inputs = StageInputs([TRAIN, VALID, VOCABULARY, VECTORS], parameters)
    vocabulary, vectors = Vocabulary.load(VOCABULARY), WordVectors.load(VECTORS)
    examples, valid_examples = load_examples(TRAIN), load_examples(VALID)
    model = build(model_settings, vocabulary, vectors)
    batches = Batches(model, examples, settings)
    for line in overview(examples, valid_examples, vocabulary.entity_types):
        print(line)
    too_long = sum(example.length > settings.max_length for example in examples)
    if too_long:
        print(
            f"{too_long} of {len(examples)} sentences of train are cut to"
            f" {settings.max_length} characters"
        )
    epochs = settings.epochs
    print(f"model: {model_settings.architecture}, {model.count_params():,} parameters")
    print(f"word vectors: {model.vectors.title}")
    print(f"kernels: {kind_of_processor()}")
    print(
        f"steps: {epochs * batches.steps:,} in {epochs} epochs; an epoch reads train"
        f" {'once' if batches.passes == 1 else f'{batches.passes} times'}, in {batches.steps:,}"
        f" batches of about {batches.size} sentences",
        flush=True,
    )

    state = TrainingState.start(model, settings)
    checkpoint = Checkpoint(CHECKPOINT, fingerprint(inputs))
    if checkpoint.restore(state):
        print(f"this training was stopped: it resumes after epoch {len(state.epochs)}", flush=True)
        write_history(state)
    if Path("dvc.lock").is_file():  # DVC has deleted the outputs of the run that it records
        print("the last model, if any, comes back with: dvc checkout train calibrate", flush=True)
    started = time.monotonic() - state.seconds
    with tqdm(unit="step", disable=None, leave=False) as bar:

        def show_progress(step: int, steps: int) -> None:
            if step == 1:  # the bar restarts at each epoch
                bar.reset(total=steps)
            bar.update()

        for epoch in train(state, batches, valid_examples, settings, show_progress):
            bar.clear()
            state.seconds = time.monotonic() - started
            write_history(state)
            checkpoint.save(state)
            rest = state.seconds / epoch.number * (epochs - epoch.number)
            times = f"{duration(state.seconds)}, {duration(rest)} left at most"
            print(f"{described(epoch)} | {times}", flush=True)
    if len(state.epochs) < epochs:
        print(f"stopped early: no better entity F1 on valid for {settings.patience} epochs")
    # benchmarks/sweep.py reads the time.
    print(f"kept the weights of epoch {state.best.number}; trained for {state.seconds:.0f} s")

    trained = TrainedModel(
        model_settings.architecture,
        model_settings.chosen.model_dump(),
        vocabulary,
        model.vectors,
        model.named_weights(),
    )
    with ExitStack() as outputs:  # all are put in place at its end
        save(trained, *(outputs.enter_context(replacing(path)) for path in MODEL))
        scores = outputs.enter_context(replacing(SCORES))
        write_csv(scores, ("split", "score", "value"), score_rows(state, model.count_params()))
        now = params.load()
        inputs.check_unchanged(
            parameters_of(now.model, now.train),
            "undo this, and the next run writes the model; otherwise it trains another one",
        )
    checkpoint.forget()


def parameters_of(model_settings: Model, settings: Train) -> dict[str, object]:
    """The parameters that the stage depends on, as in dvc.yaml."""
    architecture = model_settings.architecture
    return {
        "model.architecture": architecture,
        f"model.{architecture}": model_settings.chosen.model_dump(),
        "train": settings.model_dump(),
    }


def overview(
    examples: list[Example], valid_examples: list[Example], entity_types: list[str]
) -> Iterator[str]:
    """Lines on the sizes of train and valid, and on the entities in them."""
    mentions = [mention for example in examples for mention in example.mentions]
    valid_mentions = [mention for example in valid_examples for mention in example.mentions]
    yield f"train: {size(examples)}; valid: {size(valid_examples)}"
    counts = Counter(entity_type for entity_type, _ in mentions)
    yield f"entities in train: {', '.join(f'{name} {counts[name]:,}' for name in entity_types)}"
    rare = [name for name in entity_types if counts[name] < FEW]
    yield f"types with fewer than {FEW} entities in train: {', '.join(rare) or 'none'}"
    known = set(mentions)
    unseen = sum(mention not in known for mention in valid_mentions)
    yield (
        f"entities of valid that are not in train: {unseen:,} of {len(valid_mentions):,}"
        f" ({unseen / len(valid_mentions):.0%})"
    )


def size(examples: list[Example]) -> str:
    documents = {example.document for example in examples}
    in_documents = (
        "no documents, each sentence by itself"
        if documents == {0}
        else counted(len(documents), "document")
    )
    return f"{counted(len(examples), 'sentence')}, {in_documents}"


def write_history(state: TrainingState) -> None:
    """Writes the finished epochs, so that `dvc plots show` draws a training that is under way."""
    rows = [
        {
            "epoch": epoch.number,
            "learning_rate": epoch.learning_rate,
            **{f"train_{name}": value for name, value in epoch.train.items()},
            **{f"valid_{name}": value for name, value in epoch.valid.items()},
        }
        for epoch in state.epochs
    ]
    with replacing(HISTORY) as path:
        write_csv(path, [*rows[0]], rows)


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def described(epoch: Epoch) -> str:
    """An epoch in one line; accuracy is that of characters."""
    scores = (
        f"{split} loss {s['loss']:.4f} accuracy {s['accuracy']:.4f} entity F1 {s['entity_f1']:.4f}"
        for split, s in (("train", epoch.train), ("valid", epoch.valid))
    )
    return f"epoch {epoch.number}: " + " | ".join(scores)


def score_rows(state: TrainingState, parameters: int) -> Iterator[dict[str, str | float]]:
    """The rows of metrics/training.csv."""
    kept = state.best
    training = {"epochs": len(state.epochs), "kept_epoch": kept.number, "parameters": parameters}
    for split, scores in (("training", training), ("train", kept.train), ("valid", kept.valid)):
        for name, value in scores.items():
            yield {"split": split, "score": name, "value": value}


if __name__ == "__main__":
    run_stage(main)
