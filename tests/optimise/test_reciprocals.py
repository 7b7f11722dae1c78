"""What is divided by `y` twice is multiplied with `1.0 / y` twice, where that is there."""

import numpy as np
import pytest

from ad_compiler import grad
from ad_compiler.testing import check_grads


def reciprocals(x):
    q = 1.0 / x
    r = 1 / (1.0 + np.exp(-x))
    y = 2.0 / x
    q2 = 1.0 / x
    q2[0] = 3.0
    return np.sum(q * x) + np.sum(r) + np.sum(y) + np.sum(q2 * q) + np.sum(1.0 / x[::-1] / x)


def test_a_reciprocal_is_multiplied_with_again():
    check_grads(reciprocals, (np.array([0.4, -1.3, 2.2, 0.7]),), order=2)
    check_grads(reciprocals, (np.array([0.4]),), order=2)
    source = grad(reciprocals)
    source(np.ones(3))
    assert "q * q" in source.source and "r * r" in source.source


@pytest.mark.parametrize("x", [1e-300, -1e-300, 1e-200, 1e200, -1e300, np.inf, -np.inf, np.nan])
def test_a_reciprocal_at_the_ends_of_the_numbers(x):
    def f(x):
        return np.sum(1.0 / x)
    with np.errstate(all="ignore"):
        want = -1.0 / np.float64(x) / np.float64(x)
        assert np.array_equal(grad(f)(np.array([x])), np.array([want]), equal_nan=True)
