"""Lists and tuples where NumPy takes an array: what NumPy makes of them, of a length that only the run knows too."""

import numpy as np
import pytest

from ad_compiler import grad, jvp
from tests.fd import check_against_differences

X = np.array([0.7, 1.3, 2.1, 0.4])


def beside_an_array(x):
    return np.sum(np.hypot(x, [0.5, 1.0, 2.0, 3.0])) + np.sum(np.maximum((0.5, 0.5, 0.5, 0.5), x)) + \
        np.sum(np.power([1, 2, 3, 4], x)) + np.sum(np.where([True, False, True, True], x, (1, 2, 3, 4)))


def alone(x):
    return np.sum(np.exp([x[0], x[1] * x[2]])) + np.arctan2([x[0], 1.0], (1.0, x[1])).sum() + \
        np.sum(np.exp([x, 2.0 * x])) + np.sum(np.sin([[x[0], x[1]], [1.0, 2]])) + np.sum(np.exp([]))


def grown(x):
    items = [1.0]
    for i in range(3):
        items.append(items[-1] * x[i])
    return np.sum(np.square(items)) + np.linalg.norm(items) + np.cumsum(items)[2] + np.sum(np.multiply(items, x)) + \
        np.dot(items, items)


def grown_of_rows(x):
    rows = []
    for i in range(3):
        rows.append(x * i)
    return np.sum(np.exp(rows))


@pytest.mark.parametrize("f", [beside_an_array, alone, grown, grown_of_rows], ids=lambda f: f.__name__)
def test_a_list(f):
    check_against_differences(f, (X,))
    along = np.cos(np.arange(4.0))
    assert jvp(f, (X,), (along,))[1] == pytest.approx(grad(f)(X) @ along)
