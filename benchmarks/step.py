"""Speed of training: the article's step, ours with its model, the default's, and variants of it.

They are timed in turn. Run it from the project's root, after the char_encode stage, with nothing
else running: python -m benchmarks.step
"""

import statistics
import time
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from charner import params
from charner.encoding.examples import Example
from charner.encoding.model_files import VECTORS_FILE
from charner.encoding.parquet import load_examples
from charner.encoding.vocabulary import Vocabulary
from charner.encoding.word_vectors import WordVectors
from charner.models.architecture import Architecture
from charner.models.backend import keras, make_repeatable, tf
from charner.models.build import build
from charner.params import CharLstmSettings, Model, Train
from charner.training.batches import Batches
from charner.training.loop import train
from charner.training.state import TrainingState

ENCODED = Path("data/encoded")
ROUNDS = 5
SECONDS = 10.0  # of each in a round
ops = keras.ops

BATCH_SIZE = 128  # the article's
ARTICLE: dict[str, Any] = {
    "architecture": "char_lstm",
    "char_lstm": CharLstmSettings(
        embedding_dim=256,
        lstm_units=1024,
        lstm_layers=1,
        bidirectional=False,
        dropout=0.0,
        character_dropout=0.0,
    ),
}
ARTICLE_TRAIN = {
    "batch_size": BATCH_SIZE,
    "min_steps": 1,
    "passes_without_vectors": 1,
    "case_change": 0.0,
    "tokens_with_typo": 0.0,
}
CHARACTER_LSTM = {"filter_widths": [], "character_lstm_units": 32}  # of `make character_lstm`


def characters_of(examples: list[Example]) -> int:
    """The number of characters, with the spaces between tokens."""
    return sum(len(" ".join(example.tokens)) for example in examples)


def as_written(examples: list[Example], vocabulary: Vocabulary) -> float:
    """Characters per second of the article's step: stateful, shuffled, each batch padded."""
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
    rows = [
        (vocabulary.encode_characters(e.tokens), vocabulary.encode_labels(e.tokens, e.tags))
        for e in examples
    ]
    signature = (tf.TensorSpec((None,), tf.int32),) * 2
    batches = iter(
        tf.data.Dataset.from_generator(lambda: iter(rows), output_signature=signature)
        .shuffle(len(rows))
        .padded_batch(BATCH_SIZE, padded_shapes=([None], [None]), drop_remainder=True)
        .repeat()
    )
    network.train_on_batch(*next(batches))  # compiles
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        characters, labels = next(batches)
        network.train_on_batch(characters, labels)
        count += int(np.count_nonzero(characters))
    return count / (time.perf_counter() - started)


class EnoughError(Exception):
    """Ends a training."""


def as_trained(
    examples: list[Example],
    vocabulary: Vocabulary,
    vectors: WordVectors,
    model_settings: Model,
    settings: Train,
) -> float:
    """Characters per second of the train stage."""
    model = build(model_settings, vocabulary, vectors)
    encode = model.encode
    counts, times = [], []

    def counting(chunks: list[list[Example]]) -> dict[str, np.ndarray]:
        counts.append(sum(map(characters_of, chunks)))
        return encode(chunks)

    def on_step(done: int, steps: int) -> None:
        times.append(time.perf_counter())
        if times[-1] - times[0] > SECONDS:
            raise EnoughError

    state, batches = TrainingState.start(model, settings), Batches(model, examples, settings)
    with patch.object(model, "encode", counting), suppress(EnoughError):
        next(train(state, batches, examples[:1], settings, on_step))
    # The first is empty, and the first step compiles; batches are encoded before they are read.
    return sum(counts[2 : len(times) + 1]) / (times[-1] - times[0])


def at_the_limit(model: Architecture, examples: list[Example], settings: Train) -> float:
    """Characters per second if a step were its matrix products alone, at the rate of large ones.

    These are the products of the LSTM and the convolutions with their weights, which take two more
    products each for their gradients.
    """
    batches = Batches(model, examples, settings).draw(np.random.default_rng(settings.seed))
    operations, characters = 0, 0
    weights = model.named_weights()
    for batch in batches:
        inputs = model.encode(batch.chunks)
        distinct, longest = inputs["characters"].shape
        times = {"recurrent": inputs["tokens"].size, "lstm": distinct, "conv": distinct * longest}
        for name, weight in weights.items():
            kind = next((kind for kind in times if kind in name and weight.ndim > 1), None)
            operations += 3 * 2 * weight.size * times[kind] if kind else 0
        characters += sum(map(characters_of, batch.chunks))
    large = np.ones((4000, 4000), np.float32)
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        large @ large
        seconds.append(time.perf_counter() - started)
    return characters / (operations * min(seconds) / (2 * large.size * len(large)))


class KerasLstm(keras.layers.Layer):
    """Keras' LSTM layer with the interface of ours."""

    def __init__(self, units: int, bidirectional: bool, name: str):
        super().__init__(name=name)
        layer = keras.layers.LSTM(units, return_sequences=True)
        self._layer = keras.layers.Bidirectional(layer) if bidirectional else layer

    def call(self, inputs, mask):
        return self._layer(joined(inputs, mask), mask=mask)


class NoLstm(keras.layers.Layer):
    """A dense layer with the same number of outputs as the LSTM."""

    def __init__(self, units: int, bidirectional: bool, name: str):
        super().__init__(name=name)
        self._layer = keras.layers.Dense(units * (1 + bidirectional))

    def call(self, inputs, mask):
        return self._layer(joined(inputs, mask))


def joined(parts: list, mask: Any) -> Any:
    """The values at each position, (rows, positions, values), from what our LSTM reads."""
    of_parts = [
        ops.take(part[0], ops.broadcast_to(part[1], ops.shape(mask)), axis=0)
        if isinstance(part, tuple)
        else part
        for part in parts
    ]
    return ops.concatenate(of_parts, axis=-1)


def cross_entropy(crf, scores, tag_ids):
    """Replaces the CRF: each tag is predicted alone."""
    of_tags = ops.take_along_axis(ops.log_softmax(scores), tag_ids[..., None], axis=-1)
    return unused(crf) - ops.sum(of_tags[..., 0], axis=1)


def no_characters(model, inputs, training):
    """Replaces the character CNN: token embeddings only."""
    vectors = model.tokens(inputs["token_ids"])
    width = model.settings.filters * len(model.settings.filter_widths) + model.vectors.dimensions
    return ops.pad(vectors, [[0, 0], [width, 0]])


def unused(*layers: Any) -> Any:
    """0, but with gradients: the training step needs one for each weight."""
    return 0 * sum(ops.sum(weight) for layer in layers for weight in layer.trainable_weights)


PARTS = {
    "with Keras' LSTM layer": ("Lstm", KerasLstm),
    "without the LSTM (a dense layer in its place)": ("Lstm", NoLstm),
    "without the CRF (each tag predicted alone)": ("Crf.call", cross_entropy),
    "without characters (token embeddings only)": ("CnnLstmCrf._token_vectors", no_characters),
}


def main() -> None:
    loaded = params.load()
    default, settings = loaded.model, loaded.train
    vocabulary = Vocabulary.load(ENCODED / "vocabulary.json")
    vectors = WordVectors.load(ENCODED / VECTORS_FILE)
    examples = load_examples(ENCODED / "train.parquet")
    make_repeatable(settings.seed)
    character_lstm = default.cnn_lstm_crf.model_copy(update=CHARACTER_LSTM)
    models = {
        "ours, the article's model": default.model_copy(update=ARTICLE),
        "the default's": default,
        **dict.fromkeys(PARTS, default),
        "with an LSTM over the characters in place of the CNN": default.model_copy(
            update={"cnn_lstm_crf": character_lstm}
        ),
    }
    rates: dict[str, list[float]] = {"the article's, as written": [], **{m: [] for m in models}}
    for number in range(ROUNDS):
        rates["the article's, as written"].append(as_written(examples, vocabulary))
        for name, model_settings in models.items():
            changes = ARTICLE_TRAIN if model_settings.architecture == "char_lstm" else {}
            settings = loaded.train.model_copy(update={"seed": number, **changes})
            part, other = PARTS.get(name, ("", None))
            target = f"charner.models.cnn_lstm_crf.{part}"
            with patch(target, other) if other else nullcontext():
                rates[name].append(
                    as_trained(examples, vocabulary, vectors, model_settings, settings)
                )
    model = build(default, vocabulary, vectors)
    rates["the default's matrix products alone"] = [at_the_limit(model, examples, loaded.train)]
    characters = characters_of(examples)
    print("| training step | characters per second | seconds per epoch |\n|---|---:|---:|")
    for name, rounds in rates.items():
        rate = statistics.median(rounds)
        print(f"| {name} | {rate:,.0f} | {characters / rate:,.0f} |")


if __name__ == "__main__":
    main()
