"""Under Numba: what a loop keeps is kept where it is bound."""

import numpy as np
import pytest

from ad_compiler import value_and_grad

X, Y = np.linspace(-0.4, 0.9, 5), np.linspace(1.2, 0.3, 5)


def in_one_arm(s, x, y):
    for k in range(3):
        if s > 0.3:
            a = x * 0.5 + y
            s = s + np.sum(a * y)
        for i in range(1, len(y)):
            y[i] -= np.sin(x[i] * y[i - 1])
        s = s + 0.2
    return s


def in_an_arm_of_an_arm(s, x, y):
    for k in range(4):
        if s > 0.3:
            if s > 0.6:
                a = x * 0.5 + y
                s = s + np.sum(a * a * y)
            else:
                b = x * y
                s = s + np.sum(b * b)
        s = s + 0.2
        y = y * s
    return s


@pytest.mark.parametrize("s", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("func", [in_one_arm, in_an_arm_of_an_arm], ids=lambda f: f.__name__)
def test_an_array_that_one_arm_alone_binds(func, s):
    value, gradient = value_and_grad(func, (0, 1, 2))(s, X, Y)
    compiled = value_and_grad(func, (0, 1, 2), backend="numba")
    for _ in range(2):
        again, found = compiled(s, X, Y)
        assert np.isclose(again, value, rtol=1e-12)
        assert all(np.allclose(a, b, rtol=1e-9) for a, b in zip(found, gradient, strict=True))
