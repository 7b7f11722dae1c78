"""Arrays that have other lengths in each iteration of a loop, in both dialects against differences."""

import numpy as np
import pytest

from ad_compiler import grad, jvp, vmap
from tests.fd import slope


def shorter(x, w):
    a = x
    for _ in range(3):
        a = a[:, 1:] - a[:, :-1]
    return np.sum(a * w)


def shorter_while(x, w):
    a = x
    t = 0.0
    while a.shape[1] > 1:
        a = np.tanh(a[:, 1:] * a[:, :-1])
        t = t + np.sum(a) * w[0, 0]
    return t + np.sum(a * w)


def longer(x, w):
    a = x
    for _ in range(3):
        a = np.concatenate((a, a[:, :1] * a[:, 1:2]), axis=1)
    return np.sum(a * w)


def one_before(x, w):
    a = x
    b = x
    for _ in range(2):
        b = a
        a = a[:, 1:] - a[:, :-1]
    return np.sum(a * w) + np.sum(b * w * w)


def bound_in_the_loop(x, w):
    for i in range(3):
        a = x[:, i:] * 2.0
    return np.sum(a * a * w)


def of_two_loops(x, w):
    a = x
    s = 0.0
    for _ in range(3):
        b = a
        for _ in range(2):
            b = b[:, 1:] * b[:, :-1]
            s = s + np.sum(b * w)
        a = np.concatenate((a, a * b[:, :1]), axis=1)
    return s + np.sum(a * w)


def never_run(x, w, n=0):
    a = x
    b = x * x
    for _ in range(n):
        b = a
        a = a[:, 1:] - a[:, :-1]
    return np.sum(a * w) + np.sum(b * w * w)


def pair_of_one_iteration(x, w):
    a = x
    for _ in range(2):
        d = a[:, 1:] - a[:, :-1]
        a = d * d
    return np.sum(a * d * w)


CASES = (shorter, shorter_while, longer, one_before, bound_in_the_loop, of_two_loops, never_run)


def differences(f, x, w):
    found = np.zeros(x.shape)
    for at in np.ndindex(x.shape):
        direction = np.zeros(x.shape)
        direction[at] = 1.0
        found[at] = slope(f, (x, w), {}, (0,), [direction], 1e-4)
    return found


@pytest.mark.parametrize("backend", ["numpy", "numba"])
@pytest.mark.parametrize("f", CASES)
def test_gradient(f, backend):
    x, w = np.random.default_rng(1).uniform(0.5, 1.5, (2, 6)), np.array([[0.3], [-0.4]])
    g = grad(f, backend=backend, check="off")
    want = differences(f, x, w)
    assert np.allclose(g(x, w), want, 1e-6, 1e-8)
    assert np.allclose(g(x, w), want, 1e-6, 1e-8)


def test_names_of_the_last_iteration():
    """What the body alone binds is as long as in the last iteration, not as what the loop carries was before it."""
    x, w = np.random.default_rng(1).uniform(0.5, 1.5, (2, 6)), np.array([[0.3], [-0.4]])
    assert np.allclose(grad(pair_of_one_iteration, check="off")(x, w), differences(pair_of_one_iteration, x, w), 1e-6)


@pytest.mark.parametrize("f", CASES)
def test_other_transforms(f):
    """Forwards, for a batch, and twice."""
    x, w = np.random.default_rng(1).uniform(0.5, 1.5, (2, 6)), np.array([[0.3], [-0.4]])
    v = np.random.default_rng(2).standard_normal((2, 6))
    g = grad(f, check="off")
    tangent = jvp(lambda x: f(x, w), (x,), (v,))[1]
    assert np.isclose(tangent, np.sum(g(x, w) * v))
    each = vmap(g, in_dims=(0, None))(np.stack((x, x + 0.1)), w)
    assert np.allclose(each, np.stack((g(x, w), g(x + 0.1, w))))
    second = grad(lambda x: np.sum(grad(f)(x, w) * v), check="off")(x)
    ahead = (g(x + 1e-5 * v, w) - g(x - 1e-5 * v, w)) / 2e-5
    assert np.allclose(second, ahead, 1e-4, 1e-6)
