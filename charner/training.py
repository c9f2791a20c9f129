"""The training loop: a generator that yields what happened in each epoch."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from charner.backend import keras, tf
from charner.batching import Example, bucket, dataset
from charner.decoding import Decoder
from charner.encoding import PAD
from charner.imbalance import class_weights, draw_repeats, repeat_factors
from charner.params import Train
from charner.prediction import Predictor, log_probabilities, with_examples
from charner.scoring import DIGITS, EntityScores


@dataclass
class RunningScores:
    """Loss, accuracy and entity F1 of the sentences shown so far."""

    decoder: Decoder
    characters: int = 0
    correct: int = 0
    loss_sum: float = 0.0
    entities: EntityScores = field(default_factory=EntityScores)

    def add(self, example: Example, log_probabilities: np.ndarray) -> None:
        """Takes in one sentence; `log_probabilities` are (characters, labels without PAD)."""
        labels = example.label_ids - 1  # PAD has no column
        self.characters += len(labels)
        self.correct += int((log_probabilities.argmax(axis=1) == labels).sum())
        self.loss_sum -= float(log_probabilities[np.arange(len(labels)), labels].sum())
        tags = self.decoder.tags(log_probabilities, example.token_lengths)
        self.entities.add(example.tags, tags)

    def as_dict(self) -> dict[str, float]:
        """`loss` (nats a character, labels unweighted), `accuracy` and `entity_f1`."""
        return {
            "loss": round(self.loss_sum / self.characters, DIGITS),
            "accuracy": round(self.correct / self.characters, DIGITS),
            "entity_f1": round(self.entities.all.f1, DIGITS),
        }


@dataclass(frozen=True)
class Epoch:
    """What one pass over train gave; train is scored while it trains, so with dropout."""

    number: int
    learning_rate: float  # of its last step
    train: dict[str, float]
    valid: dict[str, float]


def train(
    model: keras.Model,
    train_examples: list[Example],
    valid_examples: list[Example],
    labels: list[str],
    settings: Train,
    on_step: Callable[[int, int], None] = lambda done, steps: None,
) -> Iterator[Epoch]:
    """Trains the model in place, and yields after each epoch; stop when you have seen enough.

    Under a `tf.distribute` strategy, build the model and call this in its scope: a batch is then
    split over the replicas, with the same result as on one.

    Args:
        labels: of all label ids, PAD first.
        on_step: called after each step with the steps done and all steps of this epoch.
    """
    generator = np.random.default_rng(settings.seed)
    examples = [example.cut(settings.max_length) for example in train_examples]
    lengths = np.array([len(example.character_ids) for example in examples])
    sentence_labels = [example.label_ids for example in examples]
    factors = repeat_factors(sentence_labels, settings.oversample_threshold)
    weights = class_weights(np.concatenate(sentence_labels), len(labels), settings.class_weight)

    optimizer = keras.optimizers.Adam(settings.learning_rate)
    optimizer.build(model.trainable_variables)
    step = compile_train_step(model, optimizer, weights, settings.clip_norm)
    predict = Predictor(model, settings.batch_size)
    decoder = Decoder(labels[1:])
    strategy = tf.distribute.get_strategy()

    for number in range(1, settings.epochs + 1):
        drawn = draw_repeats(factors, generator)
        batches = [drawn[b] for b in bucket(lengths[drawn], settings.batch_size, generator)]
        train_scores, valid_scores = RunningScores(decoder), RunningScores(decoder)
        elements = strategy.experimental_distribute_dataset(dataset(examples, batches))
        for done, element in enumerate(elements, start=1):
            epochs_done = number - 1 + done / len(batches)
            rate = learning_rate(epochs_done, settings)
            optimizer.learning_rate = rate
            for example, scores in with_examples(examples, *step(element)):
                train_scores.add(example, scores)
            on_step(done, len(batches))
        for example, scores in predict(valid_examples):
            valid_scores.add(example, scores)
        yield Epoch(
            number, float(f"{rate:.{DIGITS}g}"), train_scores.as_dict(), valid_scores.as_dict()
        )


def learning_rate(epochs_done: float, settings: Train) -> float:
    """The rate of the step after which `epochs_done` epochs are done, fractions counted.

    It rises in proportion during the first `warmup_epochs`; then it is constant, or falls to 0
    as a cosine (Loshchilov and Hutter 2017, "SGDR", without restarts).
    """
    if epochs_done < settings.warmup_epochs:
        return settings.learning_rate * epochs_done / settings.warmup_epochs
    if settings.learning_rate_schedule == "constant":
        return settings.learning_rate
    progress = (epochs_done - settings.warmup_epochs) / (settings.epochs - settings.warmup_epochs)
    return settings.learning_rate * (1 + math.cos(math.pi * progress)) / 2


def compile_train_step(
    model: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    class_weights: np.ndarray,
    clip_norm: float | None,
) -> Callable[[tuple], tuple[tf.Tensor, tf.Tensor]]:
    """A compiled function that takes one element of `batching.dataset` and trains on it.

    The loss is the mean of the characters' cross-entropies, each weighted by its label's class
    weight, over the whole batch however many replicas share it. The function returns the element's
    positions and the log-probabilities (sentences, characters, labels without PAD) that it had.
    """
    strategy = tf.distribute.get_strategy()
    weight_of_label = tf.constant(class_weights)
    variables = model.trainable_variables

    def replica_step(positions, character_ids, label_ids):
        replica = tf.distribute.get_replica_context()
        weights = tf.gather(weight_of_label, label_ids)
        weight_sum = replica.all_reduce("SUM", tf.reduce_sum(weights))
        is_label = label_ids != PAD
        with tf.GradientTape() as tape:
            logits = model(character_ids, training=True)
            losses = keras.losses.sparse_categorical_crossentropy(
                tf.where(is_label, label_ids - 1, 0), logits[..., 1:], from_logits=True
            )
            loss = tf.reduce_sum(losses * weights) / weight_sum
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, variables)]
        gradients = replica.all_reduce("SUM", gradients)
        if clip_norm is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, clip_norm)
        # The optimizer sums over replicas once more.
        gradients = [gradient / strategy.num_replicas_in_sync for gradient in gradients]
        optimizer.apply(gradients, variables)
        return positions, log_probabilities(logits)

    @tf.function(reduce_retracing=True)
    def step(element):
        positions, scores = strategy.run(replica_step, args=element)
        return strategy.gather(positions, axis=0), strategy.gather(scores, axis=0)

    return step
