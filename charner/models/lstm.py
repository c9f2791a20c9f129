"""An LSTM layer in one or both directions, faster on a CPU than Keras' own layer.

Hochreiter and Schmidhuber (1997), "Long Short-Term Memory"; gates as in Gers et al. (2000). What
does not depend on the previous position is computed for all positions at once: here the input part
of the gates, in `charner.models.recurrence` the gradient of the weights. The directions do not
depend on each other, so that each can run on a core of its own.
"""

from typing import Any

from charner.models.backend import keras, tf
from charner.models.initializers import Orthogonal
from charner.models.recurrence import lstm_states

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
                pair of (distinct, values) and indices into them: (rows, positions), or (rows, 1)
                where all positions of a row have the same values.
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
        return lstm_states(gates, recurrent, from_end=direction == 1)
