"""A gradient called from a compiled function asks there what it asks when it is called from Python."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, value_and_grad
from tests.fd import assert_close

numba = pytest.importorskip("numba")
pytestmark = pytest.mark.compiled

POWER = 2


def bent(v):
    return v * v


def weighed(x, b, n):
    total = 0.0
    for part in [bent(x)] * n:      # a text for each n
        total = total + part ** POWER * b
    return np.sum(total) + x[-1]


slope = grad(weighed, (0, 1), backend="numba")


@numba.njit
def by_compiled(x, b, n):
    return slope(x, b, n)


def differences(x, b, n):
    """Of `weighed`, entry by entry."""
    found = []
    for array in (x, b):
        bar = np.zeros(array.shape)
        for at in np.ndindex(array.shape):
            before = array[at]
            array[at] = before + 1e-6
            up = weighed(x, b, n)
            array[at] = before - 1e-6
            bar[at] = (up - weighed(x, b, n)) / 2e-6
            array[at] = before
        found.append(bar)
    return found


def check(x, b, n):
    for got, wanted in zip(by_compiled(x, b, n), differences(x.copy(), b.copy(), n), strict=True):
        assert got.shape == wanted.shape
        assert_close("gradient", got, wanted, 1e-6, 1e-6)


def test_lengths_and_integers_that_it_is_not_compiled_for():
    rng = np.random.default_rng(0)
    for rows, columns, n in ((3, 3, 2), (3, 1, 2), (2, 2, 3), (5, 5, 2)):
        check(rng.normal(size=rows), rng.normal(size=columns), n)
    with pytest.raises(IndexError, match="index -1 is out of bounds for axis 0 with size 0"):
        by_compiled(np.ones(0), np.ones(1), 2)
    for rows, columns in ((3, 4), (4, 2)):
        with pytest.raises(ValueError, match="broadcast"):
            by_compiled(np.ones(rows), np.ones(columns), 2)


def test_one_array_twice_and_whatever_lies_in_memory_as_it_likes():
    x = np.linspace(0.5, 2.0, 8)
    for a, b in ((x, x), (x[::2], x[1::2]), (x[::-1], x), (x[:4], x[4:])):
        for got, wanted in zip(by_compiled(a, b, 2), differences(a.copy(), b.copy(), 2), strict=True):
            assert_close("gradient", got, wanted, 1e-6, 1e-6)


def test_a_world_that_changes(monkeypatch):
    check(np.ones(3), np.ones(3), 2)
    monkeypatch.setitem(globals(), "POWER", 3)
    check(np.ones(3) * 1.5, np.ones(3), 2)
    monkeypatch.setitem(globals(), "bent", lambda v: v * v * v)
    check(np.ones(3) * 1.5, np.ones(3), 2)
    monkeypatch.undo()
    monkeypatch.setattr(bent, "__code__", (lambda v: v + 2.0 * v).__code__)
    check(np.ones(3) * 1.5, np.ones(3), 2)


def stored(x, y):
    x[0] = 5.0
    return np.sum(x * y)


def test_memory_that_is_written_into_and_read():
    g = value_and_grad(stored, 1, backend="numba")

    @numba.njit
    def call(x, y):
        return g(x, y)

    x, y = np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 4.0])
    value, bar = call(x.copy(), y)
    assert value == 21.0
    assert bar.tolist() == [5.0, 2.0, 3.0]
    line = np.arange(6.0)
    for a, b in ((x, x), (line[:4], line[2:]), (line[::-1], line), (line[3:], line[4:1:-1])):
        with pytest.raises(CannotDifferentiate):
            call(a, b)
    assert call(line[:3], line[3:])[0] == 5.0 * 3.0 + 1.0 * 4.0 + 2.0 * 5.0


def unpacked(p, q):
    a, b = p
    c, d, e = q
    return a * b * c + d * e


def test_lengths_that_are_counted():
    g = grad(unpacked, (0, 1), backend="numba")

    @numba.njit(nogil=True)
    def call(p, q):
        return g(p, q)

    p, q = np.array([2.0, 3.0]), np.array([5.0, 7.0, 11.0])
    p_bar, q_bar = call(p, q)
    assert p_bar.tolist() == [15.0, 10.0]
    assert q_bar.tolist() == [6.0, 11.0, 7.0]
    for k, n in ((3, 3), (2, 2), (2, 4), (1, 3)):
        with pytest.raises((ValueError, CannotDifferentiate)):
            call(np.ones(k), np.ones(n))


def test_threads_of_compiled_code():
    @numba.njit(parallel=True)
    def all_of(x, out):
        for i in numba.prange(x.shape[0]):
            out[i] = slope(x[i], x[i], 2)[0]
        return out

    x = np.random.default_rng(1).normal(size=(40, 3))
    out = all_of(x, np.zeros_like(x))
    for row, got in zip(x, out, strict=True):
        assert_close("gradient", got, differences(row.copy(), row.copy(), 2)[0], 1e-6, 1e-6)


def test_what_takes_any_number_of_arguments_is_refused():
    g = grad(lambda x, *more: x * x + len(more), backend="numba")
    with pytest.raises(numba.core.errors.TypingError, match="any number of arguments"):
        numba.njit(lambda x: g(x, 2.0))(3.0)


def test_a_name_that_may_not_be_bound_is_refused_by_name():
    def f(x):
        for z in x:
            if z > 9.0:
                last = z * 2.0
        return last
    with pytest.raises(CannotDifferentiate, match="(?s)a name may not be bound here.*bind it before the branch"):
        grad(f, backend="numba")(np.array([0.1, 0.2]))
