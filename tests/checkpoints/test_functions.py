"""Functions whose inside is computed again: `checkpoint`."""

import contextlib
import io
import tracemalloc

import numpy as np
import pytest

from ad_compiler import checkpoint, grad, hessian, jvp, no_grad, vjp, vmap
from tests.fd import check_against_differences

X = np.array([0.3, -0.4, 0.9, 1.2, 0.1])
V = np.cos(np.arange(5.0) + 1.0)


def layer(x, w=2.0):
    a = np.sin(x * w)
    return np.exp(-a * a)


def twice(again):
    g = again(layer)
    return lambda x: np.sum(g(g(x), w=3.0) * x)


def defined_inside(again):
    def f(x):
        def g(y):
            return np.sin(y * x) * y
        return np.sum(again(g)(x * x))
    return f


def branched(again):
    @again
    def g(x):
        if np.sum(x) > 1.0:
            return x * x * x
        y = np.sin(x)
        return y * np.cos(y)
    return lambda x: np.sum(g(g(x)))


def with_a_loop(again):
    @again
    def g(x):
        for i in range(3):
            x = np.sin(x) * x + i
        while np.sum(x) > 3.0:
            x = 0.5 * x
        return x
    return lambda x: np.sum(g(g(x)))


def writes_into_its_argument(again):
    @again
    def g(x):
        x[1:] *= x[:-1]
        return np.sin(x)

    def f(x):
        y = x * 1.0
        z = g(y)
        return np.sum(y * z)
    return f


def returns_a_view(again):
    @again
    def g(x):
        return x[1:]

    def f(x):
        y = x * 1.0
        z = g(y)
        z *= 2.0
        return np.sum(y * y)
    return f


def dicts(again):
    @again
    def g(d):
        return {"a": np.sin(d["a"]), "b": d["a"] * d["b"]}

    def f(x):
        d = {"a": x, "b": 2.0 * x}
        for _ in range(3):
            d = g(d)
        return np.sum(d["a"] * d["b"])
    return f


def nested(again):
    h = again(lambda x: np.sin(x) * x)
    g = again(lambda x: h(h(x)) * x)
    return lambda x: np.sum(g(g(x)))


def in_a_loop(again):
    g = again(layer)

    def f(x):
        for t in range(4):
            x = g(x, t) if t % 2 else x + 0.1
        return np.sum(x)
    return f


def appends(again):
    @again
    def g(x, out):
        out.append(np.sin(x))
        return x * x

    def f(x):
        out = []
        for _ in range(3):
            x = g(x, out)
        return np.sum(out[0] * out[2]) + np.sum(x)
    return f


def gradient_inside(again):
    @again
    def g(x):
        return grad(lambda x: np.sum(np.sin(x) * x))(x)
    return lambda x: np.sum(g(x) * x)


def quiet(again):
    @again
    def g(x):
        with np.errstate(all="ignore"):
            return np.log(x * x)
    return lambda x: np.sum(g(x) * x)


MAKERS = [twice, defined_inside, branched, with_a_loop, writes_into_its_argument, returns_a_view, dicts, nested, in_a_loop,
          appends, gradient_inside, quiet]


@pytest.mark.parametrize("make", MAKERS)
def test_against_differences(make):
    check_against_differences(make(checkpoint), (X,))


@pytest.mark.parametrize("make", MAKERS)
def test_compositions(make):
    """Beside those of the plain function, which have tests of their own."""
    batch = np.stack([X, 0.5 * X, X + 0.1])
    ways = {
        "second": lambda f: grad(lambda x: np.sum(grad(f)(x) * V))(X), "forward": lambda f: jvp(f, (X,), (V,))[1],
        "forward over reverse": lambda f: jvp(grad(f), (X,), (V,))[1], "pulled": lambda f: vjp(f, X)[1](2.0)[0],
        "each": lambda f: vmap(grad(f))(batch), "all": lambda f: grad(lambda xs: np.sum(vmap(f)(xs)))(batch),
        "hessian": lambda f: hessian(f)(X)}
    for name, way in ways.items():
        assert np.allclose(way(make(checkpoint)), way(make(lambda f: f)), rtol=1e-9, atol=1e-11), name


def test_no_grad():
    @checkpoint
    def g(x):
        with no_grad():
            s = np.sum(x)
        return x * s
    assert np.allclose(grad(lambda x: np.sum(g(x)))(X), np.full(5, X.sum()))


def test_it_prints_once():
    @checkpoint
    def g(x):
        print("here")
        return x * x
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert grad(lambda x: g(x) * 2.0)(3.0) == 12.0
    assert out.getvalue() == "here\n"


def test_it_is_the_function():
    assert checkpoint(layer).__name__ == "layer"
    assert np.array_equal(checkpoint(layer)(X, w=1.0), layer(X, 1.0))
    with pytest.raises(TypeError, match="checkpoint needs a function"):
        checkpoint(3)


def test_less_is_kept():
    def net(again):
        g = again(layer)

        def f(x):
            for _ in range(8):
                x = g(x)
            return np.sum(x)
        return f
    x, peaks = np.linspace(0.0, 1.0, 10_000), []
    for again in (checkpoint, lambda f: f):
        g = grad(net(again), check="off")
        g(x)
        tracemalloc.start()
        g(x)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[0] < 0.7 * peaks[1]


def test_another_transform_of_it_inside():
    def f(x):
        def g(y, w=2.0):
            return np.sum(np.sin(y * x) * w)
        return np.sum(grad(checkpoint(g))(x) ** 2) + jvp(checkpoint(g), (x,), (V,))[1] + np.sum(grad(no_grad(g))(x))
    check_against_differences(f, (X,))


def test_a_list_made_after_a_store_is_there_when_it_is_read():
    """What reads an array is computed before the array is stored into, but for what a loop in between makes."""
    def f(x, m):
        p = m * 1.0
        p[:, 1] += np.array([g * x[0] for g in p[0]])
        e = x[np.array([i % 2 for i in range(len(x))])]
        return np.sum(m * e) + np.sum(p * p)
    args = X, np.outer(X, V)
    for bar, again in zip(grad(f, (0, 1))(*args), grad(checkpoint(f), (0, 1))(*args), strict=True):
        np.testing.assert_allclose(bar, again, atol=1e-14)
    check_against_differences(checkpoint(f), args, (0, 1))
