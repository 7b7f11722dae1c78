"""Lengths that the first call has in common, `x[3:]` and `y` among them, are taken to be equal, and watched."""

import numpy as np
import pytest

from ad_compiler import grad, value_and_grad
from tests.fd import COORDINATES, directions, slope

PLACES = np.array([2, 0, 1])


def behind(x, y):
    return np.sum(x[3:] * y * y) + np.sum(x)


def twice_behind(x, y, z):
    u = x[1:] * y
    return np.sum(u[1:] * z) + np.sum(y[1:] * z)


def put(x):
    a = np.zeros((4, 5))
    a[:, PLACES] = x[:, 2:]
    return np.sum(a * a * a)


def check(gradient, f, *args):
    value, bars = gradient(*args)
    assert value == pytest.approx(f(*args), rel=1e-12)
    for n, bar in enumerate(bars):
        assert bar.shape == args[n].shape
        assert bar.size <= COORDINATES
        wanted = [slope(f, args, {}, (n,), direction, 1e-4) for direction in directions([args[n]])]
        np.testing.assert_allclose(bar.ravel(), wanted, rtol=1e-6, atol=1e-7)


def test_no_helper_where_lengths_are_known_to_be_equal():
    gradient = value_and_grad(behind, (0, 1))
    rng = np.random.default_rng(0)
    check(gradient, behind, rng.normal(size=7), rng.normal(size=4))
    assert "unbroadcast" not in gradient.source
    check(gradient, behind, rng.normal(size=6), rng.normal(size=3))
    assert gradient.cache_info().misses == 1


@pytest.mark.parametrize("backend", ["numpy", pytest.param("numba", marks=pytest.mark.jit)])
def test_lengths_that_are_no_longer_equal(backend):
    if backend == "numba":
        pytest.importorskip("numba")
    gradient = value_and_grad(behind, (0, 1), backend=backend)
    rng = np.random.default_rng(1)
    for n, m in [(7, 4), (7, 1), (4, 4), (4, 1), (9, 6), (3, 1), (3, 0)]:
        check(gradient, behind, rng.normal(size=n), rng.normal(size=m))
    for n, m in [(7, 3), (9, 4), (3, 2), (2, 4)]:
        with pytest.raises(ValueError, match="broadcast"):
            gradient(rng.normal(size=n), rng.normal(size=m))
    check(gradient, behind, rng.normal(size=8), rng.normal(size=5))


def test_lengths_that_follow_from_each_other():
    gradient = value_and_grad(twice_behind, (0, 1, 2))
    rng = np.random.default_rng(2)
    for n in (6, 5, 3, 2):
        check(gradient, twice_behind, rng.normal(size=n), rng.normal(size=n - 1), rng.normal(size=n - 2))
    check(gradient, twice_behind, rng.normal(size=6), rng.normal(size=5), rng.normal(size=1))
    check(gradient, twice_behind, rng.normal(size=2), rng.normal(size=5), rng.normal(size=4))


def test_lengths_of_globals():
    global PLACES
    rng, before = np.random.default_rng(3), PLACES
    gradient = value_and_grad(put, (0,))
    try:
        check(gradient, put, rng.normal(size=(4, 5)))
        assert "unbroadcast" not in gradient.source
        PLACES = np.array([4, 1])
        check(gradient, put, rng.normal(size=(4, 4)))
        check(gradient, put, rng.normal(size=(4, 3)))
        with pytest.raises(ValueError, match="broadcast"):
            grad(put)(rng.normal(size=(4, 5)))
        PLACES = np.array([1, 1, 3])
        check(gradient, put, rng.normal(size=(4, 5)))
    finally:
        PLACES = before


def halves(x):
    a = np.exp(x[:4])
    return np.sum(a * x[4:]) + np.sum(a * np.arange(4.0))


@pytest.mark.parametrize("backend", ["numpy", pytest.param("numba", marks=pytest.mark.jit)])
def test_lengths_that_are_equal_to_numbers(backend):
    if backend == "numba":
        pytest.importorskip("numba")
    gradient = value_and_grad(halves, (0,), backend=backend)
    rng = np.random.default_rng(4)
    check(gradient, halves, rng.normal(size=8))
    assert "unbroadcast" not in gradient.source
    check(gradient, halves, rng.normal(size=5))
    for n in (3, 4, 6, 9):
        with pytest.raises(ValueError, match="broadcast"):
            gradient(rng.normal(size=n))
    check(gradient, halves, rng.normal(size=8))


def scaled(a, b):
    return np.sum(np.sin(a)[:, None] * b) + np.sum(np.ones((3, 5)) * b)


def test_lengths_of_other_axes_are_left_alone():
    gradient = value_and_grad(scaled, (0, 1))
    rng = np.random.default_rng(5)
    check(gradient, scaled, rng.normal(size=3), rng.normal(size=(3, 5)))
    check(gradient, scaled, rng.normal(size=3), rng.normal(size=(3, 1)))
    check(gradient, scaled, rng.normal(size=3), rng.normal(size=(1, 5)))
    check(gradient, scaled, rng.normal(size=1), rng.normal(size=(3, 5)))


def many(xs):
    s = 0.0
    for a, b in zip(xs[:-1], xs[1:], strict=True):
        s = s + np.sum(a[1:] * b[:-1])
    return s


def test_many_lengths_are_compared_in_one_reading():
    gradient = grad(many)
    found = gradient([np.arange(5.0) + n for n in range(40)])
    assert len(found) == 40
    assert "unbroadcast" not in gradient.source
    np.testing.assert_array_equal(found[0], [0.0, 1.0, 2.0, 3.0, 4.0])
