from dataclasses import replace

import numpy as np
import pytest

from charner.encoding.examples import Example
from charner.models.backend import keras
from charner.models.char_lstm import CharLstm
from charner.support.errors import DivergedError
from charner.training.loop import train
from charner.training.schedule import learning_rate
from charner.training.step import compile_train_step
from tests.helpers import ARCHITECTURES, example, predict, small_model
from tests.small_training import PLAIN, TRAIN, sentences, start


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_it_learns_what_makes_an_entity(architecture):
    keras.utils.set_random_seed(1)
    built = small_model(architecture, **PLAIN)
    epochs = list(train(start(built), sentences(60, 0), sentences(20, 1), TRAIN))
    assert [epoch.number for epoch in epochs] == list(range(1, 26))
    assert epochs[-1].valid["entity_f1"] > 0.95
    assert epochs[-1].valid["accuracy"] > epochs[0].valid["accuracy"]
    assert epochs[-1].train["loss"] < epochs[0].train["loss"] / 4


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_scores_of_valid_are_those_of_the_model_at_that_time(architecture):
    keras.utils.set_random_seed(1)
    built = small_model(architecture)
    valid = sentences(20, 1)
    for epoch in train(start(built), sentences(40, 0), valid, TRAIN):
        predictions, _, _ = predict(built, valid, 7)
        true = np.concatenate([p.example.label_ids for p in predictions])
        predicted = np.concatenate([p.label_ids for p in predictions])
        assert epoch.valid["accuracy"] == pytest.approx((true == predicted).mean(), abs=1e-6)
        inputs = built.encode(built.chunks(valid))
        weights = np.array([0] + [1] * (len(built.tags) - 1), np.float32)
        loss_sum, weight = built.loss_and_weight(inputs, built(inputs), weights)
        assert epoch.valid["loss"] == pytest.approx(float(loss_sum / weight), abs=1e-5)
        if epoch.number == 3:
            break


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_destroyed_model_is_told(architecture):
    built = small_model(architecture)
    built.set_weights([np.full_like(weights, np.nan) for weights in built.get_weights()])
    with pytest.raises(DivergedError, match="learning_rate"):
        list(train(start(built), sentences(10, 0), sentences(3, 1), TRAIN))


def test_steps_of_each_epoch_are_told():
    told = []
    settings = TRAIN.model_copy(update={"epochs": 2})
    list(
        train(start(small_model("char_lstm")), sentences(10, 0), sentences(3, 1), settings,
              on_step=lambda *done_and_steps: told.append(done_and_steps))
    )  # fmt: skip
    assert told == [(1, 3), (2, 3), (3, 3)] * 2


def test_an_epoch_reads_a_small_corpus_several_times():
    told = []
    settings = TRAIN.model_copy(update={"epochs": 2, "min_steps": 5})
    list(
        train(start(small_model("char_lstm")), sentences(10, 0), sentences(3, 1), settings,
              on_step=lambda *done_and_steps: told.append(done_and_steps))
    )  # fmt: skip
    assert told == [(done, 6) for done in range(1, 7)] * 2


def test_what_is_trained_on_is_never_longer_than_its_limit(monkeypatch):
    encode, longest = CharLstm.encode, []

    def spy(self, chunks):
        longest.append(
            max([len(one.character_ids) for chunk in chunks for one in chunk], default=0)
        )
        return encode(self, chunks)

    monkeypatch.setattr(CharLstm, "encode", spy)
    # Each replacement may be the long one.
    examples = [example("abc")] * 20 + [example("abcdefgh")] * 20
    settings = TRAIN.model_copy(update={"epochs": 2, "max_length": 5, "mention_replacement": 1.0})
    list(train(start(small_model("char_lstm")), examples, [example("a")], settings))
    assert max(longest) == 5


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_oversampling_makes_more_steps(architecture):
    told = []
    settings = TRAIN.model_copy(update={"epochs": 1, "oversample_threshold": 0.4})
    examples = [example("bcd")] * 36 + [example("abc")] * 4
    list(
        train(start(small_model(architecture)), examples, examples, settings,
              on_step=lambda done, steps: told.append(steps))
    )  # fmt: skip
    # The entities stand in a tenth of the sentences: they are seen sqrt(0.4 / 0.1) times as often.
    assert told[-1] == (36 + 4 * 2) / settings.batch_size


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_class_weights_find_more_of_the_rare_label(architecture):
    # The same token, three times outside and once an entity: only what each weighs can decide.
    outside = replace(example("abc"), tags=["O"], label_ids=np.ones(3, np.int32))
    examples = [outside] * 30 + [example("abc")] * 10

    def loss_of_entities(class_weight: str) -> float:
        keras.utils.set_random_seed(1)
        built = small_model(architecture, **PLAIN)
        settings = TRAIN.model_copy(update={"epochs": 10, "class_weight": class_weight})
        list(train(start(built), examples, examples, settings))
        _, loss_sum, weight = predict(built, [example("abc")], 8)
        return loss_sum / weight

    # With the weights both are as probable, without the entity is so in one of four cases.
    assert loss_of_entities("none") == pytest.approx(np.log(4), abs=0.25)
    assert loss_of_entities("balanced") == pytest.approx(np.log(2), abs=0.25)


def gradient(
    sentences: list[Example], tag_weights: list[float], clip_norm: float | None = None
) -> list[np.ndarray]:
    """How far one step of gradient descent moves each weight of the character model."""
    keras.utils.set_random_seed(1)
    built = small_model("char_lstm", **PLAIN)
    before = built.get_weights()
    step = compile_train_step(
        built, keras.optimizers.SGD(1.0), np.array(tag_weights, np.float32), clip_norm
    )
    step([built.encode([[sentence] for sentence in sentences])])
    return [old - new for old, new in zip(before, built.get_weights(), strict=True)]


def test_padding_does_not_count_in_the_loss():
    # The gradient of a batch is the mean over its characters: 1 of one sentence, 7 of the other.
    short, long = example("b"), example("abc", "def")
    for alone, other, together in zip(
        gradient([short], [0, 1, 1, 1]),
        gradient([long], [0, 1, 1, 1]),
        gradient([short, long], [0, 1, 1, 1]),
        strict=True,
    ):
        np.testing.assert_allclose((alone + 7 * other) / 8, together, atol=1e-6)


def test_a_class_weight_counts_as_that_many_characters():
    for one, other in zip(
        gradient([example("a"), example("b")], [0, 1, 3, 0]),
        gradient([example("a")] * 3 + [example("b")], [0, 1, 1, 1]),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_logit_of_pad_is_never_trained():
    *_, labels_bias = gradient([example("abc", "d")], [0, 1, 1, 1])
    assert labels_bias[0] == 0
    assert (labels_bias[1:] != 0).all()


def test_a_long_gradient_is_clipped():
    def norm(gradients: list[np.ndarray]) -> float:
        return np.sqrt(sum((g**2).sum() for g in gradients))

    sentence = [example("abc", "d")]
    assert norm(gradient(sentence, [0, 1, 1, 1])) > 0.1
    clipped = gradient(sentence, [0, 1, 1, 1], clip_norm=0.1)
    assert norm(clipped) == pytest.approx(0.1, rel=1e-4)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [("constant", [0.05, 0.1, 0.1, 0.1, 0.1]), ("cosine", [0.05, 0.1, 0.05, 0.1 * 0.1464466, 0])],
)
def test_learning_rate(schedule, expected):
    settings = TRAIN.model_copy(
        update={
            "learning_rate": 0.1,
            "warmup_fraction": 0.2,
            "learning_rate_schedule": schedule,
        }
    )
    rates = [learning_rate(done, settings) for done in (0.1, 0.2, 0.6, 0.8, 1)]
    assert rates == pytest.approx(expected)
