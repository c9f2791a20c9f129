"""Random orthogonal matrices, for the recurrent weights of LSTMs."""

from charner.models.backend import keras

ops = keras.ops
# For matrices four times as wide as high, 10 reach the precision of 32-bit floats.
ITERATIONS = 15


class Orthogonal(keras.initializers.Initializer):
    """Orthogonal rows, uniformly distributed; Saxe et al. (2013), "Exact solutions".

    The nearest orthogonal matrix of a matrix of normal random numbers, by the iteration of Björck
    and Bowie (1971), "An Iterative Algorithm for Computing the Best Estimate of an Orthogonal
    Matrix". Keras takes a QR decomposition, whose last digits depend on the processor's caches.
    """

    def __call__(self, shape, dtype=None):
        """A matrix of this shape (rows, columns), with at least as many columns as rows."""
        rows, columns = shape
        matrix = keras.initializers.RandomNormal(stddev=1.0)(shape, dtype)
        matrix /= rows**0.5 + columns**0.5  # its largest singular value becomes about 1
        for _ in range(ITERATIONS):
            squares = ops.matmul(matrix, ops.transpose(matrix))
            matrix = 1.5 * matrix - 0.5 * ops.matmul(squares, matrix)
        return matrix
