"""Stage train: writes the weights of the best epoch to models, and scores to metrics."""

import time
from contextlib import nullcontext
from pathlib import Path

from tqdm import tqdm

from charner import params
from charner.encoding import model_files
from charner.encoding.examples import Example
from charner.encoding.model_files import DESCRIPTION_FILE, WEIGHTS_FILE, TrainedModel
from charner.encoding.parquet import load_examples
from charner.encoding.vocabulary import Vocabulary
from charner.models import backend
from charner.models.build import build, named_weights
from charner.params import Model, Train
from charner.support.errors import run_stage
from charner.support.files import check_is_replaceable, locked_folder, replacing, write_csv
from charner.support.kernels import kind_of_processor
from charner.support.stage_inputs import StageInputs
from charner.training import workers
from charner.training.checkpoint import Checkpoint, fingerprint
from charner.training.early_stopping import train_until_no_better
from charner.training.loop import train
from charner.training.overview import overview
from charner.training.plan import plan_epochs
from charner.training.recorded_run import digest, recorded_output
from charner.training.state import Epoch, TrainingState

ENCODED = Path("data/encoded")
TRAIN_FILE, VALID_FILE = ENCODED / "train.parquet", ENCODED / "valid.parquet"
VOCABULARY_FILE = ENCODED / "vocabulary.json"
DATA = (TRAIN_FILE, VALID_FILE, VOCABULARY_FILE)
CHECKPOINT = Path(".checkpoint/training.safetensors")
OUTPUTS = (
    Path("models", WEIGHTS_FILE),
    Path("models", DESCRIPTION_FILE),
    Path("metrics/training.csv"),
)
HISTORY = Path("metrics/history.csv")
LOCK = Path("dvc.lock")


def main() -> None:
    loaded = params.load()
    model_settings, settings = loaded.model, loaded.train
    backend.make_repeatable(settings.seed, settings.threads)
    with (
        workers.choose_strategy().scope(),
        workers.telling_of_lost_workers(),
        locked_folder("a training") if workers.is_chief() else nullcontext(),
    ):
        try:
            train_and_write(model_settings, settings)
        except backend.tf.errors.ResourceExhaustedError:
            raise MemoryError from None


def train_and_write(model_settings: Model, settings: Train) -> None:
    """Trains a model, and writes it where this process is the one that writes."""
    writes = workers.is_chief()
    if writes:
        for path in (*OUTPUTS, HISTORY):  # before the work, not after it
            check_is_replaceable(path)
    parameters = parameters_of(model_settings, settings)
    inputs = StageInputs(DATA, parameters)
    training = fingerprint(inputs)
    workers.check_that_all_are_alike(training)
    vocabulary = Vocabulary.load(VOCABULARY_FILE)
    examples, valid_examples = load_examples(TRAIN_FILE), load_examples(VALID_FILE)
    tell_what_is_cut(examples, settings.max_length)
    model = build(model_settings, vocabulary)
    print(f"model: {model_settings.architecture}, {model.count_params():,} parameters")
    print(f"kernels: {kind_of_processor()}, {settings.threads} threads")
    for line in overview(examples, valid_examples, vocabulary.entity_types):
        print(line)
    plan = plan_epochs(model.chunks(examples), model.row_length, settings)
    times = "once" if plan.passes == 1 else f"{plan.passes} times"
    print(
        f"steps: {settings.epochs * plan.steps:,} in {settings.epochs} epochs; an epoch reads train"
        f" {times}, in {plan.steps:,} batches of about {plan.batch_size} sentences",
        flush=True,
    )

    state = TrainingState.start(model, settings)
    recorded = recorded_output(LOCK, "train", parameters, str(OUTPUTS[0]))
    checkpoint = Checkpoint(CHECKPOINT, training)
    if checkpoint.restore(state):
        print(f"this training was stopped: it resumes after epoch {len(state.epochs)}", flush=True)
        if writes:
            write_history(state)
    if writes and LOCK.is_file():  # DVC has deleted the outputs of the run that it records
        print("the last model, if any, comes back with: dvc checkout train calibrate", flush=True)
    started = time.monotonic() - state.seconds
    with tqdm(unit="step", disable=None, leave=False) as bar:

        def show_progress(step: int, steps: int) -> None:
            if step == 1:  # the bar restarts at each epoch
                bar.reset(total=steps)
            bar.update()

        def tell(epoch: Epoch) -> None:
            bar.clear()
            state.seconds = time.monotonic() - started
            if writes:
                write_history(state)
                checkpoint.save(state)
            rest = state.seconds / epoch.number * (settings.epochs - epoch.number)
            print(
                f"{describe(epoch)} | {duration(state.seconds)}, {duration(rest)} left at most",
                flush=True,
            )

        epochs = train(state, examples, valid_examples, settings, show_progress)
        train_until_no_better(state, epochs, settings.patience, tell)
    if len(state.epochs) < settings.epochs:
        print(f"stopped early: no better entity F1 on valid for {settings.patience} epochs")
    # benchmarks/sweep.py reads the time.
    print(f"kept the weights of epoch {state.best.number}; trained for {state.seconds:.0f} s")
    if not writes:
        print("the first worker writes the model")
        return
    trained = TrainedModel(
        model_settings.architecture,
        model_settings.chosen.model_dump(),
        vocabulary,
        named_weights(model),
    )
    with replacing(*OUTPUTS) as (weights_path, description_path, scores_path):
        model_files.save(trained, weights_path, description_path)
        rows = rows_of(state.best, len(state.epochs), model.count_params())
        write_csv(scores_path, ("split", "score", "value"), rows)
        inputs.check_unchanged(
            parameters_of(params.load().model, params.load().train),
            "undo this, and the next run writes the model; otherwise it trains another one",
        )
    checkpoint.forget()
    if recorded not in (None, digest(OUTPUTS[0])):
        print(
            "the weights are not those of dvc.lock, although code, data and parameters are: that"
            " run was on another kind of machine, with other libraries or another number of workers"
            " (docs/guarantees.md)"
        )


def parameters_of(model_settings: Model, settings: Train) -> dict[str, object]:
    """The parameters that the stage depends on, as in dvc.yaml."""
    return {
        "model.architecture": model_settings.architecture,
        f"model.{model_settings.architecture}": model_settings.chosen.model_dump(),
        "train": settings.model_dump(),
    }


def tell_what_is_cut(examples: list[Example], max_length: int) -> None:
    """Prints how many training sentences are cut because they are too long."""
    too_long = sum(len(example.character_ids) > max_length for example in examples)
    if too_long:
        print(
            f"{too_long} of {len(examples)} sentences of train are cut to {max_length} characters"
        )


def write_history(state: TrainingState) -> None:
    """Writes the finished epochs, so that `dvc plots show` draws a training that is under way."""
    rows = [row(epoch) for epoch in state.epochs]
    with replacing(HISTORY) as (path,):
        write_csv(path, [*rows[0]], rows)


def duration(seconds: float) -> str:
    """A time in seconds or minutes."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def describe(epoch: Epoch) -> str:
    """Describes an epoch in one line; accuracy is that of characters."""
    scores = (
        f"{split} loss {s['loss']:.4f} accuracy {s['accuracy']:.4f} entity F1 {s['entity_f1']:.4f}"
        for split, s in (("train", epoch.train), ("valid", epoch.valid))
    )
    return f"epoch {epoch.number}: " + " | ".join(scores)


def row(epoch: Epoch) -> dict[str, float]:
    """A row of metrics/history.csv."""
    train_columns = {f"train_{name}": value for name, value in epoch.train.items()}
    valid_columns = {f"valid_{name}": value for name, value in epoch.valid.items()}
    return {
        "epoch": epoch.number,
        "learning_rate": epoch.learning_rate,
        **train_columns,
        **valid_columns,
    }


def rows_of(kept: Epoch, epochs: int, parameters: int) -> list[dict[str, str | float]]:
    """The rows of metrics/training.csv."""
    of_split: dict[str, dict[str, float]] = {
        "training": {"epochs": epochs, "kept epoch": kept.number, "parameters": parameters},
        "train": kept.train,
        "valid": kept.valid,
    }
    return [
        {"split": split, "score": score.replace("_f1", " F1"), "value": value}
        for split, scores in of_split.items()
        for score, value in scores.items()
    ]


if __name__ == "__main__":
    run_stage(main)
