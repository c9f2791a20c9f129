"""The LSTM layer in NumPy, with the weights of `charner.models.lstm`."""

from collections.abc import Callable, Iterator

import numpy as np

# Of a direction's state, in all rows that are read at once: more would not stay in the cache.
VALUES_AT_ONCE = 12_800

# Returns the input part of the gates at a position for some rows, (rows, 4 * units), in an array
# that may be overwritten. For all positions at once, it would be slower and need much memory.
Gates = Callable[[int, slice], np.ndarray]


def blocks_of_rows(lengths: np.ndarray, units: int) -> list[np.ndarray]:
    """The numbers of rows in order of length, in blocks that are read at once."""
    order = np.argsort(lengths, kind="stable")
    rows_at_once = max(1, VALUES_AT_ONCE // units)
    return np.split(order, range(rows_at_once, len(order), rows_at_once))


def gates_of_table(table: np.ndarray, numbers: np.ndarray) -> Gates:
    """Gates that are the rows of a table, by their numbers (positions, rows)."""
    return lambda position, rows: table[numbers[position, rows]]


class Direction:
    """An LSTM layer in one direction.

    `kernel` (inputs, 4 * units) and `bias` (4 * units,) compute the input part of the gates, in the
    order input, forget, output, candidate. All but the candidate are halved: since sigmoid(x) is
    tanh(x / 2) / 2 + 1 / 2, one tanh then computes all of them.
    """

    def __init__(self, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray):
        """Takes the weights of `charner.models.lstm`, where the candidate is third."""
        self.units = len(recurrent)
        order = np.arange(4 * self.units).reshape(4, -1)[[0, 1, 3, 2]].ravel()
        scale = np.repeat(np.array([0.5, 0.5, 0.5, 1], np.float32), self.units)
        self.kernel, self._recurrent, self.bias = (
            np.ascontiguousarray(weights[..., order] * scale)
            for weights in (kernel, recurrent, bias)
        )

    def states(
        self, gates: Gates, lengths: np.ndarray, reverse: bool
    ) -> Iterator[tuple[int, slice, np.ndarray]]:
        """Yields each position, the rows that reach it, and their states.

        The next position overwrites the states, (rows that reach it, units).

        Args:
            gates: the input part of the gates, which is overwritten.
            lengths: (rows,), in order: the rows that reach a position are then the last ones.
            reverse: whether to read from the last position to the first.
        """
        units, rows = self.units, len(lengths)
        states, cells, candidates = np.zeros((3, rows, units), np.float32)
        products = np.empty((rows, 4 * units), np.float32)
        firsts = np.searchsorted(lengths, np.arange(lengths[-1]), side="right").tolist()
        for position in range(len(firsts))[:: -1 if reverse else 1]:
            reached = slice(firsts[position], None)
            state, cell = states[reached], cells[reached]
            active = gates(position, reached)
            active += np.matmul(state, self._recurrent, out=products[reached])
            np.tanh(active, out=active)
            between = active[:, : 3 * units]
            between *= 0.5
            between += 0.5
            cell *= active[:, units : 2 * units]
            candidate = candidates[reached]
            cell += np.multiply(active[:, :units], active[:, 3 * units :], out=candidate)
            np.tanh(cell, out=state)
            state *= active[:, 2 * units : 3 * units]
            yield position, reached, state


class Layer:
    """An LSTM layer in one or both directions."""

    def __init__(self, weights: dict[str, np.ndarray], name: str):
        """Takes the weights of the layer with this name."""
        self.directions = [
            Direction(
                weights[f"{name}.{direction}_kernel"],
                weights[f"{name}.{direction}_recurrent"],
                weights[f"{name}.{direction}_bias"],
            )
            for direction in ("forward", "backward")
            if f"{name}.{direction}_kernel" in weights
        ]

    @staticmethod
    def weight_shapes(
        name: str, inputs: int, units: int, bidirectional: bool
    ) -> dict[str, tuple[int, ...]]:
        """The shape of each weight of such a layer."""
        rows = {"kernel": (inputs,), "recurrent": (units,), "bias": ()}
        return {
            f"{name}.{direction}_{weight}": (*shape, 4 * units)
            for direction in ("forward", "backward")[: 1 + bidirectional]
            for weight, shape in rows.items()
        }

    def gates(self, inputs: np.ndarray) -> list[Gates]:
        """The input part of the gates of each direction, from inputs (positions, rows, values)."""

        def direction_gates(direction: Direction) -> Gates:
            return lambda position, rows: inputs[position, rows] @ direction.kernel + direction.bias

        return [*map(direction_gates, self.directions)]

    def states(self, gates: list[Gates], lengths: np.ndarray) -> np.ndarray:
        """The states of all directions, concatenated.

        Args:
            gates: of each direction.
            lengths: (rows,), in order.

        Returns:
            (positions, rows, units * directions), 0 after the end of a row.
        """
        units = self.directions[0].units
        states = np.zeros((lengths[-1], len(lengths), units * len(gates)), np.float32)
        for number, position, rows, state in self._steps(gates, lengths):
            states[position, rows, number * units : (number + 1) * units] = state
        return states

    def times(self, gates: list[Gates], lengths: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Computes `states(gates, lengths) @ weights` without storing the states."""
        products = np.zeros((lengths[-1], len(lengths), weights.shape[1]), np.float32)
        parts = np.split(weights, len(gates))
        for number, position, rows, state in self._steps(gates, lengths):
            products[position, rows] += state @ parts[number]
        return products

    def _steps(
        self, gates: list[Gates], lengths: np.ndarray
    ) -> Iterator[tuple[int, int, slice, np.ndarray]]:
        """Yields the number of each direction, and what `Direction.states` yields."""
        for number, direction in enumerate(self.directions):
            for step in direction.states(gates[number], lengths, reverse=number == 1):
                yield number, *step


def stack(weights: dict[str, np.ndarray], layers: int) -> list[Layer]:
    """The layers `lstm_1` and so on, each of which reads the states of the one below."""
    return [Layer(weights, f"lstm_{number}") for number in range(1, layers + 1)]


def stack_shapes(
    inputs: int, units: int, layers: int, bidirectional: bool
) -> dict[str, tuple[int, ...]]:
    """The shape of each weight of these layers."""
    shapes: dict[str, tuple[int, ...]] = {}
    for number in range(1, layers + 1):
        shapes |= Layer.weight_shapes(f"lstm_{number}", inputs, units, bidirectional)
        inputs = units * (1 + bidirectional)
    return shapes
