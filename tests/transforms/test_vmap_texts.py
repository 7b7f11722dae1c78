"""The texts of functions made by `vmap`, word for word: they are to be what one writes by hand."""

import numpy as np
import pytest

from ad_compiler import grad, value_and_grad, vmap
from tests.batch.against import check_vmap
from tests.corpus.base import normal, uniform


@pytest.fixture
def golden(golden_text):
    """Compare the text with NAME.txt, and what it gives with a loop over the samples."""
    def check(name, func, args, in_dims, count):
        mapped = vmap(func, in_dims=in_dims)
        golden_text(name, mapped.source_for(*args))
        check_vmap(func, args, in_dims, count)
    return check


def mlp(w1, b1, w2, x, y):
    h = np.tanh(x @ w1 + b1)
    p = h @ w2
    r = p - y
    return np.sum(r * r)


def test_mlp(golden):
    args = normal(3, 4), normal(4, seed=1), normal(4, 2, seed=2), normal(6, 3, seed=3), normal(6, 2, seed=4)
    golden("vmap_grad_mlp", grad(mlp, (0, 1, 2)), args, (None, None, None, 0, 0), 6)


def logistic(w, b, x, y):
    z = x @ w + b
    return np.logaddexp(0.0, z) - y * z


def test_logistic_regression(golden):
    args = normal(3), 0.5, normal(5, 3, seed=1), (normal(5, seed=2) > 0).astype(float)
    golden("vmap_logistic_regression", value_and_grad(logistic, (0, 1)), args, (None, None, 0, 0), 5)


def huber(r, d):
    if abs(r) <= d:
        return 0.5 * r * r
    return d * (abs(r) - 0.5 * d)


def test_a_branch_that_is_a_choice(golden):
    golden("vmap_grad_huber", grad(huber), (normal(5), 0.4), (0, None), 5)


def power_or_line(x, p):
    if x > 0.0:
        y = x ** p
    else:
        y = 0.1 * x
    return y


def test_a_branch_by_a_mask(golden):
    golden("vmap_grad_branch", grad(power_or_line, (0, 1)), (np.array([-1.0, 0.0, 0.5, 2.0]), 1.5), (0, None), 4)


def recurrent(w, u, xs):
    h = np.zeros(w.shape[0])
    for x in xs:
        h = np.tanh(w @ h + u * x)
    return np.sum(h * h)


def test_a_loop(golden):
    golden("vmap_recurrent", recurrent, (normal(3, 3), normal(3, seed=1), normal(5, 4, seed=2)), (None, None, 0), 5)


def root(a):
    x = a
    while abs(x * x - a) > 1e-10:
        x = 0.5 * (x + a / x)
    return x


def test_a_while_of_which_each_sample_has_its_own_number_of_trips(golden):
    golden("vmap_root", root, (uniform(0.5, 9.0, 4),), (0,), 4)


def mahalanobis(x, mu, cov):
    d = x - mu
    return 0.5 * d @ np.linalg.solve(cov, d)


def test_linear_algebra(golden):
    golden("vmap_mahalanobis", mahalanobis, (normal(4, 3), normal(3, seed=1), 2.0 * np.eye(3)), (0, None, None), 4)


def interpolated(x, xs, ys):
    i = np.searchsorted(xs, x) - 1
    t = (x - xs[i]) / (xs[i + 1] - xs[i])
    return (1.0 - t) * ys[i] + t * ys[i + 1]


def test_positions_that_vary(golden):
    golden("vmap_interpolated", interpolated, (uniform(0.1, 3.9, 6), np.arange(5.0), normal(5)), (0, None, None), 6)


def smoothed(u, n):
    for _ in range(n):
        u[1:-1] = 0.25 * (u[:-2] + 2.0 * u[1:-1] + u[2:])
    return u


def test_stores(golden):
    golden("vmap_smoothed", smoothed, (normal(4, 7), 3), (0, None), 4)
