"""Under Numba: an integer divided by zero raises, as in Python."""

import numpy as np
import pytest

from ad_compiler import value_and_grad

X = np.linspace(0.2, 0.9, 4)


def wrapped(x, k, m):
    s = 0.0
    for i in range(k):
        if i > 0:
            s += x[i % m] * x[i // m % len(x)]
    return s


def scaled(x, k, m):
    return np.sum(x * x) * (k / m)


def both(x, k, m):
    a, b = divmod(k, m)
    return np.sum(x * x) * a + x[b]


@pytest.mark.parametrize("func", [wrapped, scaled, both], ids=lambda f: f.__name__)
def test_division_of_integers(func):
    plain, compiled = value_and_grad(func), value_and_grad(func, backend="numba")
    for k, m in ((3, 2), (1, 0), (0, 0), (3, 0), (3, -1)):
        try:
            func(X, k, m)
        except ZeroDivisionError:
            with pytest.raises(ZeroDivisionError):
                compiled(X, k, m)
            continue
        value, gradient = compiled(X, k, m)
        want = plain(X, k, m)
        assert np.isclose(value, want[0])
        assert np.allclose(gradient, want[1])


def test_lengths_are_not_checked():
    def f(x):
        s = 0.0
        for i in range(2 * len(x)):
            s += x[i % len(x)] ** 2
        return s
    compiled = value_and_grad(f, backend="numba")
    assert np.allclose(compiled(X)[1], 4.0 * X)
    assert "check_divisor" not in compiled.source
