"""What is divided by `y` twice is multiplied with `1.0 / y` twice, where that is there."""

import numpy as np
import pytest

from ad_compiler import grad, hessian
from ad_compiler.testing import check_grads


def reciprocals(x):
    q = 1.0 / x
    r = 1 / (1.0 + np.exp(-x))
    y = 2.0 / x
    q2 = 1.0 / x
    q2[0] = 3.0
    return np.sum(q * x) + np.sum(r) + np.sum(y) + np.sum(q2 * q) + np.sum(1.0 / x[::-1] / x)


def test_a_reciprocal_is_multiplied_with_again():
    check_grads(reciprocals, (np.array([0.4, -1.3, 2.2, 0.7]),), order=2)
    check_grads(reciprocals, (np.array([0.4]),), order=2)
    source = grad(reciprocals)
    source(np.ones(3))
    assert "q * q" in source.source and "r * (1.0 - r)" in source.source


@pytest.mark.parametrize("x", [1e-300, -1e-300, 1e-200, 1e200, -1e300, np.inf, -np.inf, np.nan])
def test_a_reciprocal_at_the_ends_of_the_numbers(x):
    def f(x):
        return np.sum(1.0 / x)
    with np.errstate(all="ignore"):
        want = -1.0 / np.float64(x) / np.float64(x)
        assert np.array_equal(grad(f)(np.array([x])), np.array([want]), equal_nan=True)


def logistic(x, c):
    return np.sum(c * (1.0 / (1.0 + np.exp(-x))))


def reciprocal(x, c):
    return np.sum(c * np.reciprocal(np.exp(-x) + 1.0))


def log_likelihood(x, c):
    p = 1.0 / (1.0 + np.exp(-x))
    return np.sum(c * np.log(p) + (1.0 - c) * np.log(1.0 - p))


def at_most(x, c):
    """The user's own bound is no guard against overflow."""
    e = np.exp(-x)
    g = 1.0 / (1.0 + e)
    return np.sum(c * g * g * np.minimum(e, 0.5))


def another_exponential(x, c):
    g = 1.0 / (1.0 + np.exp(-x))
    return np.sum(c * g * np.exp(-2.0 * x))


def overwritten(x, c):
    g = 1.0 / (1.0 + np.exp(-x))
    g[:1] = c[:1]
    y = g * 2.0
    g *= c
    return np.sum(y * g)


LOGISTIC = [logistic, reciprocal, log_likelihood, at_most, another_exponential, overwritten]


@pytest.mark.parametrize("f", LOGISTIC)
def test_the_slope_of_a_logistic_function(f):
    rng = np.random.default_rng(0)
    for n in (1, 4):
        check_grads(f, (rng.normal(size=n), rng.uniform(0.2, 0.8, size=n)), argnums=(0, 1), order=2)
    assert grad(f)(np.ones(0), np.ones(0)).shape == (0,)
    single = grad(f)(np.float32([0.5, -2.0]), np.float32([0.3, 0.6]))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, grad(f)(np.array([0.5, -2.0]), np.array([0.3, 0.6])), rtol=1e-5)


@pytest.mark.parametrize("f", [logistic, reciprocal])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_logistic_function_at_the_ends_of_the_numbers(f, dtype):
    x = np.array([-np.inf, -1e5, -90.0, -9.0, 0.0, 90.0, 1e5, np.inf, np.nan], dtype)
    with np.errstate(all="ignore"):
        found = grad(f)(x, np.ones_like(x))
        g = 1.0 / (1.0 + np.exp(-x))
    np.testing.assert_allclose(found, g * (1.0 - g), rtol=1e-5)
    assert found.dtype == dtype
    assert np.array_equal(np.isnan(found), np.isnan(x))


def test_the_hessian_of_a_logistic_loss_has_one_product_of_its_size():
    x = np.random.default_rng(3).normal(size=(7, 3))

    def loss(w):
        z = x @ w
        return np.sum(np.logaddexp(0.0, z) - 0.5 * z)
    made = hessian(loss)
    w = np.array([0.3, -0.2, 0.9])
    p = 1.0 / (1.0 + np.exp(-(x @ w)))
    np.testing.assert_allclose(made(w), (x * (p * (1.0 - p))[:, None]).T @ x, rtol=1e-12)
    assert "np.where" not in made.source
    assert "(1.0 - e)" in made.source
    with np.errstate(invalid="ignore"):
        assert np.isnan(made(np.array([np.nan, 0.0, 0.0]))).all()
