"""Sums gathered into products after a loop, and sums pushed into products: right, and equal to the text without them."""

import numpy as np
import pytest

from ad_compiler import grad, hvp, jvp, value_and_grad
from ad_compiler.forward import jvp_function
from ad_compiler.options import options
from ad_compiler.testing import check_grads


def recurrent(w, u, b, x):
    h, s = np.zeros(w.shape[0]), 0.0
    for t in range(len(x)):
        h = np.tanh(w @ h + u @ x[t] + b)
        s = s + np.sum(h * h)
    return s


def twice(w, x):
    s = 0.0
    for t in range(len(x)):
        a = np.dot(w, x[t])
        s = s + np.sum(np.sin(np.dot(w, a)))
    return s


def known_length(w, x):
    s = 0.0
    for t in range(3):
        y = np.dot(w, x[t])
        s = s + np.sum(y * y * y)
    return s


def in_an_arm(w, x):
    s = 0.0
    for t in range(len(x)):
        if x[t, 0] > 0:
            y = np.dot(w, x[t])
            s = s + np.sum(y * y)
    return s


def outer_of_the_users(w, x):
    s = 0.0
    for t in range(len(x)):
        s = s + np.sum(w * np.outer(x[t], x[t]))
    return s * s


def backwards(w, x):
    s = 0.0
    for t in range(len(x) - 1, -1, -1):
        s = s * 0.5 + np.sum(np.tanh(w @ x[t]))
    return s


def shifted(w, x):
    s = 0.0
    for t in range(1, len(x)):
        s = s * 0.5 + np.sum(np.tanh(w @ x[t - 1])) * x[t, 0]
    return s


def changed_in_the_loop(w, x):
    s = 0.0
    for t in range(len(x)):
        w = w + np.outer(w @ x[t], x[t]) * 0.1
        s = s + np.sum(w)
    return s


def nested(w, x):
    s = 0.0
    for k in range(2):
        for t in range(len(x)):
            s = s + np.sum(np.tanh(w @ x[t] * (k + 1)))
    return s


def leaves(w, x):
    s = 0.0
    for t in range(len(x)):
        y = w @ x[t]
        s = s + np.sum(y * y)
        if s > 3.0:
            break
    return s


def row_overwritten(w, x):
    a, s = x * 1.0, 0.0
    for t in range(len(a)):
        y = w @ a[t]
        a[t] = y * 2.0
        s = s + np.sum(a[t] * y)
    return s


LOOPS = [twice, in_an_arm, outer_of_the_users, backwards, shifted, changed_in_the_loop, nested, leaves, row_overwritten]


def matrices(rows, size=3, dtype=float):
    rng = np.random.default_rng(rows)
    return rng.normal(size=(size, size)).astype(dtype), rng.normal(size=(rows, size)).astype(dtype)


@pytest.mark.parametrize("rows", [4, 1, 0])
@pytest.mark.parametrize("f", LOOPS, ids=lambda f: f.__name__)
def test_loops(f, rows):
    check_grads(f, matrices(rows), order=2)
    check_grads(f, matrices(rows, size=1), order=2)


@pytest.mark.parametrize("rows", [4, 1, 0])
def test_a_recurrent_network(rows):
    rng = np.random.default_rng(rows)
    args = (rng.normal(size=(3, 3)), rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=(rows, 2)))
    check_grads(recurrent, args, order=2)
    text = grad(recurrent, (0, 1, 2)).source_for(*args)
    assert "np.outer" not in text
    assert text.count(".T @ ") >= 2


def differences_of_gradient(g, args, dots, eps=1e-6):
    ends = [g(*(a + sign * eps * d for a, d in zip(args, dots, strict=True))) for sign in (1.0, -1.0)]
    return [(a - b) / (2.0 * eps) for a, b in zip(*ends, strict=True)]


@pytest.mark.parametrize("rows", [4, 1, 0])
def test_the_tangent_of_a_recurrent_network(rows):
    """Two outer products in each iteration become two products of matrices, forwards too."""
    rng = np.random.default_rng(rows)
    args = (rng.normal(size=(3, 3)), rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=(rows, 2)))
    dots = tuple(rng.normal(size=a.shape) for a in args)
    found = hvp(recurrent, args, dots)
    wanted = differences_of_gradient(grad(recurrent, (0, 1, 2, 3)), args, dots)
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)
    text = jvp_function(grad(recurrent, (0, 1, 2, 3)), 4, alone=True)[0].source_for(*args, *dots)
    assert "np.outer" not in text
    assert text.count(".T @ ") >= 4


def own_sums(w, x):
    total, other = w * 1.0, np.zeros((3, 3))
    for t in range(len(x)):
        total = total + (np.outer(x[t], x[t]) + np.outer(np.sin(x[t]), x[t]))
        other = other + np.outer(x[t] * total[0, 0], x[t])      # what the loop reads is summed in the loop
    return np.sum(total ** 2) + np.sum(other)


@pytest.mark.parametrize("rows", [4, 1, 0])
def test_tangents_of_sums_of_the_users(rows):
    args = matrices(rows)
    dots = tuple(np.random.default_rng(9).normal(size=a.shape) for a in args)
    value, along = jvp(own_sums, args, dots)
    ends = [own_sums(*(a + sign * 1e-6 * d for a, d in zip(args, dots, strict=True))) for sign in (1.0, -1.0)]
    assert value == pytest.approx(own_sums(*args), rel=1e-13)
    assert along == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6)


SCALED = [lambda a, b: np.sum(3.0 * (a * np.sin(a))) + np.sum(0.5 * b), lambda a, b: np.sum((a - b) ** 2 * -0.5),
          lambda a, b: np.sum(2 * (a - b) ** 2) ** 2]


@pytest.mark.parametrize("f", SCALED)
def test_sums_of_scaled_products(f):
    a, b = matrices(3)
    value, _ = value_and_grad(f, (0, 1))(a, b)
    assert value == pytest.approx(f(a, b), rel=1e-13, abs=1e-13)
    check_grads(f, (a, b), order=2)
    assert "np.vdot" in value_and_grad(f, (0, 1)).source_for(a, b)
    check_grads(f, (a, b[:1]), order=1)     # stretched: no sum of products
    check_grads(f, (a[:0], b[:0]), order=1)


def test_a_known_length():
    check_grads(known_length, matrices(4), order=2)


def test_a_row_of_one_element_that_is_stretched():
    def f(b, x):
        s = 0.0
        for t in range(len(x)):
            s = s + np.sum(np.tanh(x[t] + b))
        return s
    check_grads(f, (np.array([0.3]), matrices(4)[1]), order=2)
    check_grads(f, (np.array([0.3, 0.2, 0.1]), matrices(4)[1]), order=2)


def test_a_range_below_zero():
    """No step, as with none: of nothing that is kept is the length below zero."""
    def counted(w, x, n):
        h, s = np.zeros(2), 0.0
        for t in range(n):
            h = np.tanh(w @ h + x[t])
            s += x[t] @ w @ h
        return s + np.sum(w)

    def counted_inside(w, x, n):
        s = 0.0
        for i in range(n, 3):
            for t in range(i):
                s += x[t] @ w @ x[t]
        return s
    w, x = np.array([[0.5, -1.0], [0.3, 0.8]]), np.array([[1.0, -0.5], [0.2, 0.4], [-0.7, 0.1]])
    gradient = grad(counted, (0, 1))
    assert gradient(w, x, 2)[0].any()
    for n in (-1, -3, 0):
        np.testing.assert_array_equal(gradient(w, x, n)[0], np.ones((2, 2)))
        assert not gradient(w, x, n)[1].any()
    check_grads(lambda w, x: counted_inside(w, x, -2), (w, x), argnums=(0, 1), order=1)


def test_dtypes_stay():
    w, x = matrices(4, dtype=np.float32)
    assert grad(twice)(w, x).dtype == np.float32
    assert grad(lambda w, x: np.sum(np.tanh(x @ w).sum(axis=0)))(w, x).dtype == np.float32


def centred(means, scale, x):
    z = (x[:, None, :] - means) * scale
    return np.sum(np.tanh(z) * z)


def batched(m, t, q):
    z = t[None, :, :] - m[:, None, :]
    y = z @ q + z * np.exp(m)[:, None, :]
    return np.sum(np.sin(y))


def layer(b, w, v, x):
    return np.sum(np.tanh(np.tanh(x @ w + b) @ v))


@pytest.mark.parametrize("sizes", [(2, 4, 3), (1, 4, 3), (2, 1, 3), (2, 4, 1), (1, 1, 1), (2, 0, 3)])
def test_sums(sizes):
    k, n, d = sizes
    rng = np.random.default_rng(5)
    m, t = rng.normal(size=(k, d)), rng.normal(size=(n, d))
    check_grads(centred, (m, rng.normal(size=(k, d)), t), order=2)
    check_grads(centred, (m, rng.normal(size=d), t), order=2)
    check_grads(batched, (m, t, rng.normal(size=(k, d, d))), order=2)
    check_grads(batched, (m, t, rng.normal(size=(d, d))), order=2)
    check_grads(layer, (rng.normal(size=d), rng.normal(size=(d, d)), rng.normal(size=(d, k)), t), order=2)


@pytest.mark.parametrize("f", [twice, nested, backwards], ids=lambda f: f.__name__)
def test_equal_to_the_text_without_them(f):
    args = matrices(5)
    value, found = value_and_grad(f, (0, 1))(*args)
    with options(optimise=False):
        plain, wanted = value_and_grad(f, (0, 1))(*args)
    assert value == pytest.approx(plain, rel=1e-13)     # products are made ahead
    for a, b in zip(found, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-13)


def test_text_of_a_pushed_sum():
    rng = np.random.default_rng(5)
    text = grad(centred).source_for(rng.normal(size=(2, 3)), rng.normal(size=(2, 3)), rng.normal(size=(4, 3)))
    assert ".sum(axis=0) * scale" in text


def beside(w, x, h):
    for _ in range(3):
        h = np.tanh(np.concatenate((x, h)) @ w)
    return np.sum(h * h)


def both_parts(w, x):
    z = w @ np.concatenate((x[:2] * 2.0, np.sin(x[2:])))
    return np.sum(z * z)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_rows_of_a_product(n):
    rng = np.random.default_rng(n)
    w, x, h = rng.normal(size=(n + 3, 3)), rng.normal(size=n), rng.normal(size=3)
    for argnums in (0, 2, (0, 1, 2)):
        check_grads(beside, (w, x, h), argnums=argnums)
    gradient = grad(beside, 2)
    gradient(w, x, h)
    assert ":].dot(" in gradient.source, gradient.source
    check_grads(both_parts, (rng.normal(size=(3, n + 2)), rng.normal(size=n + 2)), argnums=(0, 1))


def rows_on_the_right(w, b, x, n):
    h = np.zeros(3)
    for t in range(n):
        h = np.tanh(x[t] @ w + h + b)
    return np.sum(h * h)


def rows_of_all(w, b, x):
    return rows_on_the_right(w, b, x, len(x))


def test_a_sum_of_the_rows_of_the_other_side():
    rng = np.random.default_rng(0)
    w, b, x = rng.normal(size=(2, 3)), rng.normal(size=3), rng.normal(size=(4, 2))
    for rows in (x, x[:1], x[:0]):
        check_grads(rows_of_all, (w, b, rows), argnums=(0, 1, 2))
        check_grads(rows_on_the_right, (w, b, rows, len(rows)), argnums=(0, 1, 2))
    gradient = grad(rows_of_all, (0, 1))
    gradient(w, b, x)
    assert ".sum(axis=0)" in gradient.source, gradient.source
    for f, more in ((rows_of_all, ()), (rows_on_the_right, (0,))):        # of no step, any lengths will do
        assert [g.shape for g in grad(f, (0, 1))(w, np.ones(5), x[:0], *more)] == [(2, 3), (5,)]
