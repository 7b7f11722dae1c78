"""What a transform that is taken inside of a function gives, and what is written into afterwards, in loops too."""

import linecache
from dataclasses import dataclass

import numpy as np
import pytest

import ad_compiler
from ad_compiler import CannotDifferentiate, grad, jacobian, jvp, linearize, value_and_grad, vjp, vmap
from tests.numba.strict.interpreter import interpreted

MADE = {
    "sum": "d = grad(lambda a: np.sum(a))(x)", "linear": "d = grad(lambda a: np.sum(a * y))(x)",
    "square": "d = grad(lambda a: np.sum(a * a * y))(x)",
    "two of one": "d, e = grad(lambda a, b: np.sum(a * y + b * y), argnums=(0, 1))(x, y)",
    "tanh of each": "d = vmap(np.tanh)(x)", "each": "d = vmap(lambda a: a)(x)", "one for each": "d = vmap(lambda a: 0.5)(x)",
    "tangent": "d = jvp(lambda a: a * a, (x,), (y,))[1]", "same tangent": "d = jvp(lambda a: a, (x,), (y,))[1]",
    "value": "d = jvp(lambda a: a, (x,), (y,))[0]", "part": "d = jvp(lambda a: a[::-1], (x,), (y,))[0]",
    "cotangent": "d = vjp(lambda a: a * 2.0, x)[1](y)[0]", "value of vjp": "d = vjp(lambda a: a, x)[0]",
    "another": "d = vjp(lambda a: y, x)[0]", "aux": "d = grad(lambda a: (np.sum(a * a), a), has_aux=True)(x)[1]",
    "part as aux": "d = grad(lambda a: (np.sum(a * a), a[::-1]), has_aux=True)(x)[1]",
    "rows": "d = jacobian(lambda a: a * y)(x).sum(axis=0)", "linear value": "d = linearize(lambda a: a, x)[0]",
    "along": "d, along = linearize(lambda a: a * a, x)\n    d[0] = 9.0\n    x[1] *= 2.0\n    d = along(y)",
    "pulled": "v, pull = vjp(lambda a: a * a, x)\n    v[0] = 5.0\n    x[2] *= 3.0\n    d = pull(y)[0]",
    "of what writes": "d = vjp(lambda a: tripled(a), x)[1](y)[0]",
}
WRITES = {
    "turned": "for i in range(3):\n        d[::-1] *= 0.5", "items": "for i in range(3):\n        d[i] = d[i] * y[i]",
    "added": "for i in range(3):\n        d[0] += x[i]", "once": "d[0] = x[1] * 2.0",
    "in an arm": "if x[0] > 0.0:\n        d[1] = x[2] * y[0]", "whole": "for i in range(2):\n        d *= x[i]",
    "no trips": "for i in range(len(x) - 3):\n        d[0] = 7.0", "another name": "b = d\n    b[1] *= x[0]",
    "the source": "x[0] = x[1] * 3.0", "the sources": "for i in range(2):\n        x[i] *= 2.0\n        y[i] += x[0]",
}


def tripled(a):
    a[1] *= 3.0
    return a * a


def made(text, name):
    linecache.cache[name] = len(text), None, text.splitlines(keepends=True), name
    space = {**vars(ad_compiler), "np": np, "tripled": tripled, "jacobian": jacobian, "linearize": linearize, "vjp": vjp,
             "grad": grad, "jvp": jvp, "vmap": vmap, "Pair": Pair, "handed": handed}
    exec(compile(text, name, "exec"), space)        # noqa: S102
    return space["f"]


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("write", WRITES)
def test_right_or_refused(write, backend):
    x, y, dx, dy = np.array([[0.7, 1.3, 2.1], [0.4, -0.8, 1.1], [0.3, 0.5, 0.7], [0.5, -0.2, 0.9]])
    right = 0
    for name, text in MADE.items():
        body = f"def f(x, y):\n    {text}\n    {WRITES[write]}\n    return np.sum(d * d) + np.sum(x * y)\n"
        f = made(body, f"<{name}, {write}>")
        slope = (f(x + 1e-6 * dx, y + 1e-6 * dy) - f(x - 1e-6 * dx, y - 1e-6 * dy)) / 2e-6
        try:
            with interpreted():
                value, bars = value_and_grad(f, argnums=(0, 1), backend=backend, check="off")(x.copy(), y.copy())
        except CannotDifferentiate:
            continue
        assert value == pytest.approx(f(x.copy(), y.copy())), body
        assert sum(np.sum(bar * d) for bar, d in zip(bars, (dx, dy), strict=True)) == pytest.approx(slope, rel=1e-6), body
        right += 1
    assert right > 5 * len(MADE) // 10


@dataclass
class Pair:
    v: np.ndarray
    w: np.ndarray


HOLDING = {
    "gradient": "d = grad(lambda o: np.sum(o.v * o.v * o.w))(Pair(x, y)).v",
    "tangent": "d = jvp(lambda o: o.v * o.w, (Pair(x, y),), (Pair(y, y),))[1]",
    "in a list": "d = grad(lambda l: np.sum(l[0]['k'].v ** 2))([{'k': Pair(x, y)}])[0]['k'].v",
    "each": "d = vmap(lambda z, o: z * o.v[0], in_dims=(0, None))(y, Pair(x, y))",
    "stopped": "d = stop_gradient(Pair(x, y)).v", "along": "d = linearize(lambda o: o.v * o.w, Pair(x, y))[1](Pair(y, x))",
    "twice": "d = grad(lambda o: np.sum(grad(lambda p: np.sum(p.v ** 3))(o).v * o.w))(Pair(x, y)).v",
}


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("made_by", HOLDING)
def test_what_an_object_holds_is_what_was_stored_last(made_by, backend):
    written = f"def f(x, y):\n    x[0] = y[1] * 3.0\n    {HOLDING[made_by]}\n    return np.sum(d * x)\n"
    copied = f"def f(x, y):\n    x = np.concatenate([3.0 * y[1:2], x[1:]])\n    {HOLDING[made_by]}\n    return np.sum(d * x)\n"
    x, y = np.array([[0.7, 1.3, 2.1], [0.4, -0.8, 1.1]])
    with interpreted():
        value, bars = value_and_grad(made(written, f"<{made_by}>"), argnums=(0, 1), backend=backend, check="off")(x, y)
        right, expected = value_and_grad(made(copied, f"<{made_by}, copied>"), argnums=(0, 1))(x, y)
    assert value == pytest.approx(right)
    assert np.allclose(bars, expected)


CHANGED = {
    "written": "y *= 2.0", "bound anew": "y = y * 2.0", "an item": "y[1] = x[0]", "in a loop": "for i in range(3):\n        y[i] += x[i]",
    "in an arm": "if x[0] > 0.0:\n        y = y * x", "an attribute": "p.w = x * x", "through an attribute": "p.w[0] = 3.0",
    "an item of a list": "L[0] = x * 3.0", "by a function": "count(x[0])",
}
CALLED = {
    "pulled": "v, later = vjp(lambda z: z * z * y * p.w * L[0] * k, x)", "along": "v, later = linearize(lambda z: z * z * y * p.w * L[0] * k, x)",
    "from a function": "later = handed(vjp, lambda z: z * z * y * p.w * L[0] * k, x)",
}


def handed(transform, func, at):
    later = transform(func, at)[1]
    return lambda given: later(given)


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("called", CALLED)
def test_what_was_saved_is_what_it_was(called, backend):
    x, y, dx, dy = np.array([[0.7, 1.3, 2.1], [0.4, -0.8, 1.1], [0.3, 0.5, 0.7], [0.5, -0.2, 0.9]])
    for name, change in CHANGED.items():
        body = ("def f(x, y):\n    k, p, L = 1.5, Pair(x, y), [y]\n    def count(by):\n        nonlocal k\n        k += by\n"
                f"    {CALLED[called]}\n    {change}\n    c = y * x\n    c[0] = y[2]\n    d = later(c)\n"
                "    d = d[0] if isinstance(d, tuple) else d\n    d[1] = k\n    return np.sum(d * y) + np.sum(p.w * L[0])\n")
        f = made(body, f"<{called}, {name}>")
        value, above, below = f(x.copy(), y.copy()), f(x + 1e-6 * dx, y + 1e-6 * dy), f(x - 1e-6 * dx, y - 1e-6 * dy)
        with interpreted():
            found, bars = value_and_grad(f, argnums=(0, 1), backend=backend, check="off")(x.copy(), y.copy())
        assert found == pytest.approx(value), body
        assert sum(np.sum(b * d) for b, d in zip(bars, (dx, dy), strict=True)) == pytest.approx((above - below) / 2e-6), body
