"""The training loop: a generator that yields the scores of each epoch."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from charner.encoding.examples import Example
from charner.models.backend import tf
from charner.params import Train
from charner.support.errors import DivergedError
from charner.tags.counts import SCORE_DIGITS, Counts
from charner.tags.spans import entities
from charner.training.augmentation import Augmentation
from charner.training.batching import bucket
from charner.training.class_balance import class_weights, draw_repeats, repeat_factors
from charner.training.plan import plan_epochs
from charner.training.predictor import Prediction, Predictor, predictions
from charner.training.schedule import learning_rate
from charner.training.state import Epoch, TrainingState
from charner.training.step import compile_train_step
from charner.training.workers import own_replicas, sum_over_workers


@dataclass
class RunningScores:
    """Loss, accuracy and entity F1 of the sentences added so far."""

    characters: int = 0
    correct: int = 0
    loss_sum: float = 0.0
    weight: float = 0.0
    entities: Counts = field(default_factory=Counts)

    def add_loss(self, loss_sum: float, weight: float) -> None:
        """Adds the loss of a batch, and its weight.

        Raises:
            DivergedError: the loss is NaN or infinite.
        """
        if not math.isfinite(loss_sum):
            raise DivergedError(
                "the loss became NaN or infinite; try a smaller train.learning_rate"
            )
        self.loss_sum += float(loss_sum)
        self.weight += float(weight)

    def add(self, found: list[Prediction]) -> None:
        """Adds the predictions for some sentences."""
        for prediction in found:
            example = prediction.example
            self.characters += len(example.label_ids)
            self.correct += int((prediction.label_ids == example.label_ids).sum())
            self.entities.add({*entities(example.tags)}, {*entities(prediction.tags)})

    def add_other_workers(self) -> None:
        """Adds what the other workers have counted; the loss is that of all already."""
        counts = self.entities
        own = [
            *(self.characters, self.correct),
            *(counts.true_positives, counts.false_positives, counts.false_negatives),
        ]
        self.characters, self.correct, *of_entities = sum_over_workers(np.array(own)).tolist()
        self.entities = Counts(*of_entities)

    def as_dict(self) -> dict[str, float]:
        """`loss` (nats per character or token), `accuracy` of characters and `entity_f1`."""
        return {
            "loss": round(self.loss_sum / self.weight, SCORE_DIGITS),
            "accuracy": round(self.correct / self.characters, SCORE_DIGITS),
            "entity_f1": round(self.entities.f1, SCORE_DIGITS),
        }


def train(
    state: TrainingState,
    train_examples: list[Example],
    valid_examples: list[Example],
    settings: Train,
    on_step: Callable[[int, int], None] = lambda done, steps: None,
) -> Iterator[Epoch]:
    """Trains the model in place and yields after each epoch; the caller may stop after any epoch.

    To use a `tf.distribute` strategy (see `workers`), build the model, make the state and call this
    function in its scope: each batch is then divided among the replicas.

    Args:
        state: of the training so far. What is trained is its model.
        train_examples: in the order of the corpus, so that documents are together.
        valid_examples: likewise.
        settings: the section `train` of params.yaml.
        on_step: called after each step with the number of steps done and of all steps in the epoch.

    Raises:
        DivergedError: the loss became NaN or infinite.
    """
    model, optimizer, generator = state.model, state.optimizer, state.generator
    augment = Augmentation(
        train_examples,
        model.vocabulary,
        settings.mention_replacement,
        settings.case_change,
        settings.tokens_with_typo,
        generator,
    )
    chunks = model.chunks(train_examples)
    model.adapt(chunks)
    targets = [model.target_ids(chunk) for chunk in chunks]
    factors = repeat_factors(targets, settings.oversample_threshold)
    weights = class_weights(np.concatenate(targets), len(model.tags), settings.class_weight)

    step = compile_train_step(model, optimizer, weights, settings.clip_norm)
    predict = Predictor(model, settings.batch_size, weights)
    replicas, own = tf.distribute.get_strategy().num_replicas_in_sync, own_replicas()

    batch_size, passes, _ = plan_epochs(chunks, model.row_length, settings)
    for number in range(len(state.epochs) + 1, settings.epochs + 1):
        batches = []
        for _ in range(passes):
            drawn = [chunks[position] for position in draw_repeats(factors, generator)]
            batches += bucket(drawn, model.row_length, batch_size, generator)
        train_scores = RunningScores()
        for done, batch in enumerate(batches, start=1):
            rate = learning_rate((number - 1 + done / len(batches)) / settings.epochs, settings)
            optimizer.learning_rate = rate
            rewritten = [[e.cut(settings.max_length) for e in augment(chunk)] for chunk in batch]
            parts = [rewritten[replica::replicas] for replica in own]
            inputs = [model.encode(part) for part in parts]
            outputs, loss_sum, weight = step(inputs)
            train_scores.add_loss(loss_sum, weight)
            for part in zip(parts, inputs, outputs, strict=True):
                train_scores.add(predictions(model, *part))
            on_step(done, len(batches))
        if len(own) < replicas:
            train_scores.add_other_workers()

        valid_scores = RunningScores()
        for scored in predict(valid_examples):
            valid_scores.add_loss(scored.loss_sum, scored.weight)
            valid_scores.add(predictions(model, scored.chunks, scored.inputs, scored.outputs))
        shown_rate = float(f"{rate:.{SCORE_DIGITS}g}")
        yield Epoch(number, shown_rate, train_scores.as_dict(), valid_scores.as_dict())
