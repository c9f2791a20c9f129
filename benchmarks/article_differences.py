"""What each difference from the article's training is worth: three epochs with one thing its way.

The article's model on CoNLL-2003. Scores are the accuracy of valid's characters after each epoch.
Run it from the project's root, after the char_encode stage:

    python -m benchmarks.article_differences
    python -m benchmarks.article_differences --only "glorot recurrent weights"
"""

import argparse
import time
from typing import Any, NamedTuple

import numpy as np

from benchmarks.article import ARTICLE, BATCH_SIZE, ENCODED
from charner.encoding.examples import Example
from charner.encoding.padding import pad
from charner.encoding.parquet import load_examples
from charner.encoding.vocabulary import Vocabulary
from charner.models.backend import keras, make_repeatable, tf
from charner.models.char_lstm import CharLstm
from charner.tags.schemes import PAD
from charner.training.batching import bucket

EPOCHS = 3


class Way(NamedTuple):
    """How the model is trained; the default is this project's way."""

    stateful: bool = False
    sorted_by_length: bool = True
    glorot: bool = False
    loss_over_padding: bool = False


WAYS = {
    "this project's training": Way(),
    "`stateful=True`": Way(stateful=True),
    "batches not sorted by length": Way(sorted_by_length=False),
    "glorot recurrent weights": Way(glorot=True),
    "loss averaged over padding": Way(loss_over_padding=True),
}
PARTS = 4  # of a batch that is not sorted: each is padded to its own longest sentence


class StatefulLstm(keras.layers.LSTM):
    """Keras' own layer: a row of a batch starts with the last state of the row before it."""

    def __call__(self, inputs: Any, mask: Any) -> Any:
        return super().__call__(inputs, mask=mask)


def build(vocabulary: Vocabulary, way: Way) -> CharLstm:
    """The article's model, untrained."""
    model = CharLstm(ARTICLE, vocabulary)
    if way.stateful:
        model.lstms = [StatefulLstm(ARTICLE.lstm_units, return_sequences=True, stateful=True)]
        model.built = True  # Keras would trace the call, which fails where there is a state
    model({"characters": np.full((BATCH_SIZE, 1), PAD, np.int32)})  # creates the weights
    if way.glorot:
        (recurrent,) = (w for w in model.lstms[0].weights if "recurrent" in w.name)
        recurrent.assign(keras.initializers.GlorotUniform(seed=1)(recurrent.shape))
    return model


def batches(
    examples: list[Example], way: Way, generator: np.random.Generator
) -> list[list[Example]]:
    """All sentences in shuffled batches of 128."""
    if way.sorted_by_length:
        chunks = [[example] for example in examples]
        grouped = bucket(chunks, lambda c: len(c[0].character_ids), BATCH_SIZE, generator)
        return [[example for chunk in batch for example in chunk] for batch in grouped]
    shuffled = [examples[position] for position in generator.permutation(len(examples))]
    return [shuffled[start : start + BATCH_SIZE] for start in range(0, len(shuffled), BATCH_SIZE)]


def encoded(batch: list[Example], way: Way) -> list[tuple[np.ndarray, np.ndarray]]:
    """The ids of characters and labels of a batch.

    One that is not sorted comes in parts of similar length, which take less time. One whose rows
    have a state gets empty rows until it is full.
    """
    if not way.sorted_by_length:
        batch = sorted(batch, key=lambda example: len(example.character_ids))
    size = -(-len(batch) // (1 if way.sorted_by_length else PARTS))
    empty = [np.zeros(0, np.int32)] * (BATCH_SIZE - len(batch) if way.stateful else 0)
    return [
        (
            pad([example.character_ids for example in batch[start : start + size]] + empty),
            pad([example.label_ids for example in batch[start : start + size]] + empty),
        )
        for start in range(0, len(batch), size)
    ]


def accuracies(
    examples: list[Example], valid: list[Example], vocabulary: Vocabulary, way: Way
) -> list[float]:
    """Trains the model; returns its accuracy on valid after each epoch."""
    make_repeatable(1, 2)
    model = build(vocabulary, way)
    optimizer = keras.optimizers.Adam()
    variables = model.trainable_variables
    optimizer.build(variables)
    ids = tf.TensorSpec((BATCH_SIZE if way.stateful else None, None), tf.int32)

    @tf.function(input_signature=[ids, ids, tf.TensorSpec((), tf.float32)])
    def gradients(characters, labels, count):
        with tf.GradientTape() as tape:
            outputs = model({"characters": characters}, training=True)
            losses = -tf.gather(outputs, labels, batch_dims=2)
            loss = tf.reduce_sum(losses * tf.cast(labels != PAD, losses.dtype)) / count
        return [tf.convert_to_tensor(gradient) for gradient in tape.gradient(loss, variables)]

    @tf.function(input_signature=[ids, ids])
    def count_correct(characters, labels):
        predicted = tf.argmax(model({"characters": characters}), axis=-1, output_type=tf.int32)
        return tf.math.count_nonzero((predicted == labels) & (labels != PAD))

    def train(batch: list[Example]) -> None:
        parts = encoded(batch, way)
        count = sum(
            labels.size if way.loss_over_padding else np.count_nonzero(labels != PAD)
            for _, labels in parts
        )
        of_parts = [gradients(*part, np.float32(count)) for part in parts]
        optimizer.apply([tf.add_n(found) for found in zip(*of_parts, strict=True)], variables)

    generator = np.random.default_rng(1)
    characters = sum(len(example.character_ids) for example in valid)
    found = []
    for _ in range(EPOCHS):
        for batch in batches(examples, way, generator):
            train(batch)
        parts = [part for batch in batches(valid, way, generator) for part in encoded(batch, way)]
        correct = sum(int(count_correct(*part)) for part in parts)
        found.append(correct / characters)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", nargs="+", choices=[*WAYS], default=[*WAYS], metavar="ROW")
    only = parser.parse_args().only
    vocabulary = Vocabulary.load(ENCODED / "vocabulary.json")
    examples, valid = (load_examples(ENCODED / f"{s}.parquet") for s in ("train", "valid"))
    print(f"| | {' | '.join(f'epoch {number}' for number in range(1, EPOCHS + 1))} | seconds |")
    print(f"|---|{'---:|' * EPOCHS}---:|", flush=True)
    for name in only:
        started = time.perf_counter()
        scores = accuracies(examples, valid, vocabulary, WAYS[name])
        seconds = time.perf_counter() - started
        cells = " | ".join(f"{score:.4f}" for score in scores)
        print(f"| {name} | {cells} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
