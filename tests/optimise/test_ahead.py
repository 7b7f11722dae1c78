"""Products with the rows of an array that a loop goes through are made before it, where that is the same."""

import numpy as np
import pytest

from ad_compiler import grad, hvp, value_and_grad
from ad_compiler.forward import jvp_function
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


def linear(w, u, x):
    """Nothing of a step is kept, so all products at once would be the largest array of all."""
    s = 0.0
    for t in range(len(x)):
        s += np.sum(w @ x[t])
    return s + np.sum(u)


def errors(w, u, x):
    """Each step has an output, and what it is off by is kept."""
    h, s = np.zeros(3), 0.0
    for t in range(len(x)):
        h = np.tanh(u @ h + 0.1)
        e = h @ w - x[t]
        s += np.sum(e * e)
    return s


def errors_of_some(w, u, x):
    h, s = np.zeros(3), 0.0
    for t in range(2):
        h = np.tanh(u @ h + 0.1)
        e = np.dot(w.T, h) - x[t]
        s += np.sum(e * e) + np.sum(e ** 3)
    return s


def errors_in_an_arm(w, u, x):
    h, s = np.zeros(3), 0.0
    for t in range(len(x)):
        h = np.tanh(u @ h + 0.1)
        if t % 2 == 0:
            e = h @ w - x[t]
            s += np.sum(e * e)
    return s


def errors_with_another_matrix(w, u, x):
    h, s = np.zeros(3), 0.0
    for t in range(len(x)):
        h = np.tanh(u @ h + 0.1)
        e = h @ w - x[t]
        s += np.sum(e * e)
        w = w * 0.9
    return s


def errors_of_the_last_step(w, u, x):
    h, e, s = np.zeros(3), np.zeros(4), 0.0
    for t in range(len(x)):
        s += np.sum((e @ x.T) ** 2)
        h = np.tanh(u @ h + 0.1)
        e = h @ w - x[t]
        s += np.sum(e * e)
    return s


def errors_changed_in_place(w, u, x):
    h, s = np.zeros(3), 0.0
    for t in range(len(x)):
        h = np.tanh(u @ h + 0.1)
        e = h @ w - x[t]
        s += np.sum(e * e)
        e *= 2.0
        e[0] = h[0]
        s += np.sum(np.sin(e))
    return s


def listed_errors(w, u, x):
    h, s, es = np.zeros(3), 0.0, []
    for t in range(len(x)):
        h = np.tanh(u @ h + 0.1)
        es.append(h @ w - x[t])
    for t in range(len(x)):
        s += np.sum(es[t] * es[t]) + np.sum((w @ es[t]) ** 2)
    return s


def longer_list(w, u, x):
    """Of the list only the first two rows are read."""
    es, h, b, s = [], u[0], np.sum(u, axis=0) @ w, 0.0
    for t in range(len(x) + 1):
        es.append(np.tanh(x[t % len(x)]))
    for t in range(2):
        h = np.sin(u @ h)
        s += np.dot(es[t], w.T @ h + b)
    return s


FUNCTIONS = [longer_list, errors, errors_of_some, errors_in_an_arm, errors_with_another_matrix, errors_of_the_last_step,
             errors_changed_in_place, listed_errors, recurrent, rows_first, some, overwritten, matrix_changes, carried, left, another_row, nested, kept]


def arguments(n):
    rng = np.random.default_rng(n)
    return rng.normal(size=(3, 4)), rng.normal(size=(3, 3)), rng.normal(size=(n, 4))


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_right(f, n):
    if f in (some, errors_of_some) and n == 1:
        pytest.raises(IndexError, grad(f), *arguments(n))
        return
    check_grads(f, arguments(n), argnums=(0, 1, 2), order=2 if n == 2 else 1)
    value, _ = value_and_grad(f, (0, 1, 2))(*arguments(n))
    assert value == pytest.approx(f(*arguments(n)), rel=1e-13)


@pytest.mark.parametrize(("f", "ahead"), [(recurrent, True), (rows_first, True), (some, True), (nested, True),
                                          (overwritten, False), (matrix_changes, False), (carried, False),
                                          (left, False), (another_row, False), (errors, True),
                                          (errors_of_some, False), (errors_in_an_arm, False),
                                          (errors_with_another_matrix, False), (linear, False)])
def test_only_where_it_is_the_same(f, ahead):
    gradient = grad(f, argnums=(0, 1))
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


def test_errors_of_no_step_and_of_other_kinds():
    w, u, x = arguments(3)
    gradient = grad(errors, argnums=(0, 1, 2))
    for rows in (3, 0, 1, 4):
        found = gradient(w, u, x[:rows] if rows < 4 else np.ones((4, 4)))
        assert [g.shape for g in found] == [(3, 4), (3, 3), (rows, 4)]
    assert not any(g.any() for g in gradient(w, u, x[:0]))
    single = gradient(*(a.astype(np.float32) for a in (w, u, x)))
    assert {g.dtype for g in single} == {np.dtype(np.float32)}
    for got, want in zip(single, gradient(w, u, x), strict=True):
        np.testing.assert_allclose(got, want, rtol=2e-4, atol=1e-5)
    nan = x.copy()
    nan[1, 2] = np.nan
    assert np.isnan(gradient(w, u, nan)[0][:, 2]).all()


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


def halves(w, u, x):
    """Each half of an array is made of another part of it."""
    h, s = np.zeros(4), 0.0
    for t in range(len(x)):
        h = np.tanh(u @ h + x[t])
        h = np.concatenate((h[2:] * w[0, 0], np.sin(h[:2])))
        e = w @ h
        s += np.sum(e * e)
    return s


def test_in_the_gradient_that_a_tangent_is_taken_of():
    rng = np.random.default_rng(0)
    for f, size in ((errors, 3), (halves, 4), (listed_errors, 3), (longer_list, 3)):
        w, u, x = arguments(5)
        args, dots = (w, rng.normal(size=(size, size)), x), tuple(rng.normal(size=s) for s in ((3, 4), (size, size), (5, 4)))
        found = hvp(f, args, dots)
        ahead, back = (grad(f, (0, 1, 2))(*(a + step * d for a, d in zip(args, dots, strict=True)))
                       for step in (1e-6, -1e-6))
        for got, a, b in zip(found, ahead, back, strict=True):
            np.testing.assert_allclose(got, (a - b) / 2e-6, rtol=1e-6, atol=1e-7)


def test_text_of_the_gradient_that_a_tangent_is_taken_of():
    args = (*arguments(5)[:2], np.ones((5, 4)))
    source = jvp_function(lambda *a: grad(errors, (0, 1, 2))(*a), 3)[0].source_for(*args, *args)
    assert "products_2 += " in source and "h_bar_dot += products_2[t]" in source, source
    wide = (np.ones((3, 4)), np.ones((4, 4)), np.ones((5, 4)))
    source = jvp_function(lambda *a: grad(halves, (0, 1, 2))(*a), 3)[0].source_for(*wide, *wide)
    assert "h_bar[2:] += " not in source and "zeros(4)" in source, source
