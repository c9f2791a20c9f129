"""The LSTM layer in NumPy, with the weights of `charner.models.lstm`."""

from collections.abc import Callable, Iterator

import numpy as np

ROWS_AT_ONCE = 64


def blocks_of_rows(lengths: np.ndarray) -> list[np.ndarray]:
    """Groups the numbers of rows of similar length in blocks of at most ROWS_AT_ONCE."""
    order = np.argsort(lengths, kind="stable")
    return np.split(order, range(ROWS_AT_ONCE, len(order), ROWS_AT_ONCE))


class Direction:
    """An LSTM layer in one direction.

    `kernel` (inputs, 4 * units) and `bias` (4 * units,) compute the input part of the gates, in the
    order input, forget, output, candidate. All but the candidate are halved: since sigmoid(x) is
    tanh(x / 2) / 2 + 1 / 2, one tanh then computes all of them.
    """

    def __init__(self, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray):
        """Takes the weights of `charner.models.lstm`, where the candidate is third.

        Args:
            kernel: (inputs, 4 * units).
            recurrent: (units, 4 * units).
            bias: (4 * units,).
        """
        self.units = len(recurrent)
        order = np.arange(4 * self.units).reshape(4, -1)[[0, 1, 3, 2]].ravel()
        scale = np.repeat(np.array([0.5, 0.5, 0.5, 1], np.float32), self.units)
        self.kernel, self._recurrent, self.bias = (
            np.ascontiguousarray(weights[..., order] * scale)
            for weights in (kernel, recurrent, bias)
        )

    def states(
        self, gates: Callable[[int], np.ndarray], mask: np.ndarray, reverse: bool
    ) -> Iterator[tuple[int, np.ndarray]]:
        """Yields each position with its states (rows, units); the next position overwrites them.

        Args:
            gates: returns the input part of the gates at a position, (rows, 4 * units), which is
                overwritten.
            mask: (positions, rows), 0 after the end of a row, else 1.
            reverse: whether to read from the last position to the first.
        """
        units, (positions, rows) = self.units, mask.shape
        state, cell, candidate = np.zeros((3, rows, units), np.float32)
        recurrent = np.empty((rows, 4 * units), np.float32)
        for position in range(positions)[:: -1 if reverse else 1]:
            active = gates(position)
            active += np.matmul(state, self._recurrent, out=recurrent)
            np.tanh(active, out=active)
            between = active[:, : 3 * units]
            between *= 0.5
            between += 0.5
            cell *= active[:, units : 2 * units]
            cell += np.multiply(active[:, :units], active[:, 3 * units :], out=candidate)
            cell *= mask[position][:, None]
            np.tanh(cell, out=state)
            state *= active[:, 2 * units : 3 * units]
            yield position, state


class Layer:
    """An LSTM layer in one or both directions."""

    def __init__(self, weights: dict[str, np.ndarray], name: str):
        """Takes the weights of a layer.

        Args:
            weights: all weights of a model, by name.
            name: the name of the layer.
        """
        kinds = ("kernel", "recurrent", "bias")
        self.directions = [
            Direction(*(weights[f"{name}.{direction}_{kind}"] for kind in kinds))
            for direction in ("forward", "backward")
            if f"{name}.{direction}_kernel" in weights
        ]

    def gates(self, inputs: np.ndarray) -> list[Callable[[int], np.ndarray]]:
        """For each direction, a function that returns the input part of the gates at a position.

        Args:
            inputs: (positions, rows, values).
        """

        def of_direction(direction: Direction) -> Callable[[int], np.ndarray]:
            return lambda position: inputs[position] @ direction.kernel + direction.bias

        return [of_direction(direction) for direction in self.directions]

    def states(self, gates: list[Callable[[int], np.ndarray]], mask: np.ndarray) -> np.ndarray:
        """The states of all directions, concatenated.

        Args:
            gates: of each direction, see `Direction.states`.
            mask: see `Direction.states`.

        Returns:
            (positions, rows, units * directions).
        """
        units = self.directions[0].units
        found = np.empty((*mask.shape, units * len(gates)), np.float32)
        for number, of_direction in enumerate(self._each(gates, mask)):
            for position, state in of_direction:
                found[position, :, number * units : (number + 1) * units] = state
        return found

    def times(
        self, gates: list[Callable[[int], np.ndarray]], mask: np.ndarray, weights: np.ndarray
    ) -> np.ndarray:
        """Computes `states(gates, mask) @ weights` without storing the states.

        Args:
            gates: of each direction, see `Direction.states`.
            mask: see `Direction.states`.
            weights: (units * directions, values).

        Returns:
            (positions, rows, values).
        """
        found = np.zeros((*mask.shape, weights.shape[1]), np.float32)
        parts = np.split(weights, len(gates))
        for of_direction, part in zip(self._each(gates, mask), parts, strict=True):
            for position, state in of_direction:
                found[position] += state @ part
        return found

    def _each(self, gates: list, mask: np.ndarray) -> list[Iterator[tuple[int, np.ndarray]]]:
        return [
            direction.states(of_direction, mask, reverse)
            for direction, of_direction, reverse in zip(
                self.directions, gates, (False, True), strict=False
            )
        ]
