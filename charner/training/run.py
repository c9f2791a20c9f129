"""Runs a whole training: builds the model, trains it, reports and keeps each epoch."""

import time
from pathlib import Path

from tqdm import tqdm

from charner.encoding.examples import Example
from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.models.backend import make_repeatable, memory_errors
from charner.models.build import build
from charner.params import Model, Train
from charner.support.files import replacing, write_csv
from charner.support.kernels import kind_of_processor
from charner.training.batches import Batches
from charner.training.loop import train
from charner.training.state import Checkpoint, Epoch, TrainingState


@memory_errors()
def run(
    model_settings: Model,
    settings: Train,
    vocabulary: Vocabulary,
    vectors: WordVectors,
    examples: list[Example],
    valid_examples: list[Example],
    checkpoint: Checkpoint,
    history: Path,
) -> TrainingState:
    """Builds a model and trains it; one that was stopped goes on after its last epoch.

    Args:
        model_settings: the section `model` of params.yaml.
        settings: the section `train`.
        vocabulary: that of train.
        vectors: the word vectors that the model reads.
        examples: the sentences of train, in the order of the corpus.
        valid_examples: the sentences of valid.
        checkpoint: where the state is kept after each epoch.
        history: a CSV of the finished epochs, written after each of them.

    Returns:
        The last state; its model has the weights of the best epoch.

    Raises:
        DivergedError: the loss became NaN or infinite.
        MemoryError: the model does not fit into the memory.
    """
    make_repeatable(settings.seed)
    model = build(model_settings, vocabulary, vectors)
    batches = Batches(model, examples, settings)
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
    if checkpoint.restore(state):
        print(f"this training was stopped: it resumes after epoch {len(state.epochs)}", flush=True)
        write_history(state, history)
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
            write_history(state, history)
            checkpoint.save(state)
            rest = state.seconds / epoch.number * (epochs - epoch.number)
            times = f"{duration(state.seconds)}, {duration(rest)} left at most"
            print(f"{described(epoch)} | {times}", flush=True)
    if len(state.epochs) < epochs:
        print(f"stopped early: no better entity F1 on valid for {settings.patience} epochs")
    # benchmarks/sweep.py reads the time.
    print(f"kept the weights of epoch {state.best.number}; trained for {state.seconds:.0f} s")
    return state


def write_history(state: TrainingState, path: Path) -> None:
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
    with replacing(path) as partial:
        write_csv(partial, [*rows[0]], rows)


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def described(epoch: Epoch) -> str:
    """An epoch in one line; accuracy is that of characters."""
    scores = (
        f"{split} loss {s['loss']:.4f} accuracy {s['accuracy']:.4f} entity F1 {s['entity_f1']:.4f}"
        for split, s in (("train", epoch.train), ("valid", epoch.valid))
    )
    return f"epoch {epoch.number}: " + " | ".join(scores)
