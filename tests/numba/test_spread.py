"""Arrays that cost less to compute than to read are computed where they are read, from what was there at first."""

import numpy as np
import pytest

from ad_compiler import value_and_grad
from tests.fd import check_against_differences

RNG = np.random.default_rng(3)
X, Y, STACK = RNG.normal(size=4), RNG.normal(size=3), RNG.normal(size=(2, 4, 3))


def differences(x, y, s):
    d = x[:, None] - y
    k = np.exp(-d * d)
    return np.sum(k * d) + np.sum(d, axis=0) @ y


def stored_into_before_it_is_read(x, y, s):
    z = x * 1.0
    d = z[:, None] - y[None, :]
    z[1:] = 5.0 * y
    z[0] *= 2.0
    return np.sum(d * d * z[:, None])


def written_over_before_it_is_read(x, y, s):
    z = np.sin(x)
    d = z[:, None] * y
    z = z * 3.0
    y = y + z[0]
    return np.sum(d * d) + np.sum(z * z * d[:, 0]) + np.sum(y)


def in_a_loop(x, y, s):
    total = 0.0
    z = x * 1.0
    for i in range(3):
        d = z[:, None] - s[0] * y
        e = z[:, None] + y
        total = total + np.sum(d * d * e) + np.sum(e * e)
        z = z * np.sum(e) * 0.1
        z[i] = y[i]
    return total + np.sum(z)


def returned_shape(x, y, s):
    d = x[:, None] - y
    return np.sum(np.ones(d.shape) * d) * len(d) + d[0, 1] + np.sum(d[1:] ** 2)


def in_products_of_stacks(x, y, s):
    c = s - y[None, None, :] * x[None, :, None]
    d = x[None, :, None] - y[:2, None, None] * np.ones((1, 1, 3))
    e = x[None, :, None] - y[:2, None, None]
    return np.sum(np.matmul(c, np.transpose(d, (0, 2, 1))) ** 2) + np.sum(np.matmul(np.transpose(e, (0, 2, 1)), c) ** 3)


def thin_products(x, y, s):
    row, column = s[:, :1] * y, s[:, :, :1] * x[:, None]
    a, b = np.matmul(s, np.transpose(row, (0, 2, 1))), np.matmul(np.transpose(column, (0, 2, 1)), s)
    return np.sum(a * a * column) + np.sum(np.matmul(b, np.transpose(row, (0, 2, 1)))) + np.sum(np.matmul(column, row) ** 2)


def product_of_stacks_stored_into(x, y, s):
    z = x * 1.0
    d = z[None, :, None] - y[:2, None, None] * y
    z[:] = 1.0
    return np.sum(np.matmul(np.transpose(s, (0, 2, 1)), d) ** 2 * z[0])


@pytest.mark.parametrize("func", [
    differences, stored_into_before_it_is_read, written_over_before_it_is_read, in_a_loop, returned_shape,
    in_products_of_stacks, thin_products, product_of_stacks_stored_into], ids=lambda f: f.__name__)
def test_both_dialects(func):
    args = X, Y, STACK
    gradient = check_against_differences(func, args, (0, 1, 2))
    value, compiled = value_and_grad(func, (0, 1, 2), backend="numba")(*args)
    np.testing.assert_allclose(value, func(*args), rtol=1e-12)
    for one, other in zip(compiled, gradient, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_no_array_is_made():
    text = value_and_grad(differences, backend="numba").source_for(X, Y, STACK)
    assert "d = " in text
    assert "d[i, j]" not in text
    assert "np.empty((" not in text
