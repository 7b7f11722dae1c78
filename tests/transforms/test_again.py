"""`jvp`, `hvp`, `vjp` and `linearize` called again: the short way asks all that the long one asks."""

import functools
import gc
import weakref
from collections import namedtuple

import numpy as np
import pytest

from ad_compiler import grad, hvp, jvp, linearize, vjp
from ad_compiler.forward import jvp_function
from tests.corpus.base import normal

X, V = normal(4), normal(4, seed=1)
Pair = namedtuple("Pair", "w b")

WAYS = {     # each the slope of f at 2, whose derivative is at hand
    "jvp": lambda f: jvp(f, (2.0,), (1.0,))[1],
    "vjp": lambda f: vjp(f, 2.0)[1](1.0)[0],
    "linearize": lambda f: linearize(f, 2.0)[1](1.0),
    "hvp": lambda f: hvp(lambda x, f=f: x * f(x), (2.0,), (1.0,)),
}
SCALE = 3.0


@pytest.fixture(params=WAYS)
def slope(request):
    way = WAYS[request.param]
    if request.param != "hvp":
        return way
    kept = {}

    def twice(f):       # (x f)'' = 2 f' + x f'', of what is linear
        if f not in kept:
            kept[f] = functools.partial(hvp, lambda x: x * f(x))
        return kept[f]((2.0,), (1.0,)) / 2.0
    return twice


def test_other_globals_and_cells(slope, monkeypatch):
    factor = 5.0

    def f(x):
        return SCALE * factor * x
    assert [slope(f) for _ in range(3)] == [15.0] * 3
    monkeypatch.setitem(f.__globals__, "SCALE", 4.0)
    assert slope(f) == 20.0
    factor = 7.0
    assert slope(f) == 28.0


def test_another_body(slope):
    def f(x):
        return 3.0 * x

    def g(x):
        return 4.0 * x
    assert [slope(f) for _ in range(3)] == [3.0] * 3
    f.__code__ = g.__code__
    assert slope(f) == 4.0


@pytest.mark.parametrize("way", ["jvp", "vjp", "linearize"])
def test_other_defaults(way):
    def f(x, scale=3.0, *, power=1):
        return scale * x ** power

    assert [WAYS[way](f) for _ in range(3)] == [3.0] * 3
    f.__defaults__ = (5.0,)
    assert [WAYS[way](f) for _ in range(3)] == [5.0] * 3
    f.__kwdefaults__["power"] = 2
    assert [WAYS[way](f) for _ in range(3)] == [20.0] * 3
    f.__kwdefaults__ = {"power": 1}
    assert [WAYS[way](f) for _ in range(3)] == [5.0] * 3


def test_what_it_wraps_is_another(slope):
    def f(x):
        return 3.0 * x

    def g(x, scale=1.0):
        return 4.0 * scale * x
    assert [slope(f) for _ in range(3)] == [3.0] * 3
    h = functools.wraps(f)(lambda x: 5.0 * x)       # which has f's attributes, what was made of f among them
    assert [slope(h) for _ in range(3)] == [5.0] * 3
    f.__wrapped__ = g
    assert [slope(f) for _ in range(3)] == [3.0] * 3


def test_other_kinds():
    def f(x):
        return x * x if isinstance(x, float) else np.sum(x * x)
    for _ in range(2):
        for primal, dot in ((2.0, 1.0), (X, V), (X[:1], V[:1]), (X.reshape(2, 2), V.reshape(2, 2)),
                            (X.astype(np.float32), V.astype(np.float32)), (X[:0], V[:0])):
            for _ in range(2):
                out, along = jvp(f, (primal,), (dot,))
                assert out == f(primal)
                assert along == pytest.approx(2.0 * np.sum(primal * dot), rel=1e-5)
                assert vjp(f, primal)[0] == linearize(f, primal)[0] == out


def test_a_rule_for_all_tangents_counts_each_time():
    def f(x):
        return x * x
    for _ in range(3):
        jvp(f, (X,), (V,))
    made, _ = jvp_function(f, 1)
    for wrong, error in ((V[:1], ValueError), (V[:3], ValueError), (V.reshape(2, 2), ValueError), (2.0, ValueError),
                         (V.astype(np.float32), TypeError), (V.astype(int), TypeError)):
        for call in (lambda wrong=wrong: jvp(f, (X,), (wrong,)), lambda wrong=wrong: made(X, wrong),
                     lambda wrong=wrong: hvp(lambda x: np.sum(f(x)), (X,), (wrong,))):
            with pytest.raises(error, match=r"tangents\[0\]"):
                call()
    with pytest.raises(TypeError, match="one for each"):
        jvp(f, (X,), (V, V))
    with pytest.raises(TypeError, match="must be a tuple"):
        jvp(f, X, V)
    np.testing.assert_array_equal(jvp(f, [X], [V])[1], 2.0 * X * V)


def test_tangents_in_containers():
    def f(p):
        return p["w"][0] @ p["w"][1] + p["b"].w

    def structure(x, y, z):
        return {"w": [x, y], "b": Pair(z, 1.0)}
    for n in (4, 4, 4, 3, 4):
        out, dot = jvp(f, (structure(X[:n], V[:n], 2.0),), (structure(V[:n], X[:n], 0.5),))
        assert out == pytest.approx(X[:n] @ V[:n] + 2.0)
        assert dot == pytest.approx(V[:n] @ V[:n] + X[:n] @ X[:n] + 0.5)
    for wrong in (structure(V, X[:3], 0.5), {"w": (V, X), "b": Pair(0.5, 1.0)}, {"w": [V, X, X], "b": Pair(0.5, 1.0)}):
        with pytest.raises((TypeError, ValueError), match=r"tangents\[0\]\['w'\]"):
            jvp(f, (structure(X, V, 2.0),), (wrong,))
    out, dot = jvp(f, (structure(X, V, 2.0),), ({"b": Pair(0.5, 1.0), "w": [V, X]},))       # in another order
    assert dot == pytest.approx(V @ V + X @ X + 0.5)

    def g(p):
        return p[0] @ p[1]
    for _ in range(3):
        assert jvp(g, ([X, V],), ([V, X],))[1] == pytest.approx(V @ V + X @ X)
    for wrong in ([V, X[:1]], [V], (V, X)):
        with pytest.raises((TypeError, ValueError), match="tangents"):
            jvp(g, ([X, V],), (wrong,))


def test_numbers_of_other_types():
    def f(x):
        return 3.0 * x
    for _ in range(3):
        for x, dot in ((2.0, 1), (2.0, np.float64(1.0)), (np.float64(2.0), 1.0), (np.float32(2.0), np.float32(1.0))):
            out, along = jvp(f, (x,), (dot,))
            assert (out, along) == (6.0, 3.0)
            assert type(along) is type(x)
    for wrong in (True, "1", [1.0], V):
        with pytest.raises(TypeError, match="a tangent of a number is a number"):
            jvp(f, (2.0,), (wrong,))


def test_the_mode_is_asked_each_time(monkeypatch):
    def f(x):
        return x * x
    monkeypatch.setenv("AD_COMPILER_CHECK", "off")
    for _ in range(3):
        jvp(f, (2.0,), (1.0,))
        hvp(f, (2.0,), (1.0,))
        vjp(f, 2.0)
    assert jvp_function(f, 1)[0].checked is None
    monkeypatch.setenv("AD_COMPILER_CHECK", "first")
    jvp(f, (2.0,), (1.0,))
    assert jvp_function(f, 1)[0].checked is not None
    monkeypatch.setenv("AD_COMPILER_CHECK", "never")
    for call in (lambda: jvp(f, (2.0,), (1.0,)), lambda: hvp(f, (2.0,), (1.0,)), lambda: vjp(f, 2.0),
                 lambda: linearize(f, 2.0)):
        with pytest.raises(ValueError, match="AD_COMPILER_CHECK must be one of"):
            call()
    assert jvp(f, (2.0,), (1.0,), check="off") == (4.0, 4.0)


def test_saved_zeros_are_no_ones_memory():
    def f(x, y):
        return x * y
    for _ in range(3):
        _, along = linearize(f, X, np.inf)
        np.testing.assert_array_equal(along(V, 0.0)[X != 0], (V * np.inf)[X != 0])
    assert grad(lambda t: np.sum(along(t, 0.0)))(np.ones(4)).shape == (4,)


def test_nothing_is_kept_of_a_function_that_is_gone():
    def make():
        def f(x, scale=2.0):
            return x * x * scale
        return f
    f = make()
    for _ in range(3):
        jvp(f, (2.0,), (1.0,))
        hvp(f, (2.0,), (1.0,))
        vjp(f, 2.0)
        linearize(f, 2.0)
    gone = weakref.ref(f)
    del f
    gc.collect()
    assert gone() is None
