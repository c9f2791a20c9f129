"""An LSTM layer in one or both directions, faster on a CPU than Keras' own layer.

Hochreiter and Schmidhuber (1997), "Long Short-Term Memory"; gates as in Gers et al. (2000). What
does not depend on the previous step is computed for all steps at once: the input part of the gates,
and the gradient of the weights. The directions do not depend on each other, so that each can run on
a core of its own.
"""

from typing import Any

from charner.models.backend import keras, tf
from charner.models.initializers import Orthogonal

ops = keras.ops
CLOSED = -1e4
"""Added to all gates, it makes the state and the cell 0, as before the first position."""


class Lstm(keras.layers.Layer):
    """The states of an LSTM at each position of padded rows, both directions concatenated."""

    def __init__(self, units: int, bidirectional: bool, name: str):
        """Makes a layer; its weights are created when it is first called.

        Args:
            units: the number of units of each direction.
            bidirectional: whether to read from the end to the start, too.
            name: the name of the layer, and so of its weights.
        """
        super().__init__(name=name)
        self.supports_masking = True  # otherwise Keras warns that the mask is lost
        self._units = units
        self._directions = ("forward", "backward") if bidirectional else ("forward",)

    def build(self, input_shape):
        self._widths = [
            shape[0][-1] if isinstance(shape[0], tuple) else shape[-1] for shape in input_shape
        ]
        gates = 4 * self._units

        def weights(part: str, shape: tuple, initializer: Any) -> list:
            return [
                self.add_weight(shape=shape, initializer=initializer, name=f"{name}_{part}")
                for name in self._directions
            ]

        self._kernels = weights("kernel", (sum(self._widths), gates), "glorot_uniform")
        self._recurrent = weights("recurrent", (self._units, gates), Orthogonal())
        self._biases = weights("bias", (gates,), self._initial_bias)

    def _initial_bias(self, shape, dtype=None):
        """1 for the forget gates, so that cells keep their state at first; otherwise 0."""
        return ops.cast((ops.arange(shape[0]) // self._units) == 1, dtype)

    def call(self, inputs, mask):
        """Reads padded rows.

        Args:
            inputs: the parts that a position consists of: each is (rows, positions, values), or a
                pair of (distinct, values) and indices into them, (rows, positions) or (rows, 1).
            mask: (rows, positions), False for the padding at the end of rows.

        Returns:
            (rows, positions, units * directions), 0 for padding.
        """
        states = [self._read(number, inputs, mask) for number in range(len(self._directions))]
        return ops.transpose(ops.concatenate(states, axis=-1), (1, 0, 2))

    def _read(self, direction: int, inputs: list, mask: Any) -> Any:
        """The states of a direction at each position, (positions, rows, units).

        Args:
            direction: 0 reads from the start, 1 from the end.
            inputs: see `call`.
            mask: see `call`; after False it starts afresh.
        """
        gates = CLOSED * (1 - ops.cast(ops.transpose(mask), "float32")[..., None])
        gates += self._biases[direction]
        kernels = tf.split(self._kernels[direction], self._widths)
        for part, kernel in zip(inputs, kernels, strict=True):
            if isinstance(part, tuple):
                values, indices = part
                gates += ops.take(ops.matmul(values, kernel), ops.transpose(indices), axis=0)
            else:
                gates += ops.matmul(ops.transpose(part, (1, 0, 2)), kernel)
        recurrent = tf.convert_to_tensor(self._recurrent[direction])
        return _states(gates, recurrent, from_end=direction == 1)


def _states(gates, recurrent, from_end):
    """Computes the states of a direction, with a gradient written by hand.

    Args:
        gates: (positions, rows, 4 * units), the input part of the gates before the activation, in
            the order input, forget, candidate, output.
        recurrent: (units, 4 * units).
        from_end: whether the last position is read first.

    Returns:
        (positions, rows, units).
    """
    units = recurrent.shape[0]

    @tf.custom_gradient
    def states_of(gates, recurrent):
        nothing = ops.zeros_like(gates[0, :, :units])

        def step(before, here):
            state, cell = before
            x = here[0] + ops.matmul(state, recurrent)
            sigmoids = ops.sigmoid(x)
            candidate = ops.tanh(x[:, 2 * units : 3 * units])
            enter, forget, _, leave = ops.split(sigmoids, 4, axis=-1)
            cell = forget * cell + enter * candidate
            state = leave * ops.tanh(cell)
            return [state, cell], [state, cell, sigmoids, candidate]

        states, cells, sigmoids, candidate = _scan(step, 4, [nothing, nothing], [gates], from_end)

        def gradient(upstream):
            enter, forget, _, leave = ops.split(sigmoids, 4, axis=-1)
            tanh = ops.tanh(cells)
            # The derivatives of the cell, and of the state, by the input of each gate.
            gates_to_cell = ops.stack(
                [
                    candidate * enter * (1 - enter),
                    _before(cells, from_end) * forget * (1 - forget),
                    enter * (1 - candidate**2),
                ],
                axis=2,
            )
            gate_to_state = tanh * leave * (1 - leave)
            cell_to_state = leave * (1 - tanh**2)
            transposed = ops.transpose(recurrent)

            def step_back(after, here):
                state, cell = after
                upstream, gates_to_cell, gate_to_state, cell_to_state, forget = here
                state += upstream
                cell += state * cell_to_state
                to_cell = ops.reshape(cell[:, None] * gates_to_cell, (-1, 3 * units))
                gates = ops.concatenate([to_cell, state * gate_to_state], axis=-1)
                return [ops.matmul(gates, transposed), cell * forget], [gates]

            backwards = [upstream, gates_to_cell, gate_to_state, cell_to_state, forget]
            (gradients,) = _scan(step_back, 1, [nothing, nothing], backwards, not from_end)
            of_recurrent = ops.matmul(
                ops.transpose(ops.reshape(_before(states, from_end), (-1, units))),
                ops.reshape(gradients, (-1, 4 * units)),
            )
            return gradients, of_recurrent

        return states, gradient

    return states_of(gates, recurrent)


def _before(values, from_end):
    """The value at the position that was read before each one; 0 for the first."""
    nothing = ops.zeros_like(values[:1])
    parts = [values[1:], nothing] if from_end else [nothing, values[:-1]]
    return ops.concatenate(parts, axis=0)


def _scan(step, count, carry, sequences, from_end):
    """Calls `step` for each position, and stacks the `count` values that it returns.

    Keras' `scan` can neither read several sequences of unknown length, nor return other values than
    it carries to the next position.
    """
    length = ops.shape(sequences[0])[0]
    written = [tf.TensorArray(tf.float32, length) for _ in range(count)]

    def body(index, carry, written):
        position = length - 1 - index if from_end else index
        carry, values = step(carry, [sequence[position] for sequence in sequences])
        written = [array.write(position, v) for array, v in zip(written, values, strict=True)]
        return index + 1, carry, written

    *_, written = tf.while_loop(
        lambda index, *_: index < length, body, [0, carry, written], parallel_iterations=1
    )
    return [array.stack() for array in written]
