import numpy as np
import pytest

from charner.models.backend import keras
from charner.models.initializers import Orthogonal


@pytest.mark.parametrize("shape", [(3, 12), (200, 800)])
def test_rows_are_orthogonal_and_of_length_1(shape):
    keras.utils.set_random_seed(1)
    rows = np.array(Orthogonal()(shape, "float32"), float)
    np.testing.assert_allclose(rows @ rows.T, np.eye(shape[0]), atol=1e-5)


def test_directions_are_random():
    keras.utils.set_random_seed(1)
    first, second = (np.array(Orthogonal()((100, 400), "float32")) for _ in range(2))
    assert abs(np.mean(first * second)) < 1e-3
    for columns in np.split(first, 4, axis=1):  # no gate gets more than its share
        assert np.mean(columns**2) == pytest.approx(1 / 400, rel=0.05)
