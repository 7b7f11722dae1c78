"""Positions that a function computes: checked before anything is read or written there, whatever their shape."""

import numpy as np
import pytest

from ad_compiler import value_and_grad
from tests.numba.strict.interpreter import interpreted

X = np.array([1.0, 2.0, 3.0])


def added_at(x, w, j):
    y, i = np.zeros(3), j + 1
    np.add.at(y, i, w)
    return np.sum(y * y * x)


def gathered(x, w, j):
    i = j + 1
    return np.sum(x[i] * w)


def stored(x, w, j):
    y, i = x * 1.0, j + 1
    y[i] = w * w
    return np.sum(y * y * x)


def stored_by_a_tuple(x, w, j):
    y, i = x * 1.0, j + 1
    y[(i,)] = w * w
    return np.sum(y * y * x)


@pytest.mark.parametrize("shape", [(0,), (1,), (2,), (1, 1), (1, 2), (2, 1), (2, 2)], ids=str)
@pytest.mark.parametrize("f", [added_at, gathered, stored, stored_by_a_tuple], ids=lambda f: f.__name__)
def test_positions_are_checked_first(f, shape):
    w, j = np.linspace(0.5, 1.5, int(np.prod(shape))).reshape(shape), np.zeros(shape, int)
    j.flat[:1] = 1
    with interpreted():
        g = value_and_grad(f, (0, 1), backend="numba", check="off")
        value, bars = g(X, w, j)
        right = value_and_grad(f, (0, 1), check="off")(X, w, j)
        assert np.isclose(value, f(X, w, j))
        for bar, other in zip(bars, right[1]):
            np.testing.assert_allclose(bar, other)
        if j.size:
            j.flat[-1] = 5
            with pytest.raises(IndexError):
                g(X, w, j)


def sum_of_places(x):
    return np.sum(x) * np.sum(np.roll(np.arange(len(x)), 1))


def places_stored(x):
    y = x * 1.0
    y[:] = np.flip(np.arange(len(x)))
    return np.sum(y * x)


def places_handed_out(x):
    rows = np.zeros((2, len(x)), int)
    rows[1] = np.roll(np.arange(len(x)), -1)
    return np.sum(x * rows), rows


def largest_place(x):
    return np.sum(x) * np.max(np.roll(np.arange(len(x)), 2))


@pytest.mark.parametrize("f", [sum_of_places, places_stored, largest_place], ids=lambda f: f.__name__)
def test_places_as_numbers(f):
    with interpreted():
        value, slope = value_and_grad(f, backend="numba", check="off")(X)
    assert value == f(X)
    np.testing.assert_allclose(slope, [(f(X + e) - f(X - e)) / 2.0 for e in np.eye(3)])


def test_places_handed_out():
    with interpreted():
        (value, rows), slope = value_and_grad(places_handed_out, has_aux=True, backend="numba", check="off")(X)
    assert value == places_handed_out(X)[0]
    np.testing.assert_array_equal(rows, [[0, 0, 0], [1, 2, 0]])
    np.testing.assert_array_equal(slope, [1.0, 2.0, 0.0])
