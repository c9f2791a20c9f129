import numpy as np
import pytest

from charner.encoding.examples import Example
from charner.models.backend import keras
from charner.models.char_lstm import CharLstm
from charner.support.errors import DivergedError
from charner.training.loop import class_weights, compile_steps, learning_rate, predictions
from tests.helpers import ARCHITECTURES, VOCABULARY, example, small_model
from tests.small_training import PLAIN, TRAIN, epochs, sentences


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_it_learns_what_makes_an_entity(architecture):
    keras.utils.set_random_seed(1)
    built = small_model(architecture, **PLAIN)
    trained = list(epochs(built, sentences(60, 0), sentences(20, 1)))
    assert [epoch.number for epoch in trained] == list(range(1, 26))
    assert trained[-1].valid["entity_f1"] > 0.95
    assert trained[-1].valid["accuracy"] > trained[0].valid["accuracy"]
    assert trained[-1].train["loss"] < trained[0].train["loss"] / 4


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_scores_of_valid_are_those_of_the_model_at_that_time(architecture):
    keras.utils.set_random_seed(1)
    built = small_model(architecture)
    valid = sentences(20, 1)
    chunks = built.chunks(valid)
    weights = np.array([0] + [1] * (len(built.tags) - 1), np.float32)
    for epoch in epochs(built, sentences(40, 0), valid):
        inputs = built.encode(chunks)
        outputs = built(inputs)
        true = [VOCABULARY.encode_labels(one.tokens, one.tags) for one in valid]
        predicted = [
            labels for _, labels in predictions(built, chunks, inputs, outputs, built.transitions)
        ]
        is_right = np.concatenate(true) == np.concatenate(predicted)
        assert epoch.valid["accuracy"] == pytest.approx(is_right.mean(), abs=1e-6)
        loss_sum, weight = built.loss_and_weight(inputs, outputs, weights)
        assert epoch.valid["loss"] == pytest.approx(float(loss_sum / weight), abs=1e-5)
        if epoch.number == 3:
            break


def test_the_model_gets_the_weights_of_the_best_epoch():
    keras.utils.set_random_seed(1)
    built = small_model("char_lstm")
    settings = TRAIN.model_copy(update={"patience": 2, "learning_rate": 0.3})
    trained, weights = [], []
    for epoch in epochs(built, sentences(40, 0), sentences(20, 1), settings):
        trained.append(epoch.valid["entity_f1"])
        weights.append(built.get_weights())
    best = trained.index(max(trained))
    assert best == len(trained) - 3
    for kept, of_best in zip(built.get_weights(), weights[best], strict=True):
        assert kept.tobytes() == of_best.tobytes()


def test_a_destroyed_model_is_reported():
    built = small_model("char_lstm")
    built.set_weights([np.full_like(weights, np.nan) for weights in built.get_weights()])
    with pytest.raises(DivergedError, match="learning_rate"):
        list(epochs(built, sentences(10, 0), sentences(3, 1)))


def test_steps_of_each_epoch_are_reported():
    steps = []
    settings = TRAIN.model_copy(update={"epochs": 2, "min_steps": 5})
    report = lambda *step_and_steps: steps.append(step_and_steps)  # noqa: E731
    list(
        epochs(
            small_model("char_lstm"), sentences(10, 0), sentences(3, 1), settings, on_step=report
        )
    )
    assert steps == [(step, 6) for step in range(1, 7)] * 2


def test_a_sentence_of_train_is_never_longer_than_its_limit(monkeypatch):
    encode, longest = CharLstm.encode, []

    def spy(self, chunks):
        longest.extend(one.length for chunk in chunks for one in chunk)
        return encode(self, chunks)

    monkeypatch.setattr(CharLstm, "encode", spy)
    # Each replacement may be the long one.
    examples = [example("abc")] * 20 + [example("abcdefgh")] * 20
    changes = {"epochs": 2, "max_length": 5, "mention_replacement": 1.0, "min_steps": 20}
    settings = TRAIN.model_copy(update=changes)
    list(epochs(small_model("char_lstm"), examples, [example("a")], settings))
    assert max(longest) == 5


@pytest.mark.parametrize(
    "architecture", ["char_lstm", pytest.param("cnn_lstm_crf", marks=pytest.mark.slow)]
)
def test_class_weights_find_more_of_the_rare_label(architecture):
    # The same token, three times outside and once an entity: only what each weighs can decide.
    examples = [example("abc", tags=["O"])] * 30 + [example("abc")] * 10

    def loss_of_entities(class_weight: str) -> float:
        keras.utils.set_random_seed(1)
        built = small_model(architecture, **PLAIN)
        settings = TRAIN.model_copy(update={"epochs": 10, "class_weight": class_weight})
        list(epochs(built, examples, examples, settings))
        inputs = built.encode([[example("abc")]])
        weights = np.array([0] + [1] * (len(built.tags) - 1), np.float32)
        loss_sum, weight = built.loss_and_weight(inputs, built(inputs), weights)
        return float(loss_sum / weight)

    # With the weights both are as probable, without the entity is so in one of four cases.
    assert loss_of_entities("none") == pytest.approx(np.log(4), abs=0.25)
    assert loss_of_entities("balanced") == pytest.approx(np.log(2), abs=0.25)


TAG_IDS = np.repeat([1, 2, 4], [90, 9, 1])


def test_without_class_weights_all_tags_count_alike():
    assert class_weights(TAG_IDS, 5, "none").tolist() == [0, 1, 1, 0, 1]


def test_balanced_weights_give_every_tag_the_same_total():
    weights = class_weights(TAG_IDS, 5, "balanced")
    np.testing.assert_allclose(weights[[1, 2, 4]] * [90, 9, 1], 100 / 3, rtol=1e-6)
    assert weights[[0, 3]].tolist() == [0, 0]


def test_square_root_weights_lie_between():
    weights = class_weights(TAG_IDS, 5, "square_root")
    assert weights[4] / weights[1] == pytest.approx(np.sqrt(90))
    assert weights[TAG_IDS].mean() == pytest.approx(1)


def gradient(
    sentences: list[Example], tag_weights: list[float], clip_norm: float | None = None
) -> list[np.ndarray]:
    """How far one step of gradient descent moves each weight of the character model."""
    keras.utils.set_random_seed(1)
    built = small_model("char_lstm", **PLAIN)
    before = built.get_weights()
    optimizer = keras.optimizers.SGD(1.0, global_clipnorm=clip_norm)
    optimizer.build(built.trainable_variables)
    step, _ = compile_steps(built, optimizer, np.array(tag_weights, np.float32))
    step(built.encode([[sentence] for sentence in sentences]))
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
