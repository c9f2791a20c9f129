import numpy as np

from charner.encoding.character_segments import CONTEXT, SEGMENT
from charner.models.backend import tf
from charner.models.lstm import Lstm
from charner.models.segment_lstm import SegmentLstm

UNITS = 4
LENGTH = CONTEXT + SEGMENT + CONTEXT


def both() -> tuple[SegmentLstm, Lstm]:
    """The layer, and one that reads whole rows, with the same weights."""
    segments, rows = SegmentLstm(UNITS, "segments"), Lstm(UNITS, True, "rows")
    for layer in (segments, rows):
        layer.build([(None, None, 3)])
    rows.set_weights(segments.get_weights())
    return segments, rows


def states_and_gradients(layer: Lstm, inputs: np.ndarray, places: slice) -> list[np.ndarray]:
    """The states at the places, and the gradients of the weights of a loss that depends on them."""
    mask = np.abs(inputs).sum(axis=-1) > 0
    with tf.GradientTape() as tape:
        states = layer([tf.constant(inputs)], mask=mask)[:, places]
        wanted = np.random.default_rng(2).normal(size=states.shape)
        loss = tf.reduce_sum(states * wanted.astype(np.float32))
    return [np.array(array) for array in (states, *tape.gradient(loss, layer.trainable_weights))]


def test_a_short_text_is_read_as_a_row():
    segments, rows = both()
    text = np.random.default_rng(1).normal(size=(2, 10, 3)).astype(np.float32)
    inputs = np.zeros((2, LENGTH, 3), np.float32)
    inputs[:, CONTEXT : CONTEXT + 10] = text
    found = states_and_gradients(segments, inputs, slice(10))
    expected = states_and_gradients(rows, text, slice(None))
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_it_starts_afresh_after_padding():
    """Also in its gradients."""
    segments, _ = both()
    inputs = np.random.default_rng(1).normal(size=(1, LENGTH, 3)).astype(np.float32)
    inputs[:, [CONTEXT + 3, CONTEXT + 9]] = 0
    alone = np.zeros_like(inputs)
    alone[:, CONTEXT + 4 : CONTEXT + 9] = inputs[:, CONTEXT + 4 : CONTEXT + 9]
    found, expected = (states_and_gradients(segments, one, slice(4, 9)) for one in (inputs, alone))
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_each_direction_has_its_context():
    segments, rows = both()
    inputs = np.random.default_rng(1).normal(size=(1, LENGTH, 3)).astype(np.float32)
    (states, *_) = states_and_gradients(segments, inputs, slice(None))
    forward = states_and_gradients(rows, inputs[:, : CONTEXT + SEGMENT], slice(CONTEXT, None))[0]
    backward = states_and_gradients(rows, inputs[:, CONTEXT:], slice(SEGMENT))[0]
    np.testing.assert_allclose(states[..., :UNITS], forward[..., :UNITS], atol=1e-5)
    np.testing.assert_allclose(states[..., UNITS:], backward[..., UNITS:], atol=1e-5)
