"""Training speed: the article's step as written, ours with the same model, and the default's.

The three steps are timed in turn. Then the default is trained until its macro F1 is that of the
article's model. Run it from the project's root, after the char_encode stage:
python -m benchmarks.article
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score

from charner import params
from charner.encoding.examples import Example
from charner.encoding.model_files import TrainedModel
from charner.encoding.parquet import load_examples
from charner.encoding.vocabulary import Vocabulary
from charner.evaluation.scores import character_labels
from charner.inference.token_tagger import TokenTagger
from charner.models.backend import keras, make_repeatable, tf
from charner.models.build import build, named_weights
from charner.params import CharLstmSettings, Model, Train
from charner.training.augmentation import Augmentation
from charner.training.batching import bucket
from charner.training.class_balance import class_weights
from charner.training.loop import train
from charner.training.predictor import predictions
from charner.training.state import TrainingState
from charner.training.step import compile_train_step

ENCODED = Path("data/encoded")
ROUNDS = 5
BATCH_SIZE = 128
EPOCHS = 20
MACRO_F1 = 0.64  # of characters, on test
ARTICLE = CharLstmSettings(
    embedding_dim=256,
    lstm_units=1024,
    lstm_layers=1,
    bidirectional=False,
    dropout=0.0,
    character_dropout=0.0,
)

Step = Callable[[], int]  # trains on one batch and returns its characters, padding not counted


def as_written(examples: list[Example], vocabulary: Vocabulary) -> Step:
    """The article's step: shuffled sentences, padded per batch; stateful; Keras' training step."""
    network = keras.Sequential(
        [
            keras.layers.Input(batch_shape=(BATCH_SIZE, None), dtype="int32"),
            keras.layers.Embedding(len(vocabulary.characters), 256, mask_zero=True),
            keras.layers.LSTM(
                1024,
                return_sequences=True,
                stateful=True,
                recurrent_initializer="glorot_uniform",
            ),
            keras.layers.Dense(len(vocabulary.labels)),
        ]
    )
    network.compile(
        optimizer="adam",
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy()],
    )
    rows = [(example.character_ids, example.label_ids) for example in examples]
    signature = (tf.TensorSpec((None,), tf.int32),) * 2
    series = tf.data.Dataset.from_generator(lambda: iter(rows), output_signature=signature)
    batches = iter(
        series.shuffle(len(rows), seed=1)
        .padded_batch(BATCH_SIZE, padded_shapes=([None], [None]), drop_remainder=True)
        .repeat()
    )

    def step() -> int:
        characters, labels = next(batches)
        network.train_on_batch(characters, labels)
        return int(np.count_nonzero(characters))

    return step


def ours(
    examples: list[Example], vocabulary: Vocabulary, model_settings: Model, settings: Train
) -> Step:
    """The step of the train stage."""
    model = build(model_settings, vocabulary)
    chunks = model.chunks(examples)
    targets = np.concatenate([model.target_ids(chunk) for chunk in chunks])
    optimizer = keras.optimizers.Adam(settings.learning_rate)
    optimizer.build(model.trainable_variables)
    weights = class_weights(targets, len(model.tags), settings.class_weight)
    train_step = compile_train_step(model, optimizer, weights, settings.clip_norm)
    generator = np.random.default_rng(1)
    augment = Augmentation(
        examples,
        vocabulary,
        settings.mention_replacement,
        settings.case_change,
        settings.tokens_with_typo,
        generator,
    )

    def batches() -> Iterator[list[list[Example]]]:
        while True:
            yield from bucket(chunks, model.row_length, settings.batch_size, generator)

    source = batches()

    def step() -> int:
        batch = [augment(chunk) for chunk in next(source)]
        inputs = model.encode(batch)
        (outputs,), _, _ = train_step([inputs])
        predictions(model, batch, inputs, outputs)
        return sum(len(example.character_ids) for chunk in batch for example in chunk)

    return step


def articles_settings(model_settings: Model, settings: Train) -> tuple[Model, Train]:
    """The settings of the article's model, its batch size, and no augmentation."""
    return (
        model_settings.model_copy(update={"architecture": "char_lstm", "char_lstm": ARTICLE}),
        settings.model_copy(
            update={
                "batch_size": BATCH_SIZE,
                "mention_replacement": 0.0,
                "case_change": 0.0,
                "tokens_with_typo": 0.0,
            }
        ),
    )


def compare(steps: dict[str, Step], characters: int) -> dict[str, float]:
    """Times the steps in turn, prints a table and returns the seconds per epoch of each."""
    rates: dict[str, list[float]] = {name: [] for name in steps}
    for step in steps.values():
        step()  # compiles
    for _ in range(ROUNDS):
        for name, step in steps.items():
            done, started = 0, time.perf_counter()
            while time.perf_counter() - started < 5 or not done:
                done += step()
            rates[name].append(done / (time.perf_counter() - started))
    epochs = {name: characters / statistics.median(rate) for name, rate in rates.items()}
    slowest = max(epochs.values())
    print("| training step | characters per second | seconds per epoch | speed-up |")
    print("|---|---:|---:|---:|")
    for name, seconds in epochs.items():
        rate = characters / seconds
        print(f"| {name} | {rate:,.0f} | {seconds:,.0f} | {slowest / seconds:.1f} |", flush=True)
    return epochs


def seconds_to_macro_f1(
    examples: list[Example], vocabulary: Vocabulary, model_settings: Model, settings: Train
) -> float:
    """The seconds of training until the default reaches MACRO_F1 at the end of an epoch.

    Ends the program if it never does.
    """
    valid = load_examples(ENCODED / "valid.parquet")
    test = load_examples(ENCODED / "test.parquet")
    model = build(model_settings, vocabulary)
    scoring, started = 0.0, time.perf_counter()
    state = TrainingState.start(model, settings)
    for epoch in train(state, examples, valid, settings):
        epoch_ended = time.perf_counter()
        seconds = epoch_ended - started - scoring
        trained = TrainedModel(
            model_settings.architecture,
            model_settings.chosen.model_dump(),
            vocabulary,
            named_weights(model),
        )
        tagged = TokenTagger(trained).tag_examples(test)
        f1 = f1_score(*character_labels(test, tagged, vocabulary), average="macro")
        print(f"epoch {epoch.number}: {seconds:.0f} s, macro F1 {f1:.4f}", flush=True)
        if f1 >= MACRO_F1:
            return seconds
        scoring += time.perf_counter() - epoch_ended
    sys.exit(f"the default did not reach a macro F1 of {MACRO_F1}")


def main() -> None:
    loaded = params.load()
    model_settings, settings = loaded.model, loaded.train
    vocabulary = Vocabulary.load(ENCODED / "vocabulary.json")
    examples = load_examples(ENCODED / "train.parquet")
    written = as_written(examples, vocabulary)
    make_repeatable(settings.seed, settings.threads)
    steps = {
        "the article's, as written": written,
        "ours, the article's model": ours(
            examples, vocabulary, *articles_settings(model_settings, settings)
        ),
        "ours, the default model": ours(examples, vocabulary, model_settings, settings),
    }
    characters = sum(len(example.character_ids) for example in examples)
    seconds = compare(steps, characters)
    theirs = EPOCHS * seconds["the article's, as written"]
    own = seconds_to_macro_f1(examples, vocabulary, model_settings, settings)
    print(
        f"macro F1 {MACRO_F1} on test: the article's {EPOCHS} epochs take {theirs:,.0f} s,"
        f" the default {own:.0f} s: {theirs / own:.0f} times faster"
    )


if __name__ == "__main__":
    main()
