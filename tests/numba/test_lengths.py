"""Under Numba: a length is asked of an array that is there, not of one that only an arm or a loop binds."""

import numpy as np
import pytest

from ad_compiler import grad, value_and_grad
from tests.fd import check_against_differences
from tests.numba.strict.interpreter import interpreted

A = np.array([0.4, -0.3, 0.7, 0.2])
M = 0.3 * np.cos(np.arange(16.0)).reshape(4, 4)


def in_an_arm(a, m, s, n):
    u, k = a * 1.0, 0
    while k < n and s < 2.0:
        if s > 0.5:
            e = u @ m - m[1]
            s = 0.5 * s + 0.1 * np.sum(e * e)
        else:
            e = m @ u - a
            s = 0.6 * s + 0.4 * np.sum(e * e)
        for i in range(len(a)):
            u = 0.6 * u + 0.2 * m @ u
        k += 1
    return s + np.sum(u * a)


def in_one_arm(a, m, s, n):
    u = a * 1.0
    for k in range(n):
        if s > 0.45:
            e = m @ u
            s = s * 0.4 + np.sum(np.sin(e))
        for i in range(2):
            u = 0.5 * u + 0.3 * m @ u
        s = s + 0.2
    return s + np.sum(u * u)


def in_a_loop(a, m, s, n):
    u = a * 1.0
    for k in range(n):
        e = m @ u
        s = s + np.sum(np.sin(e))
    for i in range(2):
        u = 0.5 * u + 0.3 * m @ u
        s = s * np.sum(np.cos(u @ m))
    return s + np.sum(u * u)


def in_a_loop_that_is_left(a, m, s, n):
    u = a * 1.0
    for k in range(n):
        if s > 0.9:
            break
        e = m @ u
        s = s + np.sum(np.sin(e)) + 0.1
    for i in range(2):
        u = 0.5 * u + (0.3 * m).T @ u
    return s + np.sum(u * u)


@pytest.mark.parametrize("n", [0, 1, 3])
@pytest.mark.parametrize("s", [0.1, 1.0])
@pytest.mark.parametrize("func", [in_an_arm, in_one_arm, in_a_loop, in_a_loop_that_is_left], ids=lambda f: f.__name__)
def test_an_array_that_may_not_be_bound(func, s, n):
    gradient = check_against_differences(func, (A, M, s, n), (0, 1, 2))
    value, found = value_and_grad(func, (0, 1, 2), backend="numba")(A, M, s, n)
    assert np.isclose(value, func(A, M, s, n), rtol=1e-12)
    assert all(np.allclose(a, b, rtol=1e-9) for a, b in zip(found, gradient, strict=True))


def test_a_shape_given_as_an_argument_of_which_one_length_is_left_open():
    def rows(x, shape):
        return np.sum(x.reshape(shape)[0] ** 2)
    x, gradient = np.arange(4.0), grad(rows, backend="numba", check="off")
    for shape in ((2, 2), (-1, 2), (4, -1), (2, 2), (-1,), (2, -1)):
        wanted = np.zeros(4)
        wanted[:x.reshape(shape)[:1].size] = 2.0 * x.reshape(shape)[:1].ravel()
        assert gradient(x, shape) == pytest.approx(wanted if len(shape) > 1 else np.zeros(4))


def bowl(a, w):
    return np.sum(a * a) * w + a[0]


def slope_in_a_condition(x, w):
    total, i = 0.0, 3
    while i and np.sum(grad(bowl)(x, w)) > 0.0:
        total = total + np.sum(x * x)
        i = i - 1
    return total


def written_in_an_arm(x, w):
    total = 0.0
    if w > 0.0:
        y = np.zeros_like(x)
        y[0] = 1.0
        total = np.sum(np.sin(y + x * w))
    return total


@pytest.mark.parametrize("f", [slope_in_a_condition, written_in_an_arm], ids=lambda f: f.__name__)
def test_an_array_that_was_written_is_asked_for_its_length_as_it_is(f):
    x = np.array([1.0, 2.0, 3.0])
    compiled = value_and_grad(f, backend="numba", check="off")
    with interpreted():
        value, slope = compiled(x, 0.5)
    np.testing.assert_allclose(value, f(x, 0.5))
    np.testing.assert_allclose(slope, [(f(x + e, 0.5) - f(x - e, 0.5)) / 2e-6 for e in 1e-6 * np.eye(3)], rtol=1e-6)
    assert ".copy()" not in compiled.source


def exchanged(x, n):
    a, b = x * 1.0, np.sin(x)
    for i in range(3):
        a, b = b, a
        b[i] = a[i + 1] * n
    return np.sum(b * b) + np.sum(a)


def parts_of_one(x, n):
    both = np.concatenate([x, x * n])
    a, b = both[:4], both[2:6]
    for i in range(3):
        a[i] = b[i] * a[i + 1]
    return np.sum(b * b)


@pytest.mark.parametrize("f", [exchanged, parts_of_one], ids=lambda f: f.__name__)
def test_a_check_stands_where_the_length_is_known(f):
    gradient = check_against_differences(f, (A, 0.7), 0)
    with interpreted():
        value, found = value_and_grad(f, backend="numba", check="off")(A, 0.7)
    np.testing.assert_allclose(value, f(A, 0.7))
    np.testing.assert_allclose(found, gradient)
    with interpreted(), pytest.raises(IndexError):
        value_and_grad(f, backend="numba", check="off")(A[:2], 0.7)


def scaled_in_an_arm(m, w):
    total = 0.0
    if w > 0.0:
        m *= 0.5
        total += np.sum(m[0] * m[1])
    return np.sum(m[0] * m[0]) + total


@pytest.mark.parametrize("w", [-1.0, 1.0])
def test_what_a_nest_has_written_over_is_not_asked(w):
    gradient = check_against_differences(scaled_in_an_arm, (M, w), 0)
    with interpreted():
        found = grad(scaled_in_an_arm, backend="numba", check="off")(M, w)
    np.testing.assert_allclose(found, gradient)


def beside_chosen_columns(a, m):
    return np.sum(np.sin(a + m[:, m[0] > -9.0]) * m)


@pytest.mark.parametrize("rows", [5, 4, 1])
def test_the_last_axes_of_a_sum_are_of_one_length(rows):
    """The number of columns is not known: what is added has as many, not as many as there are rows."""
    m = np.concatenate([M, M[:1]])[:rows]
    gradient = check_against_differences(beside_chosen_columns, (A, m), (0, 1))
    with interpreted():
        found = grad(beside_chosen_columns, (0, 1), backend="numba", check="off")(A, m)
    for bar, want in zip(found, gradient, strict=True):
        np.testing.assert_allclose(bar, want)
