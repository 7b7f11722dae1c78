"""One type for each name, and numbers of single precision: what NumPy decides when it runs, Numba knows before."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, value_and_grad
from tests.numba.drawn import function_of

X = np.array([0.3, -0.7, 1.1])


def whole_before(x, k):
    y = np.arange(3)
    for _ in range(k):
        y = y * x[0] + x
    return np.sum(y * y * x)


def single_before(x, k):
    y = np.arange(3, dtype=np.float32)
    for _ in range(k):
        y = np.sin(y) * x
    return np.sum(y * y * x)


def two_swapped(x, k):
    a, b = np.arange(3), x
    for _ in range(k):
        a, b = b, a * 0.5
    return np.sum(a * b * x)


def in_a_while(x, k):
    y, s = np.arange(3), 4.0
    while s > k:
        y, s = y * x * 0.5, s - 1.0
    return np.sum(y * x)


def in_one_arm(x, k):
    y = np.arange(3)
    if k > 1:
        y = y * x
    return np.sum(y * x * x)


def in_an_arm_in_a_loop(x, k):
    y = np.ones(3, dtype=np.int64)
    for j in range(k):
        if j > 0:
            y = np.cos(y) * x
    return np.sum(y * x)


FUNCTIONS = [whole_before, single_before, two_swapped, in_a_while, in_one_arm, in_an_arm_in_a_loop]


@pytest.mark.parametrize("func", FUNCTIONS, ids=lambda f: f.__name__)
def test_an_array_that_becomes_one_of_floats(func):
    compiled, plain = value_and_grad(func, backend="numba"), value_and_grad(func)
    for k in (0, 1, 2, 3):
        (value, bar), (wanted, wanted_bar) = compiled(X, k), plain(X, k)
        rounds = 1e-6 if func is single_before else 1e-12
        assert value == pytest.approx(float(func(X, k)), rel=rounds, abs=rounds)
        assert wanted == func(X, k)
        np.testing.assert_allclose(bar, wanted_bar, rtol=rounds, atol=rounds)


def test_what_is_returned_has_its_type_or_is_refused():
    def pair(x, k):
        y = np.arange(3)
        for _ in range(k):
            y = y * x
        return np.sum(y), y

    def twice(x, k):
        y = np.arange(3)
        for _ in range(2):
            y = y * x
        return np.sum(y) * k, y

    def truth(x, k):
        y = x > 0.0
        for _ in range(k):
            y = y * x
        return np.sum(x[y > 0.1]), x
    _, out = value_and_grad(twice, has_aux=True, backend="numba")(X, 2)[0]
    np.testing.assert_array_equal(out, np.arange(3) * X * X)
    for func in (pair, truth):
        with pytest.raises(CannotDifferentiate, match="Numba knows one type of `y`, which may be of (int64|bool) here"):
            value_and_grad(func, has_aux=True, backend="numba")(X, 2)


S, M = X.astype(np.float32), np.eye(3, dtype=np.float32) * 2
NUMBERS = {"half": "x[0] * 0.5", "sum": "np.sum(x) * 2", "power": "x[0] ** 2", "itself": "x[1][()] * p", "mean": "x.mean()"}
ARRAYS = {"array": "np.array(s)", "of two": "np.array([s, x[1]])", "joined": "np.append(x, s)", "filled": "np.full(3, s)",
          "stacked": "np.stack([s, s])", "a product": "np.array([s, s, s]) @ m", "a list": "np.array([z * s for z in x])",
          "chosen": "np.where(x > s, x, s)", "bounded": "np.maximum(x, s)", "a copy": "np.copy(s)"}


@pytest.mark.parametrize("number", NUMBERS)
def test_arrays_of_numbers_in_single_precision(number):
    for name, array in ARRAYS.items():
        text = f"def f(x, m, p):\n    s = {NUMBERS[number]}\n    y = {array}\n    return np.sum(y * y), y\n"
        f, args = function_of(text, f"<{number}, {name}>"), (S, M, np.float32(0.4))
        (_, y), bars = value_and_grad(f, (0, 2), has_aux=True, backend="numba", check="off")(*args)
        right = f(*args)[1]
        assert (y.dtype, y.shape) == (right.dtype, right.shape) == (np.float32, right.shape), name
        np.testing.assert_allclose(y, right, rtol=1e-5)
        wanted = value_and_grad(lambda x, p: f(x, M.astype(float), p)[0], (0, 1), check="off")(S.astype(float), 0.4)[1]
        for bar, other in zip(bars, wanted, strict=True):
            assert np.asarray(bar).dtype == np.float32, name
            np.testing.assert_allclose(bar, other, rtol=1e-4, atol=1e-5)


def of_several_types(x, m):
    z = np.array([x, x * 2.0])
    y = np.sum([x, z[1]], axis=0) * (np.arange(3) @ m + np.arange(3).dot(x) + np.matmul(m > 0.5, x))
    x[np.zeros(2, int)] += 0.5 * np.ones(2, dtype=bool) * x[1]
    return np.sum(z * z * y) + np.vdot(m, m.T) + np.sum(m.astype(np.float32) @ x) + np.sum(x * (x > 0.2).astype(int)) \
        + np.sum(np.ones(2, bool), dtype=np.uint8) * x[0] + np.sum(np.append(x, m[0, 0] * 2.0))


def test_products_and_arrays_of_several_types():
    m = np.arange(9.0).reshape(3, 3) / 7.0
    value, bars = value_and_grad(of_several_types, (0, 1), backend="numba", check="off")(X.copy(), m)
    assert value == pytest.approx(of_several_types(X.copy(), m), rel=1e-12)
    rng = np.random.default_rng(0)
    for _ in range(4):
        along = rng.normal(size=3), rng.normal(size=(3, 3))
        found = sum(np.sum(bar * d) for bar, d in zip(bars, along, strict=True))
        far, near = ((of_several_types(X + t * along[0], m + t * along[1])
                      - of_several_types(X - t * along[0], m - t * along[1])) / (2.0 * t) for t in (2e-3, 1e-3))
        assert found == pytest.approx((4.0 * near - far) / 3.0, rel=2e-4)      # a part of it is in single precision
