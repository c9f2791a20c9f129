"""The LSTM layer in NumPy, for tagging; see `lstm`, whose weights it takes."""

from collections.abc import Callable

import numpy as np

ROWS = 64  # read at a time


def blocks(lengths: np.ndarray) -> list[np.ndarray]:
    """The numbers of rows, those of like length together in blocks of ROWS or fewer."""
    order = np.argsort(lengths, kind="stable")
    return np.split(order, range(ROWS, len(order), ROWS))


class Direction:
    """An LSTM layer in one direction.

    `kernel` (inputs, 4 * units) and `bias` (4 * units,) make the inputs' part of the gates: input,
    forget, output, candidate. All but the last are halved: sigmoid(x) is tanh(x / 2) / 2 + 1 / 2,
    so that one tanh serves for all.
    """

    def __init__(self, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray):
        """Args: as in `lstm`, where the candidate is third."""
        self.units = len(recurrent)
        order = np.arange(4 * self.units).reshape(4, -1)[[0, 1, 3, 2]].ravel()
        scale = np.repeat(np.float32([0.5, 0.5, 0.5, 1]), self.units)
        self.kernel, self._recurrent, self.bias = (
            np.ascontiguousarray(weights[..., order] * scale)
            for weights in (kernel, recurrent, bias)
        )

    def states(
        self, gates: Callable[[int], np.ndarray], mask: np.ndarray, reverse: bool
    ) -> np.ndarray:
        """Args:
            gates: gives the inputs' part at a position, (rows, 4 * units); it is overwritten.
            mask: (positions, rows), 0 after the end of a row, else 1.
            reverse: from the last position to the first.

        Returns:
            (positions, rows, units).
        """
        units, (positions, rows) = self.units, mask.shape
        states = np.empty((positions, rows, units), np.float32)
        state, cell = np.zeros((2, rows, units), np.float32)
        recurrent = np.empty((rows, 4 * units), np.float32)
        for position in range(positions)[:: -1 if reverse else 1]:
            active = gates(position)
            active += np.matmul(state, self._recurrent, out=recurrent)
            np.tanh(active, out=active)
            between = active[:, : 3 * units]
            between *= 0.5
            between += 0.5
            cell *= active[:, units : 2 * units]
            cell += active[:, :units] * active[:, 3 * units :]
            cell *= mask[position][:, None]
            state = np.tanh(cell, out=states[position])
            state *= active[:, 2 * units : 3 * units]
        return states


class Layer:
    """An LSTM layer in one direction or both."""

    def __init__(self, weights: dict[str, np.ndarray], name: str):
        """Args: weights: all of a model's, by name."""
        self.directions = [
            Direction(
                *(weights[f"{name}.{way}_{kind}"] for kind in ("kernel", "recurrent", "bias"))
            )
            for way in ("forward", "backward")
            if f"{name}.{way}_kernel" in weights
        ]

    def __call__(self, inputs: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Args: inputs: (positions, rows, values); mask: as in `Direction.states`.

        Returns:
            (positions, rows, units * directions).
        """
        return self.states(
            [lambda p, d=d: inputs[p] @ d.kernel + d.bias for d in self.directions], mask
        )

    def states(self, gates: list[Callable[[int], np.ndarray]], mask: np.ndarray) -> np.ndarray:
        """The same, where the inputs' part of each direction's gates is known."""
        found = [
            direction.states(of_direction, mask, reverse)
            for direction, of_direction, reverse in zip(
                self.directions, gates, (False, True), strict=False
            )
        ]
        return np.concatenate(found, axis=-1)
