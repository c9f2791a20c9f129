"""The training loop: a generator that yields what happened in each epoch."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from charner.backend import keras, tf
from charner.batching import bucket
from charner.errors import InputError
from charner.examples import Example, Prediction
from charner.imbalance import class_weights, draw_repeats, repeat_factors
from charner.model import Architecture
from charner.params import Train
from charner.prediction import Predictor, input_signature
from charner.scoring import DIGITS, EntityScores
from charner.variation import Augmentation


@dataclass
class RunningScores:
    """Loss, accuracy and entity F1 of the sentences shown so far."""

    characters: int = 0
    correct: int = 0
    loss_sum: float = 0.0
    weight: float = 0.0
    entities: EntityScores = field(default_factory=EntityScores)

    def add_loss(self, loss_sum: float, weight: float) -> None:
        """Takes in a batch's loss, and how much it weighs.

        Raises:
            InputError: the loss is no number any more.
        """
        if not math.isfinite(loss_sum):
            raise InputError("the loss is no number any more; try a smaller train.learning_rate")
        self.loss_sum += float(loss_sum)
        self.weight += float(weight)

    def add(self, predictions: list[Prediction]) -> None:
        """Takes in what the model said of some sentences."""
        for prediction in predictions:
            example = prediction.example
            self.characters += len(example.label_ids)
            self.correct += int((prediction.label_ids == example.label_ids).sum())
            self.entities.add(example.tags, prediction.tags)

    def as_dict(self) -> dict[str, float]:
        """`loss` (nats; a character, or a token), `accuracy` of characters and `entity_f1`."""
        return {
            "loss": round(self.loss_sum / self.weight, DIGITS),
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
    model: Architecture,
    train_examples: list[Example],
    valid_examples: list[Example],
    settings: Train,
    on_step: Callable[[int, int], None] = lambda done, steps: None,
) -> Iterator[Epoch]:
    """Trains the model in place, and yields after each epoch; stop when you have seen enough.

    While an epoch is yielded, the model has the weights that valid was scored with: the average of
    those after each step, each step's share falling by `weight_average` with every later one.

    Under a `tf.distribute` strategy, build the model and call this in its scope: a batch is then
    divided among the replicas, with the same result as on one.

    Args:
        on_step: called after each step with the steps done and all steps of this epoch.

    Raises:
        InputError: the loss is no number any more.
    """
    generator = np.random.default_rng(settings.seed)
    augment = Augmentation(
        train_examples,
        model.vocabulary,
        settings.mention_replacement,
        settings.case_change,
        settings.mistyping,
        generator,
    )
    units = model.units(train_examples)
    model.adapt(units)
    targets = [model.target_ids(unit) for unit in units]
    factors = repeat_factors(targets, settings.oversample_threshold)
    weights = class_weights(np.concatenate(targets), len(model.tags), settings.class_weight)

    optimizer = keras.optimizers.Adam(
        settings.learning_rate, use_ema=True, ema_momentum=settings.weight_average
    )
    optimizer.build(model.trainable_variables)
    step = compile_train_step(model, optimizer, weights, settings.clip_norm)
    predict = Predictor(model, settings.batch_size, weights)
    replicas = tf.distribute.get_strategy().num_replicas_in_sync

    for number in range(1, settings.epochs + 1):
        drawn = [units[position] for position in draw_repeats(factors, generator)]
        batches = bucket(drawn, model.row_length, settings.batch_size, generator)
        train_scores = RunningScores()
        for done, batch in enumerate(batches, start=1):
            rate = learning_rate((number - 1 + done / len(batches)) / settings.epochs, settings)
            optimizer.learning_rate = rate
            written = [[e.cut(settings.max_length) for e in augment(unit)] for unit in batch]
            parts = [written[replica::replicas] for replica in range(replicas)]
            inputs = [model.encode(part) for part in parts]
            outputs, loss_sum, weight = step(inputs)
            train_scores.add_loss(loss_sum, weight)
            for part in zip(parts, inputs, outputs, strict=True):
                train_scores.add(model.predictions(*part))
            on_step(done, len(batches))

        current_weights = model.get_weights()
        optimizer.finalize_variable_values(model.trainable_variables)
        valid_scores = RunningScores()
        for predictions, loss_sum, weight in predict(valid_examples):
            valid_scores.add_loss(loss_sum, weight)
            valid_scores.add(predictions)
        yield Epoch(
            number, float(f"{rate:.{DIGITS}g}"), train_scores.as_dict(), valid_scores.as_dict()
        )
        model.set_weights(current_weights)


def learning_rate(done: float, settings: Train) -> float:
    """The rate of the step after which this share of the training is done.

    It rises in proportion during `warmup`; then it is constant, or falls to 0 as a cosine
    (Loshchilov and Hutter 2017, "SGDR", without restarts).
    """
    if done < settings.warmup:
        return settings.learning_rate * done / settings.warmup
    if settings.learning_rate_schedule == "constant":
        return settings.learning_rate
    progress = (done - settings.warmup) / (1 - settings.warmup)
    return settings.learning_rate * (1 + math.cos(math.pi * progress)) / 2


def compile_train_step(
    model: Architecture,
    optimizer: keras.optimizers.Optimizer,
    tag_weights: np.ndarray,
    clip_norm: float | None,
) -> Callable[[list[dict]], tuple[list, float, float]]:
    """A compiled function that trains on one batch.

    It takes the input of each replica. The loss is the weighted mean over the whole batch, however
    many replicas share it. It returns each replica's outputs, and the two sums of
    `loss_and_weight` over all of them.
    """
    strategy = tf.distribute.get_strategy()
    variables = model.trainable_variables

    def replica_step(inputs_of_replicas):
        replica = tf.distribute.get_replica_context()
        inputs = inputs_of_replicas[tf.get_static_value(replica.replica_id_in_sync_group)]
        with tf.GradientTape() as tape:
            outputs = model(inputs, training=True)
            loss_sum, weight = model.loss_and_weight(inputs, outputs, tag_weights)
            weight = replica.all_reduce("SUM", weight)
            loss = loss_sum / weight
        gradients = [tf.convert_to_tensor(g) for g in tape.gradient(loss, variables)]
        gradients = replica.all_reduce("SUM", gradients)
        if clip_norm is not None:
            gradients, _ = tf.clip_by_global_norm(gradients, clip_norm)
        # The optimizer sums over replicas once more.
        gradients = [gradient / strategy.num_replicas_in_sync for gradient in gradients]
        optimizer.apply(gradients, variables)
        return outputs, replica.all_reduce("SUM", loss_sum), weight

    @tf.function(input_signature=[[input_signature(model)] * strategy.num_replicas_in_sync])
    def step(inputs):
        results = strategy.run(replica_step, args=(inputs,))
        outputs, loss_sums, weights = map(strategy.experimental_local_results, results)
        return outputs, loss_sums[0], weights[0]

    return step
