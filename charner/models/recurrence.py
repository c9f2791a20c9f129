"""The recurrent part of an LSTM: a loop over the positions, and its gradient written by hand."""

from charner.models.backend import keras, tf

ops = keras.ops


def lstm_states(gates, recurrent, from_end):
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
