"""What a loop does with rows that it keeps anyway is done after it, with all of them, where that is the same."""

import numpy as np
import pytest

from ad_compiler import grad, hvp, linearize, value_and_grad, vjp
from ad_compiler.testing import check_grads


def errors(u, w, x, y):
    h, s = np.zeros(3), 0.0
    for t in range(len(x)):
        h = np.tanh(u @ h + x[t])
        e = h @ w - y[t]
        s += np.sum(e * e)
    return s


def from_the_left(u, w, x, y):
    h, s = np.zeros(3), 0.0
    for t in range(len(x)):
        h = np.sin(u @ h + x[t])
        s += np.sum(np.exp(1.0 - (w.T @ h + 0.5)) * y[t])
    return s


def of_the_rows(u, w, x, y):
    s = 0.0
    for t in range(len(x)):
        s += np.sum((x[t] @ w - y[t]) ** 3) + u[0, 0]
    return s


def read_again(u, w, x, y):
    """The product has another use in the loop."""
    h, s = np.zeros(3), 0.0
    for t in range(len(x)):
        h = np.tanh(u @ h + x[t])
        e = h @ w
        s += np.sum(e * e)
        h = h + w @ e
    return s


def overwritten(u, w, x, y):
    h, s = np.zeros(3), 0.0
    for t in range(len(x)):
        h = np.tanh(u @ h + x[t])
        e = h @ w - y[t]
        s += np.sum(e * e)
        e *= y[t]
        e[0] = h[1]
        s += np.sum(np.sin(e))
        h[0] = s
    return s


def rows_overwritten(u, w, x, y):
    h, s, y = np.zeros(3), 0.0, y.copy()
    for t in range(len(x)):
        h = np.tanh(u @ h + x[t])
        e = h @ w - y[t]
        s += np.sum(e * e)
        y[t] = 2.0 * e
        y[t - 1] += e
    return s + np.sum(y * y)


def another_matrix(u, w, x, y):
    h, s = np.zeros(3), 0.0
    for t in range(len(x)):
        h = np.tanh(u @ h + x[t])
        e = h @ w - y[t]
        w = w * 0.9
        s += np.sum(e * e)
    return s


def the_row_before(u, w, x, y):
    h, s = np.zeros(3), 0.0
    for t in range(len(x)):
        h = np.tanh(u @ h + x[t])
        e = h @ w - y[t - 1]
        s += np.sum(e * e)
    return s


def left(u, w, x, y):
    h, s = np.zeros(3), 0.0
    for t in range(len(x)):
        h = np.tanh(u @ h + x[t])
        e = h @ w - y[t]
        s += np.sum(e * e)
        if h[0] > 0.2:
            break
    return s


def nested(u, w, x, y):
    h, s = np.zeros(3), 0.0
    for k in range(2):
        for t in range(len(x)):
            h = np.tanh(u @ h + x[t])
            e = (k + 1) * (h @ w) - y[t]
            s += np.sum(e * e)
    return s


def listed(u, w, x, y):
    h, s, es = np.zeros(3), 0.0, []
    for t in range(len(x)):
        h = np.tanh(u @ h + x[t])
        es.append(h @ w - y[t])
    for t in range(len(x)):
        s += np.sum(es[t] * es[len(es) - 1 - t])
    return s


FUNCTIONS = [errors, from_the_left, of_the_rows, read_again, overwritten, rows_overwritten, another_matrix,
             the_row_before, left, nested, listed]


def arguments(n, dtype=np.float64):
    rng = np.random.default_rng(n)
    return [rng.normal(size=s).astype(dtype) for s in ((3, 3), (3, 2), (n, 3), (n, 2))]


@pytest.mark.parametrize("f", FUNCTIONS)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_right(f, n):
    check_grads(f, arguments(n), argnums=(0, 1, 2, 3), order=2 if n == 2 else 1)


@pytest.mark.parametrize(("f", "after"), [(errors, True), (of_the_rows, True), (read_again, False),
                                          (another_matrix, False), (the_row_before, False), (left, False)])
def test_only_where_it_is_the_same(f, after):
    gradient = grad(f, argnums=1)
    gradient(*arguments(5))
    forward = gradient.source.partition("reverse sweep")[0]
    assert (" @ w - y[np.arange(len(x))]" in forward) is after, gradient.source


@pytest.mark.parametrize("make", [grad, value_and_grad])
def test_errors_are_those_of_the_function(make):
    gradient, (u, w, x, y) = make(errors, (0, 1, 2, 3)), arguments(5)
    gradient(u, w, x, y)
    for rows in (0, 1, 3):
        pytest.raises(IndexError, errors, u, w, x, y[:rows])
        with pytest.raises(IndexError, match="out of bounds"):
            gradient(u, w, x, y[:rows])
    with pytest.raises(ValueError, match="broadcast"):
        gradient(u, w, x, np.ones((5, 4)))


def test_longer_rows_none_and_other_kinds():
    gradient, (u, w, x, y) = grad(errors, (0, 1, 2, 3)), arguments(5)
    assert not gradient(u, w, x[:3], y)[3][3:].any()
    assert not any(g.any() for g in gradient(u, w, x[:0], y))
    single = gradient(*arguments(5, np.float32))
    assert {g.dtype for g in single} == {np.dtype(np.float32)}
    for got, want in zip(single, gradient(u, w, x, y), strict=True):
        np.testing.assert_allclose(got, want, rtol=2e-4, atol=1e-5)
    y[1, 1] = np.nan
    assert np.isnan(gradient(u, w, x, y)[1][:, 1]).all()
    assert not np.isnan(gradient(u, w, x, y)[1][:, 0]).any()


def test_of_later_and_second_derivatives():
    args, dots = tuple(arguments(5)), tuple(0.5 * a + 1.0 for a in arguments(5))
    out, along = linearize(errors, *args)
    back = vjp(errors, *args)[1]
    bars = back(1.0)
    assert along(*dots) == pytest.approx(sum(np.sum(b * d) for b, d in zip(bars, dots, strict=True)), rel=1e-12)
    assert out == pytest.approx(errors(*args), rel=1e-13)
    for f in (errors, from_the_left, of_the_rows, overwritten):
        ahead, behind = (grad(f, (0, 1, 2, 3))(*(a + step * d for a, d in zip(args, dots, strict=True)))
                         for step in (1e-6, -1e-6))
        for got, a, b in zip(hvp(f, args, dots), ahead, behind, strict=True):
            np.testing.assert_allclose(got, (a - b) / 2e-6, rtol=1e-5, atol=1e-6)


def test_an_array_of_what_is_listed_beside_a_loop():
    def f(x):
        y = x * 1.0
        np.divide.at(y, [0, 1, 0], x)
        return np.sum(y)

    check_grads(f, (np.array([0.7, -1.2, 2.0]),))
