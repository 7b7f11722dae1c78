"""What both loops of the tangent of a gradient compute is kept by the first: right, and only where both do."""

import numpy as np
import pytest

from ad_compiler import grad, hvp
from ad_compiler.forward import jvp_function


def recurrent(u, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(u @ h + x[t])
    return np.sum(h * h)


def overwritten(u, x):
    """What is kept is overwritten in the same iteration."""
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(u @ h + x[t])
        s = 1.0 - h * h
        s *= x[t]
        s[0] = h[1]
        h = h + s
    return np.sum(h * h)


def carried(u, x):
    """The same names in both, of another iteration."""
    h, g = np.zeros(3), np.zeros(3)
    for t in range(len(x)):
        h, g = np.tanh(u @ g + x[t]), np.sin(h) * x[t]
    return np.sum(h * g)


def two_loops(u, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(u @ h + x[t])
    for t in range(len(x)):
        h = np.tanh(h * x[t])
    return np.sum(h)


def in_an_arm(u, x):
    h = np.zeros(3)
    for t in range(len(x)):
        if h[0] > 0.1:
            h = np.tanh(u @ h + x[t])
        else:
            h = np.tanh(h - x[t]) * np.exp(h)
    return np.sum(h)


def nested(u, x):
    h = np.zeros(3)
    for t in range(len(x)):
        for k in range(2):
            h = np.tanh(u @ h * (k + 1) + x[t])
    return np.sum(h)


def left(u, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(u @ h + x[t])
        if h[0] > 0.3:
            break
    return np.sum(h * h)


@pytest.mark.parametrize("f", [recurrent, overwritten, carried, two_loops, in_an_arm, nested, left])
@pytest.mark.parametrize("n", [0, 1, 4])
def test_right(f, n):
    rng = np.random.default_rng(n)
    args = rng.normal(size=(3, 3)), rng.normal(size=(n, 3))
    dots = rng.normal(size=(3, 3)), rng.normal(size=(n, 3))
    found = hvp(f, args, dots)
    ahead, back = (grad(f, (0, 1))(*(a + step * d for a, d in zip(args, dots, strict=True))) for step in (1e-6, -1e-6))
    for got, a, b in zip(found, ahead, back, strict=True):
        np.testing.assert_allclose(got, (a - b) / 2e-6, rtol=1e-6, atol=1e-7)


def test_kept_where_both_compute_it():
    def text(size):
        args = np.ones((size, size)), np.ones((4, size))
        return jvp_function(lambda u, x: grad(wide, (0, 1))(u, x), 2)[0].source_for(*args, *args)

    def wide(u, x):
        h = u[0] * 0.0
        for t in range(len(x)):
            h = np.tanh(u @ h + x[t])
        return np.sum(h * h)
    assert text(3).count("1.0 - h * h") == 1
