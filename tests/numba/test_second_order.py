"""A gradient of what holds a gradient, compiled by Numba: what the inner gradient's loops keep is differentiated."""

import numba
import numpy as np
import pytest

import ad_compiler.jit.twins  # noqa: F401  (registers them)
from ad_compiler import grad, runtime
from tests.fd import check_against_differences

A = np.array([0.4, 0.7, -0.2, 0.5])
W = np.array([0.3, -0.6, 0.8, 0.2])


def numbers(a, n):
    s = 0.3
    for i in range(n):
        s = np.tanh(s * a[i] + 0.1)
    return s


def arrays(a, n):
    u = a * 1.0
    for i in range(n):
        u = np.sin(u) * a
    return np.sum(u)


def backwards(a, n):
    s = 0.2
    for i in range(n, 0, -1):
        s = np.sin(s + a[i]) * a[i - 1]
    return s


def as_long_as(a, n):
    s, k = 0.3, 0
    while k < n and s < 2.0:
        s = s + np.sin(s * a[k])
        k += 1
    return s


def arrays_as_long_as(a, n):
    u, k = a * 1.0, 0
    while k < n and u[0] < 2.0:
        u = np.sin(u) * a
        k += 1
    return np.sum(u)


def in_an_arm(a, n):
    s = 0.2
    for i in range(n):
        if s > 0.1:
            e = np.sin(a * s)
            s = s * 0.5 + np.sum(e * e)
        s = s * 0.7
    return s


def loop_in_a_loop(a, n):
    s = 0.1
    for i in range(n):
        k = 0
        while k < 3 and s < 2.0:
            s = s + 0.1 * np.sin(s * a[i])
            k += 1
    return s


def kept_by_the_gradient_alone(a, n):
    s = 0.1
    for i in range(n):
        k = 0
        while k < 3 and s < 9.0:
            s = 0.5 * s + a[i] * a[i] * a[k]
            k += 1
    return s


def left(a, n):
    s = 0.1
    for i in range(n):
        s = s + np.sin(s * a[i]) + a[i] ** 2
        if s > 0.5:
            break
    return s


@pytest.mark.parametrize("func", [numbers, arrays, backwards, as_long_as, arrays_as_long_as, in_an_arm, loop_in_a_loop,
                                  kept_by_the_gradient_alone, left], ids=lambda f: f.__name__)
def test_loops(func):
    def along(a, n, w):
        return np.dot(grad(func)(a, n), w)
    compiled = grad(along, (0, 2), backend="numba")
    for n in (0, 1, 3):
        wanted = check_against_differences(along, (A, n, W), (0, 2))
        found = compiled(A.copy(), n, W.copy())
        assert all(np.allclose(f, w, rtol=1e-9) for f, w in zip(found, wanted, strict=True))


@numba.njit
def of_numbers(n):
    values = [float(k) for k in range(n)]
    return runtime.zero_list(values), runtime.list_add(values, n - 1, 0.5), runtime.add_lists(values, values), values


@numba.njit
def of_rows(n):
    rows = [np.full(k, 1.0) for k in range(n)]
    lists = [rows, rows[:1]]
    added = runtime.list_add(rows, n - 1, np.full(n - 1, 0.5))
    return runtime.zero_list(rows), added, [len(z) for z in runtime.zero_list(lists)], rows


@numba.njit
def of_an_array(rows):
    return runtime.zero_list(rows), runtime.list_add(rows, 0, np.full(2, 1.0))


def test_lists():
    assert of_numbers(2) == ([0.0, 0.0], [0.0, 1.5], [0.0, 2.0], [0.0, 1.0])
    zeros, added, lengths, rows = of_rows(3)
    assert [z.tolist() for z in zeros] == [[], [0.0], [0.0, 0.0]]
    assert [r.tolist() for r in added] == [[], [1.0], [1.5, 1.5]]
    assert [r.tolist() for r in rows] == [[], [1.0], [1.0, 1.0]]
    assert lengths == [3, 1]
    array = np.arange(4.0).reshape(2, 2)
    zeros, added = of_an_array(array)
    assert np.array_equal(zeros, np.zeros((2, 2)))
    assert np.array_equal(added, [[1.0, 2.0], [2.0, 3.0]])
    assert array[0, 0] == 0.0
