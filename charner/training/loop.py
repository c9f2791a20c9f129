"""The training loop: a generator that yields after each epoch.

`batches` says what an epoch reads, `augmentation` rewrites it, `state` is what training changes.
"""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from charner.encoding.examples import Chunk, Example
from charner.models.architecture import Architecture
from charner.models.backend import keras, tf
from charner.params import Train
from charner.support.errors import DivergedError
from charner.tags.counts import SCORE_DIGITS, Counts
from charner.tags.decoding import decode
from charner.tags.spans import entities, iob2_tags
from charner.training.augmentation import Augmentation
from charner.training.batches import Batch, Batches, bucket
from charner.training.state import Epoch, TrainingState

T = TypeVar("T")
EncodedBatch = tuple[list[Chunk], dict[str, np.ndarray]]


def train(
    state: TrainingState,
    batches: Batches,
    valid_examples: list[Example],
    settings: Train,
    on_step: Callable[[int, int], None] = lambda step, steps: None,
) -> Iterator[Epoch]:
    """Trains the state's model, and yields each epoch when it is in the state.

    Training ends after `settings.epochs`, or when entity F1 on valid has not improved for
    `settings.patience` epochs. Then the model gets the weights of the best epoch.

    Args:
        state: a new one, or one that was restored: training goes on after its last epoch.
        batches: those of train.
        valid_examples: the sentences of valid, in the order of the corpus.
        settings: the section `train` of params.yaml.
        on_step: called after each step with its number and the number of steps in the epoch.

    Raises:
        DivergedError: the loss became NaN or infinite.
    """
    model, optimizer, generator = state.model, state.optimizer, state.generator
    augment = Augmentation(batches.chunks, model.vocabulary, settings, generator)
    valid_batches = bucket(model.chunks(valid_examples), model.row_length, settings.batch_size)
    model.adapt(batches.chunks)
    tag_ids = np.concatenate(batches.tag_ids)
    tag_weights = class_weights(tag_ids, len(model.tags), settings.class_weight)
    train_step, eval_step = compile_steps(model, optimizer, tag_weights)

    def rewritten(batch: Batch) -> EncodedBatch:
        chunks = [augment(chunk, batch.replaces_mentions) for chunk in batch.chunks]
        return encoded([[e.cut(settings.max_length) for e in chunk] for chunk in chunks])

    def encoded(batch: list[Chunk]) -> EncodedBatch:
        return batch, model.encode(batch)

    # While a step runs, this thread encodes the next batch and decodes the last one. It is one
    # thread only, so that random draws keep their order.
    with ThreadPoolExecutor(1) as worker:
        while not state.is_over(settings.epochs, settings.patience):
            number = len(state.epochs) + 1
            drawn = batches.draw(generator)
            train_scores, valid_scores = Scores(model, worker), Scores(model, worker)
            for step, (batch, inputs) in enumerate(in_advance(rewritten, drawn, worker), start=1):
                done = (number - 1 + step / len(drawn)) / settings.epochs
                optimizer.learning_rate = rate = learning_rate(done, settings)
                train_scores.add(batch, inputs, *train_step(inputs))
                on_step(step, len(drawn))
            for batch, inputs in in_advance(encoded, valid_batches, worker):
                valid_scores.add(batch, inputs, *eval_step(inputs))
            shown_rate = float(f"{rate:.{SCORE_DIGITS}g}")
            epoch = Epoch(number, shown_rate, train_scores.as_dict(), valid_scores.as_dict())
            state.add(epoch)
            yield epoch
    model.set_weights(state.best_weights)


def in_advance(
    encode: Callable[[T], EncodedBatch], batches: list[T], worker: Executor
) -> Iterator[EncodedBatch]:
    """Yields encoded batches; while the caller uses one, the worker encodes the next."""
    encoding: Future | None = None
    for batch in batches:
        following = worker.submit(encode, batch)
        if encoding:
            yield encoding.result()
        encoding = following
    if encoding:
        yield encoding.result()


def compile_steps(
    model: Architecture, optimizer: keras.optimizers.Optimizer, tag_weights: np.ndarray
) -> tuple[Callable, Callable]:
    """Compiles a step of gradient descent, and a step of evaluation.

    Args:
        model: the model.
        optimizer: built for the trainable variables of the model.
        tag_weights: (tags,), the weight of each tag in the loss.

    Returns:
        Two functions that take the inputs of a batch, and return the outputs of the model and the
        two sums of `loss_and_weight`.
    """
    # For arrays of any size, so that TensorFlow compiles only once.
    signature = {
        name: tf.TensorSpec([None] * array.ndim, array.dtype)
        for name, array in model.encode([]).items()
    }

    @tf.function(input_signature=[signature])
    def train_step(inputs):
        with tf.GradientTape() as tape:
            outputs = model(inputs, training=True)
            loss_sum, weight = model.loss_and_weight(inputs, outputs, tag_weights)
            loss = loss_sum / weight
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply([tf.convert_to_tensor(gradient) for gradient in gradients])
        return outputs, loss_sum, weight

    @tf.function(input_signature=[signature])
    def eval_step(inputs):
        outputs = model(inputs, training=False)
        return outputs, *model.loss_and_weight(inputs, outputs, tag_weights)

    return train_step, eval_step


def learning_rate(done: float, settings: Train) -> float:
    """The learning rate of a step: linear warm-up, then constant or cosine decay to 0.

    The cosine is that of Loshchilov and Hutter (2017), "SGDR", without restarts.

    Args:
        done: the fraction of the training that is done after the step.
        settings: the section `train` of params.yaml.
    """
    if done < settings.warmup_fraction:
        return settings.learning_rate * done / settings.warmup_fraction
    if settings.learning_rate_schedule == "constant":
        return settings.learning_rate
    progress = (done - settings.warmup_fraction) / (1 - settings.warmup_fraction)
    return settings.learning_rate * (1 + math.cos(math.pi * progress)) / 2


def class_weights(tag_ids: np.ndarray, tag_count: int, balance: str) -> np.ndarray:
    """The weight of each tag in the loss; the mean over all tags in train is 1.

    Args:
        tag_ids: all tag ids in train, without padding.
        tag_count: the number of distinct tag ids, including PAD.
        balance: `none`: 1 for all tags; `balanced`: inversely proportional to the tag's count;
            `square_root`: the square root of `balanced`.

    Returns:
        Floats of shape (tag_count,); 0 for ids that do not occur, such as PAD.
    """
    present, counts = np.unique(tag_ids, return_counts=True)
    weights = np.zeros(tag_count, np.float32)
    weights[present] = compute_class_weight(
        None if balance == "none" else "balanced", classes=present, y=tag_ids
    )
    if balance == "square_root":
        weights = np.sqrt(weights)
        weights /= np.average(weights[present], weights=counts)
    return weights


class Scores:
    """Loss, accuracy and entity F1 of the batches that were added."""

    def __init__(self, model: Architecture, worker: Executor):
        """Nothing is added yet; `worker`, which has one thread, will decode the batches."""
        self._model, self._worker = model, worker
        self._decoding: list[Future] = []
        self._loss_sum = self._weight = 0.0
        self._characters = self._correct = 0
        self._entities = Counts()

    def add(
        self, batch: list[Chunk], inputs: dict, outputs: Any, loss_sum: Any, weight: Any
    ) -> None:
        """Adds a batch: its chunks, their encoding, and the results of a step.

        Raises:
            DivergedError: the loss is NaN or infinite.
        """
        if not math.isfinite(loss_sum):
            raise DivergedError(
                "the loss became NaN or infinite; try a smaller train.learning_rate"
            )
        self._loss_sum += float(loss_sum)
        self._weight += float(weight)
        transitions = self._model.transitions  # now: the next step changes them
        self._decoding.append(
            self._worker.submit(self._decode, batch, inputs, outputs, transitions)
        )

    def _decode(
        self, batch: list[Chunk], inputs: dict, outputs: Any, transitions: np.ndarray
    ) -> None:
        examples = [example for chunk in batch for example in chunk]
        predicted = predictions(self._model, batch, inputs, outputs, transitions)
        for example, (tags, labels) in zip(examples, predicted, strict=True):
            true_labels = self._model.vocabulary.encode_labels(example.tokens, example.tags)
            self._characters += len(true_labels)
            self._correct += int((labels == true_labels).sum())
            self._entities.add({*entities(example.tags)}, {*entities(tags)})

    def as_dict(self) -> dict[str, float]:
        """`loss` (nats per character or token), `accuracy` of characters and `entity_f1`."""
        for decoding in self._decoding:
            decoding.result()
        return {
            "loss": round(self._loss_sum / self._weight, SCORE_DIGITS),
            "accuracy": round(self._correct / self._characters, SCORE_DIGITS),
            "entity_f1": round(self._entities.f1, SCORE_DIGITS),
        }


def predictions(
    model: Architecture, batch: list[Chunk], inputs: dict, outputs: Any, transitions: np.ndarray
) -> list[tuple[list[str], np.ndarray]]:
    """The best legal tags of each sentence of a batch in IOB2, and the label ids of its characters.

    Args:
        model: the model.
        batch: its chunks.
        inputs: the result of `model.encode` for it.
        outputs: those of the model for these inputs.
        transitions: the scores of transitions to decode with.
    """
    scores = model.sentence_scores(batch, inputs, outputs)
    decoded = decode([sentence.emissions for sentence in scores], transitions, model.tags)
    examples = [example for chunk in batch for example in chunk]
    predicted = []
    for example, sentence, spans in zip(examples, scores, decoded.spans(), strict=True):
        tags = iob2_tags(len(example.tokens), spans)
        labels = sentence.character_labels
        if labels is None:
            labels = np.array(model.vocabulary.encode_labels(example.tokens, tags))
        predicted.append((tags, labels))
    return predicted
