"""Under Numba: functions that Numba knows for other arguments alone."""

import numpy as np
import pytest

from ad_compiler import value_and_grad
from tests.fd import check_against_differences

X, M = np.linspace(-0.4, 0.9, 5), np.linspace(-0.7, 1.3, 15).reshape(3, 5)


def copied(x, m):
    a, b = np.array(x), np.array(m, dtype=float)
    a[1:] *= x[:-1]
    b[0] = a
    return np.sum(b * m) + np.sum(a)


def clipped(x, m):
    s = np.clip(x @ x, -0.6, 0.7)
    for i in range(len(x)):
        s += np.clip(x[i], -0.3, s) * m[0, i]
    return s * np.clip(np.sum(m), 0.0, 9.0)


def axis_left_out(x, m):
    sums = np.sum(m * m, axis=1, keepdims=False)
    means = m.mean(axis=0, keepdims=False)
    return np.sum(sums[:, None] * m) + np.dot(means, x) + np.sum(np.max(m, axis=1, keepdims=False) ** 2)


@pytest.mark.parametrize("func", [copied, clipped, axis_left_out], ids=lambda f: f.__name__)
def test_both_dialects(func):
    compiled = value_and_grad(func, (0, 1), backend="numba")
    for x, m in ((X, M), (X[:2].copy(), M[:, :2].copy())):
        gradient = check_against_differences(func, (x, m), (0, 1))
        kept = x.copy(), m.copy()
        value, found = compiled(x, m)
        assert np.isclose(value, func(x, m), rtol=1e-12)
        assert all(np.allclose(a, b, rtol=1e-9, atol=1e-12) for a, b in zip(found, gradient, strict=True))
        assert np.array_equal(x, kept[0]) and np.array_equal(m, kept[1])
