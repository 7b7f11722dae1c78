"""Products with the rows of an array that a loop goes through are made before it, where that is the same."""

import numpy as np
import pytest

from ad_compiler import grad, value_and_grad
from ad_compiler.testing import check_grads


def recurrent(w, u, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(np.dot(w, x[t]) + u @ h)
    return np.sum(h * h)


def rows_first(w, u, x):
    w = w.T
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(x[t] @ w + u @ h) + 0.1 * np.sum(x[t])
    return np.sum(h)


def so_often(w, u, x, n):
    h = np.zeros(3)
    for t in range(n):
        h = np.tanh(w @ x[t] + u @ h)
    return np.sum(h)


def some(w, u, x):
    h = np.zeros(3)
    for t in range(2):
        h = np.sin(w @ x[t] + u @ h)
    return np.sum(h)


def overwritten(w, u, x):
    x, h = x.copy(), np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(w @ x[t] + u @ h)
        x[t] *= 2.0
        if t > 0:
            x[t - 1] = x[t]
    return np.sum(h) + np.sum(x)


def matrix_changes(w, u, x):
    w, h = w * 1.0, np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(w @ x[t] + u @ h)
        w[0] += 0.1
    return np.sum(h)


def carried(w, u, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(w @ x[t] + h)
        w = w * 0.9
    return np.sum(h)


def left(w, u, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(w @ x[t] + u @ h)
        if h[0] > 0.2:
            break
    return np.sum(h)


def another_row(w, u, x):
    h = np.zeros(3)
    for t in range(len(x)):
        h = np.tanh(w @ x[t - 1] + u @ h)
    return np.sum(h)


def nested(w, u, x):
    h = np.zeros(3)
    for _ in range(2):
        for t in range(len(x)):
            h = np.tanh(w @ x[t] + u @ h)
    return np.sum(h)


def kept(w, u, x):
    h, all_of_them = np.zeros(3), []
    for t in range(len(x)):
        p = w @ x[t]
        all_of_them.append(p)
        h = h + p * p
    return np.sum(h) + np.sum(np.stack(all_of_them) ** 2)


FUNCTIONS = [recurrent, rows_first, some, overwritten, matrix_changes, carried, left, another_row, nested, kept]


def arguments(n):
    rng = np.random.default_rng(n)
    return rng.normal(size=(3, 4)), rng.normal(size=(3, 3)), rng.normal(size=(n, 4))


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_right(f, n):
    if f is some and n == 1:
        pytest.raises(IndexError, grad(f), *arguments(n))
        return
    check_grads(f, arguments(n), argnums=(0, 1, 2), order=2 if n == 2 else 1)
    value, _ = value_and_grad(f, (0, 1, 2))(*arguments(n))
    assert value == pytest.approx(f(*arguments(n)), rel=1e-13)


@pytest.mark.parametrize(("f", "ahead"), [(recurrent, True), (rows_first, True), (some, True), (nested, True),
                                          (overwritten, False), (matrix_changes, False), (carried, False),
                                          (left, False), (another_row, False)])
def test_only_where_it_is_the_same(f, ahead):
    gradient = grad(f)
    gradient(*arguments(5))
    assert ("products" in gradient.source) is ahead, gradient.source


def test_errors_are_those_of_the_function():
    w, u, x = arguments(3)
    for f in (recurrent, some):
        with pytest.raises(ValueError, match="shapes|mismatch"):
            grad(f)(w, u, x[:, :3])
    gradient = grad(some)
    gradient(w, u, x)
    pytest.raises(IndexError, gradient, w, u, x[:1])
    assert np.array_equal(grad(recurrent)(w, u, x[:0]), np.zeros((3, 4)))
    assert np.array_equal(grad(recurrent)(w, u, np.zeros((0, 7))), np.zeros((3, 4)))
    for gradient in (grad(so_often), grad(so_often)):
        assert gradient(w, u, x, 2).shape == (3, 4)
        assert np.array_equal(gradient(w, u, np.ones((3, 7)), 0), np.zeros((3, 4)))
        with pytest.raises(ValueError, match="shapes|mismatch"):
            gradient(w, u, np.ones((3, 7)), 1)


def twice(x, y):
    s = 0.0
    for i in range(len(x) - 1):
        a = y[i] - x[i] * x[i]
        b = x[i] - x[i + 1]
        s = s + a * a * b + (x[i] - a) * b
    return s


def test_what_is_added_twice():
    rng = np.random.default_rng(0)
    check_grads(twice, (rng.normal(size=5), rng.normal(size=5)), argnums=(0, 1))
