"""Axes that may turn out to have length 1 are stretched under Numba as they are in NumPy, and others that differ raise."""

import numpy as np
import pytest

from ad_compiler import value_and_grad

RNG = np.random.default_rng(8)
M36, M35, X6, X1 = RNG.normal(size=(3, 6)), RNG.normal(size=(3, 5)), RNG.normal(size=6), RNG.normal(size=1)
ROWS, COLS, PLACES = np.array([0, 1, 2]), np.array([1, 1, 0]), np.array([0, 2, 0, 4])


def spread(x, y, k):
    return np.sum(np.broadcast_to(x[k:], (3, 4)) ** 2 * y[:, :4])


def spread_whole(x, y, k):
    return np.sum(np.broadcast_to(x, (3, 5)) * y) * k


def spread_column(x, y, k):
    return np.sum(np.broadcast_to(x[k:, None], (3, 5)) * y)


def like(x, y, k):
    return np.sum(np.ones((3, 5)) * x[k:] + y * y * x[k:k + 1])


def stored_at_places(x, y, k):
    z = np.zeros((3, 5))
    z[:, PLACES] = x[k:]
    return np.sum(z * z * y)


def stored_in_all_rows(x, y, k):
    z = np.ones((3, 5))
    z[:, PLACES] = y[:, k:] * x[0]
    return np.sum(z * y * z)


def stored_at_pairs(x, y, k):
    z = np.ones((3, 5))
    z[ROWS, COLS] = x[k:]
    z[ROWS, COLS] += y[1, k - 1:]
    return np.sum(z * y * z)


CASES = {
    spread: [(X6, M35, k) for k in (2, 4, 5, 6)], spread_whole: [(X6, M35, 1), (X1, M35, 1), (X6[:5], M35, 2)],
    spread_column: [(X6, M35, k) for k in (3, 4, 5)], like: [(X6, M35, k) for k in (1, 2, 5)],
    stored_at_places: [(X6, M35, k) for k in (2, 4, 5, 6)], stored_in_all_rows: [(X6, M35, k) for k in (1, 2, 4, 5)],
    stored_at_pairs: [(X6, M35, k) for k in (3, 4, 5)],
}


@pytest.mark.parametrize("func", CASES, ids=lambda f: f.__name__)
def test_as_in_numpy(func):
    plain, compiled = value_and_grad(func, (0, 1)), value_and_grad(func, (0, 1), backend="numba")
    for args in CASES[func]:
        try:
            func(*args)
        except ValueError:
            with pytest.raises(ValueError):
                compiled(*args)
            continue
        value, grads = compiled(*args)
        wanted, also = plain(*args)
        np.testing.assert_allclose(value, wanted, rtol=1e-12)
        for g, other in zip(grads, also, strict=True):
            np.testing.assert_allclose(g, other, rtol=1e-12, atol=1e-13)


def stored(x, y):
    z = np.zeros(y.shape)
    z[...] = x
    return np.sum(z * y)


SHAPES = [(3, 1), (3,), (1, 1), (0, 1), (1, 0)]


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_a_store_that_does_not_fit_raises(backend):
    fits = 0
    for shape in SHAPES:
        for place in SHAPES:
            x, y = np.full(shape, 0.5), np.full(place, 2.0)
            derivative = value_and_grad(stored, (0, 1), backend=backend, check="off")
            try:
                np.zeros(place)[...] = x
            except ValueError:
                with pytest.raises(ValueError):
                    derivative(x, y)
                continue
            fits += 1
            value, (x_bar, y_bar) = derivative(x, y)
            assert value == stored(x, y)
            assert (x_bar.shape, y_bar.shape) == (shape, place)
            assert x_bar.sum() == 2.0 * y.size
    assert fits > len(SHAPES)
