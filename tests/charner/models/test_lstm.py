import numpy as np
import pytest

from charner.models.backend import keras, tf
from charner.models.lstm import Lstm

LENGTHS = [5, 3, 1]
UNITS = 4


def both(bidirectional: bool) -> tuple[Lstm, keras.layers.Layer]:
    """Our layer and Keras' with the same weights."""
    keras.utils.set_random_seed(1)
    ours = Lstm(UNITS, bidirectional, name="ours")
    ours.build([(None, None, 3)])
    theirs = keras.layers.LSTM(UNITS, return_sequences=True)
    if bidirectional:
        theirs = keras.layers.Bidirectional(theirs)
    theirs.build((None, None, 3))
    theirs.set_weights(in_the_order_of_keras(ours.get_weights()))
    return ours, theirs


def in_the_order_of_keras(weights: list) -> list:
    """Kernel, recurrent weights and bias of one direction, then those of the other."""
    directions = len(weights) // 3
    return [weight for direction in range(directions) for weight in weights[direction::directions]]


@pytest.mark.parametrize("bidirectional", [True, False])
def test_states_and_gradients_are_those_of_keras(bidirectional):
    generator = np.random.default_rng(0)
    inputs = tf.constant(generator.normal(size=(3, 5, 3)), tf.float32)
    mask = np.arange(5) < np.array(LENGTHS)[:, None]
    width = UNITS * (1 + bidirectional)
    wanted = generator.normal(size=(3, 5, width)).astype(np.float32) * mask[..., None]

    results = []
    for layer in both(bidirectional):
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            read = [inputs] if isinstance(layer, Lstm) else inputs
            states = layer(read, mask=mask) * mask[..., None].astype(np.float32)
            loss = tf.reduce_sum(states * wanted)
        gradients = tape.gradient(loss, [inputs, *layer.trainable_weights])
        results.append([states, *gradients])
    (states, of_inputs, *of_weights), theirs = results
    ours = [states, of_inputs, *in_the_order_of_keras(of_weights)]
    for found, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_weights_start_as_those_of_keras():
    for bidirectional in (True, False):
        ours = Lstm(UNITS, bidirectional, name="ours")
        ours.build([(None, None, 3)])
        kernel, recurrent, bias = ours.get_weights()[:: 1 + bidirectional]
        assert np.abs(kernel).max() <= np.sqrt(6 / (3 + 4 * UNITS))  # Glorot's rule
        np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(UNITS), atol=1e-5)
        assert bias.tolist() == [0] * UNITS + [1] * UNITS + [0] * 2 * UNITS


def test_padding_has_no_state():
    ours, _ = both(True)
    mask = np.arange(5) < np.array(LENGTHS)[:, None]
    states = np.array(ours([np.ones((3, 5, 3), np.float32)], mask=mask))
    assert (states[~mask] == 0).all()
    assert (states[mask] != 0).all()


def test_distinct_values_are_read_at_their_places():
    generator = np.random.default_rng(0)
    distinct, rest, of_rows = (
        generator.normal(size=shape).astype(np.float32) for shape in [(4, 2), (3, 5, 1), (3, 2)]
    )
    places = generator.integers(4, size=(3, 5))
    mask = np.arange(5) < np.array(LENGTHS)[:, None]
    layer = Lstm(UNITS, True, name="lstm")
    parts = [(distinct, places), rest, (of_rows, np.arange(3)[:, None])]
    found = layer([*map(tf.nest.map_structure, [tf.constant] * 3, parts)], mask=mask)
    whole = np.concatenate(
        [distinct[places], rest, np.repeat(of_rows[:, None], 5, axis=1)], axis=-1
    )
    other = Lstm(UNITS, True, name="other")
    other.build([whole.shape])
    other.set_weights(layer.get_weights())
    np.testing.assert_allclose(found, other([whole], mask=mask), atol=1e-6)
