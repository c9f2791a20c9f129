"""An LSTM layer in one or both directions, faster on a CPU than Keras' own layer.

Hochreiter and Schmidhuber (1997), "Long Short-Term Memory"; gates as in Gers et al. (2000). What
does not depend on the previous step is computed for all steps at once: the input part of the gates,
and the gradient of the weights. Both directions run in the same loop.
"""

from collections.abc import Callable
from typing import Any

from charner.models.backend import keras, tf
from charner.models.initializers import Orthogonal

ops = keras.ops


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
        gates = 4 * self._units

        def weights(part: str, shape: tuple, initializer: Any) -> list:
            return [
                self.add_weight(shape=shape, initializer=initializer, name=f"{name}_{part}")
                for name in self._directions
            ]

        self._kernels = weights("kernel", (input_shape[-1], gates), "glorot_uniform")
        self._recurrent = weights("recurrent", (self._units, gates), Orthogonal())
        self._biases = weights("bias", (gates,), self._initial_bias)

    def _initial_bias(self, shape, dtype=None):
        """1 for the forget gates, so that cells keep their state at first; otherwise 0."""
        return ops.cast((ops.arange(shape[0]) // self._units) == 1, dtype)

    def call(self, inputs, mask):
        """Reads padded rows.

        Args:
            inputs: (rows, positions, values).
            mask: (rows, positions), False for the padding at the end of rows.

        Returns:
            (rows, positions, units * directions), 0 for padding.
        """
        forward = ops.transpose(inputs, (1, 0, 2))
        forward_mask = ops.cast(ops.transpose(mask), inputs.dtype)[..., None]
        read = [forward, ops.flip(forward, axis=0)][: len(self._directions)]
        masks = [forward_mask, ops.flip(forward_mask, axis=0)][: len(self._directions)]
        return self._joined(self._read(read, masks))

    def _joined(self, states: Any) -> Any:
        """The states (rows, positions, units * directions), from what `_read` returns."""
        directions = [states[:, 0]]
        if len(self._directions) == 2:
            directions.append(ops.flip(states[:, 1], axis=0))
        return ops.transpose(ops.concatenate(directions, axis=-1), (1, 0, 2))

    def _read(self, inputs: list, masks: list) -> Any:
        """The states (positions, directions, rows, units) after each position is read.

        Args:
            inputs: for each direction (positions, rows, values), in the order in which it reads.
            masks: for each direction (positions, rows, 1); after 0 it starts afresh.
        """
        gates = [
            ops.matmul(x, kernel) + bias
            for x, kernel, bias in zip(inputs, self._kernels, self._biases, strict=True)
        ]
        return _states(
            ops.stack(gates, axis=1),
            ops.stack(masks, axis=1),
            ops.concatenate([weight[None] for weight in self._recurrent]),
        )


def _multiplier(matrix: Any) -> Callable[[Any], Any]:
    """A function that multiplies rows by a matrix; both have a first axis for the directions.

    If a row of the matrix is a multiple of 1,024 bytes, the rows compete for the same lines of the
    processor's cache, and the product can take twice as long. Such a matrix gets more columns.
    """
    columns = matrix.shape[-1]
    if columns % 256:
        return lambda rows: ops.matmul(rows, matrix)
    wider = ops.pad(matrix, ((0, 0), (0, 0), (0, 16)))
    return lambda rows: ops.matmul(rows, wider)[..., :columns]


@tf.custom_gradient
def _states(gates, mask, recurrent):
    """Computes the states of all directions, with a gradient written by hand.

    Args:
        gates: (positions, directions, rows, 4 * units), the input part of the gates before the
            activation, in the order input, forget, candidate, output.
        mask: (positions, directions, rows, 1).
        recurrent: (directions, units, 4 * units).

    Returns:
        (positions, directions, rows, units).
    """
    units = recurrent.shape[1]
    times_recurrent = _multiplier(recurrent)

    def step(carry, gates_and_mask):
        state, cell, _ = carry
        x = gates_and_mask[..., :-1] + times_recurrent(state)
        sigmoids = ops.sigmoid(x)
        candidate = ops.tanh(x[..., 2 * units : 3 * units])
        enter, forget, _, leave = ops.split(sigmoids, 4, axis=-1)
        cell = (forget * cell + enter * candidate) * gates_and_mask[..., -1:]
        active = ops.concatenate([enter, forget, candidate, leave], axis=-1)
        carry = [leave * ops.tanh(cell), cell, active]
        return carry, carry

    # One sequence to scan: Keras 3.15 cannot scan several of unknown length.
    sequence = ops.concatenate([gates, mask], axis=-1)
    no_gates = ops.zeros_like(gates[0])
    nothing = no_gates[..., :units]
    _, (states, cells, active) = ops.scan(step, [nothing, nothing, no_gates], sequence)

    def gradient(upstream):
        enter, forget, candidate, leave = ops.split(active, 4, axis=-1)
        before = ops.concatenate([nothing[None], cells[:-1]], axis=0)
        tanh = ops.tanh(cells)
        # The derivatives of the cell, and of the state, by the input of each gate.
        gates_to_cell = ops.concatenate(
            [
                candidate * enter * (1 - enter),
                before * forget * (1 - forget),
                enter * (1 - candidate**2),
            ],
            axis=-1,
        )
        gate_to_state = tanh * leave * (1 - leave)
        cell_to_state = leave * (1 - tanh**2)
        times_transposed = _multiplier(ops.transpose(recurrent, (0, 2, 1)))

        def step_back(carry, sequence):
            from_next_state, from_next_cell, _ = carry
            (
                upstream_here,
                gate_to_state_here,
                cell_to_state_here,
                forget_here,
                gates_to_cell_here,
                mask_here,
            ) = ops.split(sequence, [units, 2 * units, 3 * units, 4 * units, 7 * units], axis=-1)
            state = from_next_state + upstream_here
            cell = (from_next_cell + state * cell_to_state_here) * mask_here
            cells_thrice = ops.concatenate([cell, cell, cell], axis=-1)
            gates = ops.concatenate(
                [cells_thrice * gates_to_cell_here, state * gate_to_state_here], axis=-1
            )
            carry = [times_transposed(gates), cell * forget_here, gates]
            return carry, carry

        backwards = [upstream, gate_to_state, cell_to_state, forget, gates_to_cell, mask]
        _, (_, _, gate_gradients) = ops.scan(
            step_back,
            [nothing, nothing, no_gates],
            ops.concatenate(backwards, axis=-1),
            reverse=True,
        )
        states_before = ops.concatenate([nothing[None], states[:-1]], axis=0)
        recurrent_gradients = ops.einsum("tdru,tdrg->dug", states_before, gate_gradients)
        return gate_gradients, ops.zeros_like(mask), recurrent_gradients

    return states, gradient
