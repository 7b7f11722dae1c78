"""Under Numba: an integer divided by zero raises, as in Python."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, value_and_grad

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


def powers(x, n, table):
    return np.sum(x) * n ** -2 + np.sum(x * 2 ** np.arange(4)) + np.sum(x[:2] * table ** n) + x[0] * (-2) ** -3


def test_whole_numbers_to_negative_powers():
    compiled, table = value_and_grad(powers, backend="numba"), np.array([2, 3])
    for n in (1, 3):
        want = value_and_grad(powers)(X, n, table)
        assert all(map(np.allclose, compiled(X, n, table), want))
    for call in (powers, compiled):
        with pytest.raises(ValueError, match="negative integer powers"):
            call(X, -2, table)


def test_powers_that_numpy_refuses():
    with pytest.raises(CannotDifferentiate, match="no whole number to a negative power"):
        value_and_grad(lambda x: np.sum(x * np.array([2, 3]) ** -1), backend="numba")(X[:2])
