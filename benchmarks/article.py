"""The article's training step as it is written, ours of the same model, and the default's.

First all three take turns, then the default trains until it is as good as the article's model.
Run it from the project's root, after the char_encode stage: python -m benchmarks.article
"""

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score

from charner import model, params
from charner.backend import keras, make_repeatable, tf
from charner.batching import bucket
from charner.encoding import load_examples
from charner.examples import Example
from charner.imbalance import class_weights
from charner.model_files import TrainedModel
from charner.token_tagger import TokenTagger
from charner.training import compile_train_step, train
from charner.variation import Augmentation
from charner.vocabulary import Vocabulary
from stages.evaluate import label_ids, tag

ENCODED = Path("data/encoded")
ROUNDS = 5
BATCH_SIZE = 128
EPOCHS = 20
MACRO_F1 = 0.64  # of characters, on test
ARTICLE = {
    "embedding_dim": 256,
    "lstm_units": 1024,
    "lstm_layers": 1,
    "bidirectional": False,
    "dropout": 0.0,
    "character_dropout": 0.0,
}

Step = Callable[[], int]  # trains on one batch and returns its characters, padding not counted


def as_written(examples: list[Example], vocabulary: Vocabulary) -> Step:
    """Shuffled sentences, padded to the batch's longest; stateful, by Keras' own training step."""
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


def ours(examples: list[Example], vocabulary: Vocabulary, settings: params.Params) -> Step:
    """A step as the train stage makes it."""
    network = model.build(settings.model, vocabulary)
    units = network.units(examples)
    targets = np.concatenate([network.target_ids(unit) for unit in units])
    optimizer = keras.optimizers.Adam(
        settings.train.learning_rate, use_ema=True, ema_momentum=settings.train.weight_average
    )
    optimizer.build(network.trainable_variables)
    weights = class_weights(targets, len(network.tags), settings.train.class_weight)
    train_step = compile_train_step(network, optimizer, weights, settings.train.clip_norm)
    generator = np.random.default_rng(1)
    augment = Augmentation(
        examples,
        vocabulary,
        settings.train.mention_replacement,
        settings.train.case_change,
        settings.train.mistyping,
        generator,
    )

    def batches() -> Iterator[list[list[Example]]]:
        while True:
            yield from bucket(units, network.row_length, settings.train.batch_size, generator)

    source = batches()

    def step() -> int:
        batch = [augment(unit) for unit in next(source)]
        inputs = network.encode(batch)
        (outputs,), _, _ = train_step([inputs])
        network.predictions(batch, inputs, outputs)
        return sum(len(example.character_ids) for unit in batch for example in unit)

    return step


def articles_settings(settings: params.Params) -> params.Params:
    """The same model as the article's, on the same text in batches of the same size."""
    return settings.model_copy(
        update={
            "model": settings.model.model_copy(
                update={"architecture": "char_lstm", "char_lstm": params.CharLstm(**ARTICLE)}
            ),
            "train": settings.train.model_copy(
                update={
                    "batch_size": BATCH_SIZE,
                    "mention_replacement": 0.0,
                    "case_change": 0.0,
                    "mistyping": 0.0,
                }
            ),
        }
    )


def compare(steps: dict[str, Step], characters: int) -> dict[str, float]:
    """Lets them take turns, prints a table and returns the seconds of an epoch of each."""
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
    print("| training step | characters a second | seconds an epoch | times as fast |")
    print("|---|---:|---:|---:|")
    for name, seconds in epochs.items():
        rate = characters / seconds
        print(f"| {name} | {rate:,.0f} | {seconds:,.0f} | {slowest / seconds:.1f} |", flush=True)
    return epochs


def seconds_to_macro_f1(
    examples: list[Example], vocabulary: Vocabulary, settings: params.Params
) -> float:
    """How long the default trains until it is as good, told at the end of an epoch."""
    valid = load_examples(ENCODED / "valid.parquet")
    test = load_examples(ENCODED / "test.parquet")
    network = model.build(settings.model, vocabulary)
    scoring, started = 0.0, time.perf_counter()
    for epoch in train(network, examples, valid, settings.train):
        trained = time.perf_counter()
        tagger = TokenTagger(TrainedModel(settings.model, vocabulary, model.named_weights(network)))
        f1 = f1_score(*label_ids(test, tag(tagger, test), vocabulary), average="macro")
        print(f"epoch {epoch.number}: {trained - started - scoring:.0f} s, macro F1 {f1:.4f}")
        if f1 >= MACRO_F1:
            break
        scoring += time.perf_counter() - trained
    return trained - started - scoring


def main() -> None:
    settings = params.load()
    vocabulary = Vocabulary.load(ENCODED / "vocabulary.json")
    examples = load_examples(ENCODED / "train.parquet")
    written = as_written(examples, vocabulary)
    make_repeatable(settings.train.seed)
    steps = {
        "the article's, as written": written,
        "ours of the same model": ours(examples, vocabulary, articles_settings(settings)),
        "ours of the default model": ours(examples, vocabulary, settings),
    }
    characters = sum(len(example.character_ids) for example in examples)
    seconds = compare(steps, characters)
    theirs = EPOCHS * seconds["the article's, as written"]
    own = seconds_to_macro_f1(examples, vocabulary, settings)
    print(
        f"macro F1 {MACRO_F1} on test: the article's {EPOCHS} epochs take {theirs:,.0f} s,"
        f" the default {own:.0f} s: {theirs / own:.0f} times sooner"
    )


if __name__ == "__main__":
    main()
