"""Whole numbers of few bits, and other dtypes, for Numba: the value of NumPy, or refused."""

import math

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, value_and_grad
from tests.numba.strict.interpreter import interpreted

X, I, U = np.array([1.5, 2.5]), np.array([3, -2]), np.array([200, 100], np.uint8)     # noqa: E741


def carried(x, u):
    total = 0
    for v in u:
        total = total + v
    return np.sum(x * total)


REFUSED = {
    "a product of Python's": (lambda x, u: math.prod(u) * np.sum(x), U),
    "another byte order": (lambda x, w: np.max(w) * np.sum(x), X.astype(">f8")),
    "a sum that wraps": (carried, U), "sum that wraps": (lambda x, u: np.sum(sum(u) * x), U),
    "where of what does not fit": (lambda x, u: np.sum(np.where(u > 3, u, -1) * x), U),
    "minimum of what does not fit": (lambda x, u: np.sum(np.minimum(u, -1) * x), U),
    "a Python number without a sign": (lambda x, u: (int(u[0]) - 1) * np.sum(x), np.array([2 ** 63 + 9], np.uint64)),
    "half precision": (lambda x, u: np.sum(np.sqrt(u) * x), U),
    "a negative power": (lambda x, i: np.sum(i ** -1 * x), I), "a power of 2": (lambda x, i: np.sum(2 ** i * x), I),
    "a power by an array": (lambda x, i: np.sum(np.power(i, i) * x), I),
}
RIGHT = {
    "asarray": (lambda x, i: np.sum(np.asarray(x, int) * x), I), "np.int64": (lambda x, i: np.sum(np.int64(x) * x), I),
    "array": (lambda x, i: np.sum(np.array(x, np.int64) * x), I),
    "truth values": (lambda x, i: np.sum(np.asanyarray(i > 0, float) * x), I),
    "a square": (lambda x, i: np.sum(i ** 2 * x), I), "a float base": (lambda x, i: np.sum(x ** i + 2.0 ** i), I),
    "to single precision": (lambda x, i: np.sum(i.astype(np.float32) * x), I),
    "sum of 64 bits": (lambda x, i: np.sum(sum(i) * x), I),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    f, other = REFUSED[name]
    with pytest.raises(CannotDifferentiate, match="NumPy|does not fit|dtype|of 64 bits"):
        value_and_grad(f, backend="numba", check="off")(X, other)


@pytest.mark.parametrize("name", RIGHT)
def test_as_numpy(name):
    f, other = RIGHT[name]
    with interpreted():
        value, bar = value_and_grad(f, backend="numba", check="off")(X, other)
    assert np.isclose(value, f(X, other))
    slopes = [(f(X + step, other) - f(X - step, other)) / 2e-6 for step in 1e-6 * np.eye(2)]
    np.testing.assert_allclose(bar, slopes, 1e-6)


NARROW = np.array([1.1, 2.3], np.float32), np.array([-128, 100], np.int8), np.array([True, False])
OF_64_BITS = {
    "float": lambda x, k, b: float(x[0]) * float(x[1]) * float(x[0]),
    "item": lambda x, k, b: x[0].item() * x[1:].item() * x[0].item(),
    "tolist": lambda x, k, b: sum([v * v for v in x.tolist()]),
    "nothing to list": lambda x, k, b: sum(x[:0].tolist()) + float(x[0]) ** 3.0,
    "math": lambda x, k, b: math.exp(x[0]) * math.hypot(x[1], x[0]),
    "a truth value": lambda x, k, b: float(b[0]) * float(x[0]) * float(x[0]) - int(b[0]),
    "int": lambda x, k, b: float(x[0]) * abs(int(k[0])),
    "a negative one": lambda x, k, b: float(x[0]) * -int(k[0]),
    "a square": lambda x, k, b: float(x[0]) * np.square(int(k[1])),
    "the least": lambda x, k, b: float(x[0]) * abs(min(int(k[0]), k[1].item())),
}
"""What Numba would leave in the dtype that it has."""


@pytest.mark.compiled
def test_python_numbers_have_64_bits_compiled():
    total = lambda x, k, b: OF_64_BITS["int"](x, k, b) + OF_64_BITS["a square"](x, k, b) + OF_64_BITS["item"](x, k, b)    # noqa: E731
    value, bar = value_and_grad(total, backend="numba", check="off")(*NARROW)
    assert np.isclose(value, total(*NARROW), 1e-14)
    np.testing.assert_allclose(bar, [10128.0 + 2.0 * 1.1 * 2.3, 1.1 * 1.1], 1e-6)


@pytest.mark.parametrize("name", OF_64_BITS)
def test_python_numbers_have_64_bits(name):
    f = OF_64_BITS[name]
    with interpreted():
        value, bar = value_and_grad(f, backend="numba", check="off")(*NARROW)
    assert np.isclose(value, f(*NARROW), 1e-14)
    x, *others = NARROW
    wide = x.astype(np.float64)
    slopes = [(f(wide + step, *others) - f(wide - step, *others)) / 2e-6 for step in 1e-6 * np.eye(2)]
    np.testing.assert_allclose(bar, slopes, 1e-6, 1e-6)
