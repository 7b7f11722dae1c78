"""`vjp` beside central differences of the function, for outputs and arguments of any structure."""

from typing import NamedTuple

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, CompilerFault, custom_vjp, grad, no_grad, stop_gradient, vjp
from ad_compiler.pullback import VjpFunction, kept_with
from ad_compiler.spec import VjpSpec

A, B = np.array([0.4, 1.1, -0.7]), np.array([1.5, -0.2, 0.9])
M = np.linspace(-1.0, 1.0, 6).reshape(2, 3)


class Point(NamedTuple):
    x: object
    y: object


def leaves(thing):
    """The real numbers and arrays in a thing, in order: not by the package's own walk."""
    if isinstance(thing, dict):
        return [leaf for key in thing for leaf in leaves(thing[key])]
    if isinstance(thing, (tuple, list)):
        return [leaf for item in thing for leaf in leaves(item)]
    real = isinstance(thing, float) or getattr(getattr(thing, "dtype", None), "kind", "") == "f"
    return [np.asarray(thing, float)] if real else []


def moved(thing, t, directions):
    """The same with its leaves moved along directions, taken from an iterator."""
    if isinstance(thing, dict):
        return {key: moved(item, t, directions) for key, item in thing.items()}
    if hasattr(thing, "_fields"):
        return type(thing)(*[moved(item, t, directions) for item in thing])
    if isinstance(thing, (tuple, list)):
        return type(thing)(moved(item, t, directions) for item in thing)
    return thing + t * next(directions) if leaves(thing) else thing


def check(func, *primals, seed=0, **options):
    """Pull random cotangents back, twice; along a random direction they say what differences say."""
    rng = np.random.default_rng(seed)
    want = func(*moved(primals, 0.0, iter(np.zeros_like(x) for x in leaves(primals))))
    out, pullback, *_ = vjp(func, *primals, **options)
    seen = want[0] if options.get("has_aux") else want
    for mine, its in zip(leaves(out), leaves(seen), strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-12)
    weights = [rng.normal(size=x.shape) for x in leaves(seen)]
    bars = pullback(moved(seen, 1.0, iter([w - x for w, x in zip(weights, leaves(seen), strict=True)])))
    again = pullback(moved(seen, 1.0, iter([w - x for w, x in zip(weights, leaves(seen), strict=True)])))
    directions = [rng.normal(size=x.shape) for x in leaves(primals)]

    def number(t):
        there = func(*moved(primals, t, iter(directions)))
        there = there[0] if options.get("has_aux") else there
        return sum(np.sum(w * x) for w, x in zip(weights, leaves(there), strict=True))
    slope = (number(1e-5) - number(-1e-5)) / 2e-5
    for found in (bars, again):
        assert len(found) == len(primals)
        told = sum(np.sum(bar * d) for bar, d in zip(leaves(found), directions, strict=True))
        np.testing.assert_allclose(told, slope, rtol=1e-6, atol=1e-8)
    return out, bars


def two_outputs(x, y):
    h = np.tanh(x * y)
    return h, np.sum(h * x)


def containers(p, scale):
    h = np.tanh(p["w"] @ p["x"]) * scale
    return {"h": h, "parts": [h[0], (h * h, 7)], "name": "net"}


def named(p):
    return Point(p.x * p.y, np.exp(p.x))


def loop(x, n):
    y, s = x * 1.0, 0.0
    for i in range(n):
        y = np.sin(y * x)
        s = s + y[i % len(y)] ** 2
    return y, s


def stores(x):
    y = np.zeros(len(x))
    for i in range(len(x)):
        y[i] = x[i] * x[i - 1]
    y[1:] *= 2.0
    return y


def branch(x, flag):
    if flag:
        out = x * x
    elif x[0] > 0.0:
        out = np.exp(x)
    else:
        out = x[::-1] * 3.0
    return out


def same_twice(x):
    y = x * x
    return y, y


def itself(x):
    return x, x[1:]


def view(x):
    return x.reshape(3, 1).T


@pytest.mark.parametrize(("func", "primals"), [
    (two_outputs, (A, B)), (two_outputs, (A, A)), (two_outputs, (1.5, -0.3)), (two_outputs, (np.float64(1.5), 2.0)),
    (containers, ({"w": M, "x": A}, 2.0)), (named, (Point(A, B),)), (loop, (A, 4)), (loop, (A, 0)), (stores, (A,)),
    (stores, (A[:1],)), (branch, (A, True)), (branch, (A, False)), (branch, (-A, False)), (same_twice, (A,)),
    (itself, (A,)), (view, (A,)), (np.tanh, (A,)),
])
def test_against_differences(func, primals):
    check(func, *primals)


@pytest.mark.parametrize(("func", "primals"), [
    (two_outputs, (A, B)), (containers, ({"w": M, "x": A}, 2.0)), (loop, (A, 4)), (stores, (A,)), (itself, (A,)),
])
def test_by_numba(func, primals):
    check(func, *primals, backend="numba")


def test_an_argument_without_real_numbers_has_none():
    _, bars = check(loop, A, 3)
    assert bars[1] is None


def test_arguments_that_are_left_out_have_no_place():
    def f(x, y=2.0):
        return x * y
    out, pullback = vjp(f, 3.0)
    assert (out, pullback(1.0)) == (6.0, (2.0,))


def test_arguments_of_any_number():
    def f(*xs):
        return xs[0] * xs[1] + xs[2]
    assert vjp(f, 2.0, 3.0, 4.0)[1](1.0) == (3.0, 2.0, 1.0)


def test_aux():
    def f(x):
        return x * x, {"twice": 2 * x}
    out, pullback, aux = vjp(f, 3.0, has_aux=True)
    assert (out, aux, pullback(1.0)) == (9.0, {"twice": 6.0}, (6.0,))
    check(f, A, has_aux=True)


def test_what_is_held_still():
    def f(x, y):
        with no_grad():
            scale = np.sum(x)
        return scale * y * stop_gradient(x)
    _, pullback = vjp(f, A, B)
    x_bar, y_bar = pullback(np.ones(3))
    np.testing.assert_array_equal(x_bar, np.zeros(3))
    np.testing.assert_allclose(y_bar, A.sum() * A)


def test_what_changes_meanwhile_does_not_matter():
    def f(x, w):
        h = np.tanh(w @ x)
        return h, x
    x, w = A.copy(), M.copy()
    (h, same), pullback = vjp(f, x, w)
    want = pullback((np.ones(2), np.zeros(3)))
    for array in (x, w, h, same):
        array[...] = np.nan
    for bar, wish in zip(pullback((np.ones(2), np.zeros(3))), want, strict=True):
        np.testing.assert_array_equal(bar, wish)
        bar[...] = np.nan       # it is the caller's
    for bar, wish in zip(pullback((np.ones(2), np.zeros(3))), vjp(f, A, M)[1]((np.ones(2), np.zeros(3))), strict=True):
        np.testing.assert_array_equal(bar, wish)


def test_the_arguments_and_cotangents_stay_as_they_were():
    def f(x):
        x[0] = 2.0 * x[0]
        return x * x
    x, bar = A.copy(), np.ones(3)
    _, pullback = vjp(f, x)
    pullback(bar)
    np.testing.assert_array_equal(x, A)
    np.testing.assert_array_equal(bar, np.ones(3))


SCALE = 2.0


def scaled(x):
    return SCALE * x


def test_a_global_is_that_of_the_call(monkeypatch):
    _, before = vjp(scaled, A)
    monkeypatch.setitem(globals(), "SCALE", 5.0)
    _, after = vjp(scaled, A)
    np.testing.assert_array_equal(before(np.ones(3))[0], np.full(3, 2.0))
    np.testing.assert_array_equal(after(np.ones(3))[0], np.full(3, 5.0))


def test_single_precision_stays():
    def f(x):
        return np.exp(x) * 2.0
    _, pullback = vjp(f, A.astype(np.float32))
    (bar,) = pullback(np.ones(3, np.float32))
    assert bar.dtype == np.float32
    with pytest.raises(TypeError, match="float64, the output of `f` float32"):
        pullback(np.ones(3))


@pytest.mark.parametrize(("cotangents", "error", "match"), [
    (np.ones(3), TypeError, "a tuple of 2 is wanted, not a ndarray"),
    ((np.ones(3),), TypeError, "not a tuple of 1"),
    ((np.ones(2), 1.0), ValueError, r"shape \(2,\), the output of `two_outputs` \(3,\)"),
    ((np.ones(3), np.ones(1)), ValueError, r"shape \(1,\)"),
    ((np.ones(3), "one"), TypeError, "have a str where"),
    ([np.ones(3), 1.0], TypeError, "not a list of 2"),
])
def test_cotangents_that_do_not_fit(cotangents, error, match):
    _, pullback = vjp(two_outputs, A, B)
    with pytest.raises(error, match=match):
        pullback(cotangents)


def test_compiled_once():
    def f(x):
        return x * x
    for n in range(3):
        vjp(f, A + n)
    assert kept_with(VjpFunction, VjpSpec(f, 1)).cache_info().misses == 1


def test_checked():
    def f(x):
        return np.sin(x) * x
    vjp(f, A)
    assert kept_with(VjpFunction, VjpSpec(f, 1)).checked.right


def test_a_wrong_rule_is_found(monkeypatch):
    from ad_compiler.rules import registry

    entry = registry.lookup(np.sinh)
    monkeypatch.setitem(vars(entry), "partials", (lambda x, *, out: np.cosh(x) + 0.5,))
    monkeypatch.setitem(vars(entry), "own", False)

    def f(x):
        return np.sinh(x), x
    with pytest.raises(CompilerFault, match="slope"):
        vjp(f, A)


def test_a_rule_of_ones_own():
    @custom_vjp
    def clipped(x):
        return np.clip(x, -1.0, 1.0)

    @clipped.defvjp
    def _(x, *, out, out_bar):
        return 10.0 * out_bar

    def f(x):
        return clipped(x) * 2.0
    np.testing.assert_array_equal(vjp(f, A)[1](np.ones(3))[0], np.full(3, 20.0))


def test_of_a_gradient():
    """A Hessian times a vector, the gradient being read as any function is."""
    def f(x):
        return np.sum(np.sin(x) * x[::-1])
    g = grad(f)

    def h(x):
        return g(x)
    check(h, A)
    check(g, A)


def test_methods_and_partial():
    import functools

    class Model:
        def __init__(self, w):
            self.w = w

        def __call__(self, x):
            return np.tanh(self.w @ x)

        def out(self, x):
            return np.tanh(self.w @ x)
    model = Model(M)
    check(model.out, A)
    check(functools.partial(two_outputs, A), B)


def test_refusals():
    def words(x):
        return [np.sum(x)] * int(x[0])

    with pytest.raises(CannotDifferentiate):
        vjp(words, A)
    with pytest.raises(CannotDifferentiate, match="integer"):
        vjp(lambda p: p["x"] * p["n"], {"x": A, "n": 3})
    with pytest.raises(TypeError, match="vjp needs a function"):
        vjp(3.0, A)


def test_inside_a_function_that_is_differentiated():
    def f(x):
        return np.tanh(x) * x[::-1]

    def penalty(x, v):
        out, pullback = vjp(f, x)
        (bar,) = pullback(v)
        return np.sum(out) + np.sum(bar * bar)
    bars = grad(penalty, argnums=(0, 1))(A, B)
    for at, bar in enumerate(bars):
        for n in range(3):
            step = np.zeros(3)
            step[n] = 1e-6
            args = [A, B]
            args[at] = args[at] + step
            high = penalty(*args)
            args[at] = args[at] - 2 * step
            np.testing.assert_allclose(bar[n], (high - penalty(*args)) / 2e-6, rtol=1e-6, atol=1e-8)


def test_inside_what_changes_meanwhile_does_not_matter():
    def f(x, n):
        return x * x * n, {"x": 1.0 * x}

    def g(x):
        y = x * 1.0
        out, pullback, aux = vjp(f, y, 3, has_aux=True)
        y[:] = 0.0
        bars = pullback(np.ones(3) + x)
        assert bars[1] is None
        return np.sum(bars[0]) + np.sum(out) + np.sum(aux["x"])
    np.testing.assert_allclose(grad(g)(A), 6.0 * (1.0 + 2.0 * A) + 6.0 * A + 1.0)


def test_inside_it_must_fit():
    def g(x, wrong):
        return np.sum(vjp(two_outputs, x, x)[1](wrong)[0])
    with pytest.raises(CannotDifferentiate, match="the cotangent is a array, the output a tuple"):
        grad(g)(A, A)
    with pytest.raises(ValueError, match="broadcast|shape"):        # lengths are known when it runs
        grad(lambda x: np.sum(vjp(np.tanh, x)[1](x[:2])[0]))(A)


def test_what_a_loop_keeps_is_not_the_callers_memory():
    def f(x):
        h = x[0]
        for i in range(len(x)):
            h = np.sin(h) * x[i]
        return h

    def rows(x):
        kept, s = [], 0.0
        for i in range(len(x)):
            kept.append(x[i])
        for row in kept:
            s = s + np.sum(row * row)
        return s
    for func, bar in ((f, np.ones(2)), (rows, 1.0)):
        x = np.arange(6.0).reshape(3, 2)
        _, pullback = vjp(func, x)
        want = pullback(bar)[0]
        x[...] = 99.0
        np.testing.assert_array_equal(pullback(bar)[0], want)
