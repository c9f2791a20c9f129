import subprocess
import sys

import numpy as np
import pytest

from charner import model
from charner.backend import keras
from charner.encoding import Vocabulary
from charner.params import Train
from charner.prediction import Predictor
from charner.training import compile_train_step, learning_rate, train
from tests.charner import test_model
from tests.charner.test_batching import Example, example
from tests.conftest import ROOT, SMALL

VOCABULARY = Vocabulary.build("abcdefgh", ["X"])
MODEL = test_model.SMALL.model_copy(
    update={"embedding_dim": 8, "lstm_units": 16, "lstm_layers": 1, "dropout": 0.0}
)
TRAIN = Train(**SMALL["train"]).model_copy(
    update={
        "epochs": 25,
        "batch_size": 4,
        "learning_rate": 0.02,
        "learning_rate_schedule": "constant",
        "warmup_epochs": 0.0,
    }
)


def sentence(*tokens: str) -> Example:
    """Tokens that begin with `a` are entities."""
    tags = ["B-X" if token[0] == "a" else "O" for token in tokens]
    encoded = example(*tokens)
    labels = VOCABULARY.encode_labels(list(tokens), tags, "outside")
    return Example(encoded.character_ids, np.array(labels), encoded.token_lengths, tags)


def sentences(count: int, seed: int) -> list[Example]:
    generator = np.random.default_rng(seed)
    return [
        sentence(
            *("".join(generator.choice([*"abcd"], 3)) for _ in range(generator.integers(1, 5)))
        )
        for _ in range(count)
    ]


def test_it_learns_what_makes_an_entity():
    keras.utils.set_random_seed(1)
    built = model.build(MODEL, VOCABULARY)
    epochs = list(train(built, sentences(40, 0), sentences(20, 1), VOCABULARY.labels, TRAIN))
    assert [epoch.number for epoch in epochs] == list(range(1, 26))
    assert epochs[-1].valid["entity_f1"] > 0.95
    assert epochs[-1].valid["accuracy"] > epochs[0].valid["accuracy"]
    assert epochs[-1].train["loss"] < epochs[0].train["loss"] / 4


def test_scores_of_valid_are_those_of_the_model_at_that_time():
    keras.utils.set_random_seed(1)
    built = model.build(MODEL, VOCABULARY)
    valid = sentences(20, 1)
    for epoch in train(built, sentences(40, 0), valid, VOCABULARY.labels, TRAIN):
        loss = correct = characters = 0
        for one, scores in Predictor(built, 7)(valid):
            rows = np.arange(len(one.label_ids))
            loss -= scores[rows, one.label_ids - 1].sum()
            correct += (scores.argmax(axis=1) + 1 == one.label_ids).sum()
            characters += len(rows)
        assert epoch.valid["loss"] == pytest.approx(loss / characters, abs=1e-5)
        assert epoch.valid["accuracy"] == pytest.approx(correct / characters, abs=1e-5)
        if epoch.number == 3:
            break


def test_steps_of_each_epoch_are_told():
    built = model.build(MODEL, VOCABULARY)
    told = []
    settings = TRAIN.model_copy(update={"epochs": 2})
    list(
        train(built, sentences(10, 0), sentences(3, 1), VOCABULARY.labels, settings,
              on_step=lambda *done_and_steps: told.append(done_and_steps))
    )  # fmt: skip
    assert told == [(1, 3), (2, 3), (3, 3)] * 2


def test_oversampling_makes_more_steps():
    told = []
    settings = TRAIN.model_copy(update={"epochs": 1, "oversample_threshold": 0.4})
    examples = [sentence("bcd")] * 36 + [sentence("abc")] * 4
    list(
        train(model.build(MODEL, VOCABULARY), examples, examples, VOCABULARY.labels, settings,
              on_step=lambda done, steps: told.append(steps))
    )  # fmt: skip
    # B-X stands in a tenth of the sentences: they are seen sqrt(0.4 / 0.1) times as often.
    assert told[-1] == (36 + 4 * 2) / settings.batch_size


def test_class_weights_find_more_of_the_rare_label():
    examples = [sentence("bcd")] * 36 + [sentence("bcd", "abc")] * 4

    def share_of_entities(class_weight: str) -> float:
        keras.utils.set_random_seed(1)
        built = model.build(MODEL, VOCABULARY)
        settings = TRAIN.model_copy(update={"epochs": 1, "class_weight": class_weight})
        list(train(built, examples, examples, VOCABULARY.labels, settings))
        scores = [scores for _, scores in Predictor(built, 8)(examples)]
        return np.exp(np.concatenate(scores)[:, 1]).mean()

    assert share_of_entities("balanced") > 1.5 * share_of_entities("none")


def gradient(
    class_weights: list[float], label_ids: list, clip_norm: float | None = None
) -> list[np.ndarray]:
    """How far one step of gradient descent moves each weight of the model."""
    keras.utils.set_random_seed(1)
    built = model.build(MODEL, VOCABULARY)
    before = built.get_weights()
    step = compile_train_step(
        built, keras.optimizers.SGD(1.0), np.array(class_weights, np.float32), clip_norm
    )
    labels = np.array(label_ids, np.int32)
    characters = np.where(labels > 0, 3, 0).astype(np.int32)
    step((np.arange(len(labels), dtype=np.int32), characters, labels))
    return [old - new for old, new in zip(before, built.get_weights(), strict=True)]


def test_padding_does_not_count_in_the_loss():
    weights = [0, 1, 1, 1]
    for one, other in zip(
        gradient(weights, [[1, 2, 3]]), gradient(weights, [[1, 2, 3, 0, 0]]), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_class_weight_counts_as_that_many_characters():
    for one, other in zip(
        gradient([0, 1, 3, 0], [[2], [1]]),
        gradient([0, 1, 1, 1], [[2], [2], [2], [1]]),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_logit_of_pad_is_never_trained():
    *_, labels_bias = gradient([0, 1, 1, 1], [[1, 2, 3]])
    assert labels_bias[0] == 0
    assert (labels_bias[1:] != 0).all()


def test_a_long_gradient_is_clipped():
    def norm(gradients: list[np.ndarray]) -> float:
        return np.sqrt(sum((g**2).sum() for g in gradients))

    free = gradient([0, 1, 1, 1], [[1, 2, 1]])
    assert norm(free) > 0.1
    clipped = gradient([0, 1, 1, 1], [[1, 2, 1]], clip_norm=0.1)
    assert norm(clipped) == pytest.approx(0.1, rel=1e-4)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [("constant", [0.05, 0.1, 0.1, 0.1, 0.1]), ("cosine", [0.05, 0.1, 0.05, 0.1 * 0.1464466, 0])],
)
def test_learning_rate(schedule, expected):
    settings = TRAIN.model_copy(
        update={
            "epochs": 10,
            "learning_rate": 0.1,
            "warmup_epochs": 2.0,
            "learning_rate_schedule": schedule,
        }
    )
    rates = [learning_rate(epochs_done, settings) for epochs_done in (1, 2, 6, 8, 10)]
    assert rates == pytest.approx(expected)


TWO_REPLICAS = """
import sys
import numpy as np
from charner.backend import keras, tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

from charner import model
from charner.training import train
from tests.charner.test_training import MODEL, TRAIN, VOCABULARY, sentences

strategy = tf.distribute.get_strategy()
if sys.argv[1] == "2":
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
with strategy.scope():
    keras.utils.set_random_seed(1)
    built = model.build(MODEL, VOCABULARY)
    settings = TRAIN.model_copy(
        update={"epochs": 1, "clip_norm": 0.1, "class_weight": "balanced"}
    )
    list(train(built, sentences(11, 0), sentences(2, 1), VOCABULARY.labels, settings))
np.savez(sys.argv[2], *built.get_weights())
"""


def test_two_replicas_train_as_one_does_on_the_same_batches(tmp_path):
    for count in "12":
        command = [sys.executable, "-c", TWO_REPLICAS, count, str(tmp_path / f"{count}.npz")]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    one, two = (np.load(tmp_path / f"{count}.npz") for count in "12")
    for name in one.files:
        np.testing.assert_allclose(one[name], two[name], atol=1e-4)
