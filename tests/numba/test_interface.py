"""`backend="numba"`: what can be passed, called and shown."""

import math
import warnings
from typing import NamedTuple

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, value_and_grad
from tests.fd import assert_close, assert_kind, check_against_differences

numba = pytest.importorskip("numba")

TABLE = np.array([0.5, -1.0, 2.0])
POWER = 3


class Pair(NamedTuple):
    a: np.ndarray
    b: float


def test_the_text_is_what_numba_compiles():
    def f(x):
        return np.sum(np.sin(x) * x)

    g = grad(f, backend="numba")
    x = np.linspace(0.0, 1.0, 5)
    assert_close("gradient", g(x), np.cos(x) * x + np.sin(x), 1e-12, 1e-12)
    assert g.source.startswith('@numba.njit(error_model="numpy")\ndef f_grad(x):')
    assert "for i in range(" in g.source


def test_dicts_tuples_and_named_tuples():
    def f(p, t, q):
        return np.sum(np.tanh(p["w"] @ t[0] + p["b"])) * t[1] + np.sum(q.a) * q.b

    args = ({"w": np.ones((2, 3)), "b": np.array([0.1, 0.2])}, (np.array([1.0, 2.0, 3.0]), 2.0), Pair(np.ones(2), 0.5))
    got = grad(f, (0, 1, 2), backend="numba")(*args)
    want = grad(f, (0, 1, 2))(*args)
    for g, w, a in zip(got, want, args, strict=True):
        assert_kind(g, a)
        assert_close("gradient", np.concatenate([np.ravel(v) for v in _flat(g)]),
                     np.concatenate([np.ravel(v) for v in _flat(w)]), 1e-12, 1e-12)


def _flat(thing):
    items = thing.values() if isinstance(thing, dict) else thing if isinstance(thing, tuple) else None
    return [thing] if items is None else [leaf for item in items for leaf in _flat(item)]


def test_a_numpy_scalar_has_a_numpy_scalar_for_gradient():
    g = grad(lambda x: x * x, backend="numba")(np.float64(3.0))
    assert type(g) is np.float64
    assert g == 6.0


def test_globals_and_closures_are_read_at_each_call():
    scale = np.array([1.0, 2.0, 3.0])

    def f(x):
        return np.sum((x * scale) ** POWER) + np.sum(TABLE * x)

    g = grad(f, backend="numba")
    x = np.array([1.0, 2.0, 0.5])
    first = g(x)
    assert_close("gradient", first, grad(f)(x), 1e-12, 1e-12)
    scale[:] = 0.0
    assert_close("gradient", g(x), TABLE, 1e-12, 1e-12)


def test_compiled_functions_are_read():
    @numba.njit
    def inner(v):
        return math.sin(v) * v

    @numba.njit
    def f(x, n):
        s = 0.0
        for i in range(n):
            s += inner(x * i)
        return s

    for backend in ("numpy", "numba"):
        got = grad(f, backend=backend)(0.3, 5)
        assert abs(got - (f(0.3 + 1e-6, 5) - f(0.3 - 1e-6, 5)) / 2e-6) < 1e-6


@pytest.mark.compiled
def test_compiled_functions_call_it():
    def f(x, w):
        return np.sum(np.tanh(x @ w) ** 2)

    compiled, plain = value_and_grad(f, 1, backend="numba"), value_and_grad(f, 1)

    @numba.njit
    def descend(x, w, steps):
        value = 0.0
        for _ in range(steps):
            value, g = compiled(x, w)
            w = w - 0.1 * g
        return value, w

    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(5, 3)), rng.normal(size=(3, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", numba.NumbaPerformanceWarning)
        value, end = descend(x, w, 6)
    for _ in range(6):
        wanted, g = plain(x, w)
        w = w - 0.1 * g
    assert_close("value", value, wanted, 1e-10, 1e-12)
    assert_close("weights", end, w, 1e-10, 1e-12)


def test_lengths_that_do_not_fit_raise():
    def f(x, y):
        return np.sum(np.exp(x) * y) + np.sum(y * y)

    g = grad(f, (0, 1), backend="numba")
    g(np.ones(4), np.ones(4))
    for n, m in ((5, 4), (4, 5)):
        with pytest.raises(ValueError, match="could not be broadcast"):
            g(np.ones(n), np.ones(m))


def test_lengths_that_do_not_fit_a_constant_raise():
    def f(w):
        z = np.zeros((3, 4))
        z[:, :] = w[None, :] * 2.0
        return np.sum(z * z)

    g = grad(f, backend="numba")
    g(np.ones(4))
    for n in (3, 5):
        with pytest.raises(ValueError, match="could not be broadcast"):
            g(np.ones(n))


def test_the_largest_of_nothing_raises():
    def f(x, n):
        return np.max(x[:n]) * 2.0

    g = grad(f, backend="numba")
    assert g(np.array([1.0, 3.0]), 2).tolist() == [0.0, 2.0]
    with pytest.raises(ValueError, match="zero-size"):
        g(np.array([1.0, 3.0]), 0)


@pytest.mark.parametrize("i", [-1, 0, 1])
def test_an_index_may_count_from_the_end_of_a_view(i):
    def f(x, i):
        a = np.zeros((4, 5))
        y, z = a[1:], x[1:]
        y[i] = x[1:]
        y[i, 2:] += x[3:]
        return np.sum(a * a) + z[i] * np.sum(x[2:] * 1.5) + np.sum(z[::-1] * z)

    x = np.arange(1.0, 7.0)
    assert_close("gradient", grad(f, backend="numba")(x, i), grad(f)(x, i), 1e-12, 1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 9])
def test_stencils_of_any_length(n):
    def f(a, steps):
        a = a.copy()
        for _ in range(steps):
            a[1:-1] = 0.25 * a[:-2] + 0.5 * a[1:-1] * a[2:] + 0.125 * a[2:]
        return np.sum(a * a)

    x = np.linspace(0.5, 1.5, n)
    for steps in (0, 1, 3):
        assert_close("gradient", grad(f, backend="numba")(x, steps), grad(f)(x, steps), 1e-11, 1e-12)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7])
def test_stencils_in_loops_of_any_length(n):
    def f(a, b, n):
        for i in range(1, n - 1):
            b[i] = a[i - 1] + 2.0 * a[i] + 0.5 * a[i + 1]
        return np.sum(b * b)

    a, b = np.linspace(0.5, 1.5, max(n, 2)), np.linspace(1.0, 2.0, max(n, 2))
    got, want = grad(f, (0, 1), backend="numba")(a, b, n), grad(f, (0, 1))(a, b, n)
    for g, w in zip(got, want, strict=True):
        assert_close("gradient", g, w, 1e-12, 1e-12)


@pytest.mark.parametrize("neighbours", [lambda u: np.roll(u, 1, axis=0), lambda u: u[::-1], lambda u: u.T,
                                        lambda u: np.flip(u, 1), lambda u: np.roll(u, -2, axis=1).T])
def test_what_is_written_over_is_not_read_elsewhere(neighbours):
    def f(u):
        for _ in range(3):
            u = u + 0.2 * (neighbours(u) - 2.0 * u * u)
        return np.sum(u * u * np.arange(3.0))

    u = np.random.default_rng(2).normal(size=(3, 3)) * 0.3
    value, gradient = value_and_grad(f, backend="numba")(u)
    wanted, want = value_and_grad(f)(u)
    assert_close("value", value, wanted, 1e-12, 1e-12)
    assert_close("gradient", gradient, want, 1e-11, 1e-12)


def test_the_arguments_stay_as_they_were():
    def f(x, y):
        x[1:] += y[:-1]
        x *= y
        return np.sum(x)

    x, y = np.arange(4.0), np.arange(1.0, 5.0)
    before = x.copy(), y.copy()
    got = grad(f, (0, 1), backend="numba")(x, y)
    assert np.array_equal(x, before[0])
    assert np.array_equal(y, before[1])
    for g, w in zip(got, grad(f, (0, 1))(x, y), strict=True):
        assert_close("gradient", g, w, 1e-12, 1e-12)


def test_the_same_array_twice():
    def f(x, y):
        return np.sum(x * y + np.sin(x))

    x = np.linspace(0.1, 1.0, 6)
    for g, w in zip(grad(f, (0, 1), backend="numba")(x, x), grad(f, (0, 1))(x, x), strict=True):
        assert_close("gradient", g, w, 1e-12, 1e-12)


@pytest.mark.compiled
def test_what_numba_cannot_compile_is_refused_with_the_line():
    def f(x):
        y = x * 2.0
        return np.sum(np.fft.fft(y).real) if False else np.sum(np.tile(y, 2) ** 2)

    with pytest.raises(CannotDifferentiate, match=r"test_interface.py:\d+: Numba cannot compile"):
        grad(f, backend="numba")(np.ones(3))


def test_wrong_options():
    with pytest.raises(ValueError, match="backend must be"):
        grad(lambda x: x, backend="cuda")
    with pytest.raises(ValueError, match="parallel=True needs"):
        grad(lambda x: x, parallel=True)


def test_loops_whose_reverse_adds_up():
    def f(x):
        s = 0.0
        for i in range(len(x) - 1):
            s += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
        return s

    for n in (0, 1, 2, 6):
        x = np.linspace(-1.0, 2.0, n)
        assert_close("gradient", grad(f, backend="numba")(x), grad(f)(x), 1e-11, 1e-12)
    check_against_differences(f, (np.linspace(-1.0, 2.0, 6),))


def test_arrays_of_another_layout_come_later():
    def f(x, w):
        y = x
        for _ in range(3):
            y = np.tanh(y @ w)
        return np.sum(y * x)

    rng = np.random.default_rng(2)
    w = rng.normal(size=(4, 4))
    g = grad(f, (0, 1), backend="numba")
    for look in (lambda a: a, np.asfortranarray, lambda a: np.repeat(a, 2, axis=0)[::2]):
        x = look(rng.normal(size=(4, 4)))
        for got, want in zip(g(x, w), grad(f, (0, 1))(x, w), strict=True):      # and Numba warns of nothing
            assert_close("gradient", got, want, 1e-11, 1e-12)


@pytest.mark.compiled
def test_numba_refuses_later_with_the_line_too():
    def f(x):
        return np.sum(x * x)

    g = grad(f, backend="numba")
    g(np.ones(3))
    compiled = next(iter(g._entries.values()))[0].function

    def broken(*args):
        raise TypeError("no such layout")

    function = type(compiled).compile
    try:
        type(compiled).compile = broken
        with pytest.raises(CannotDifferentiate, match="Numba cannot compile the derivative: no such layout") as found:
            g(np.ones(6)[::2])
        assert found.value.refusals[0].file == __file__
    finally:
        type(compiled).compile = function
