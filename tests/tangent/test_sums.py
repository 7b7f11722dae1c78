"""The tangent of a sum of squares: products of vectors, as a person writes it."""

import numpy as np
import pytest

from ad_compiler import jvp
from ad_compiler.forward import jvp_function


def valley(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def along_valley(x, dot):
    r, a = x[1:] - x[:-1] ** 2, x[:-1]
    slope = np.zeros_like(x)
    slope[1:] += 200.0 * r
    slope[:-1] -= 400.0 * r * a + 2.0 * (1.0 - a)
    return np.sum(slope * dot)


def test_sums_of_products_are_products_of_vectors():
    rng = np.random.default_rng(0)
    x, dot = rng.normal(size=(2, 7))
    text = jvp_function(valley, 1)[0].source_for(x, dot)
    assert text.count("np.vdot(") == 4
    assert ".sum()" not in text
    for n in (7, 2, 1):
        assert jvp(valley, (x[:n],), (dot[:n],))[1] == pytest.approx(along_valley(x[:n], dot[:n]), rel=1e-12, abs=1e-15)
    assert jvp(valley, (x[::-2],), (dot[::2],))[1] == pytest.approx(along_valley(x[::-2], dot[::2]))


def test_differences_rows_and_single_precision():
    def f(x):
        y = 3.0 * x
        return np.sum(y * y - x * x * x)
    rng = np.random.default_rng(1)
    for shape in ((5,), (2, 3), (1, 1), (0, 2)):
        x, dot = rng.normal(size=(2, *shape))
        assert jvp(f, (x,), (dot,))[1] == pytest.approx(np.sum((18.0 * x - 3.0 * x * x) * dot), rel=1e-12, abs=1e-14)
        x, dot = x.astype(np.float32), dot.astype(np.float32)
        made = jvp(f, (x,), (dot,))[1]
        assert made.dtype == np.float32
        assert made == pytest.approx(np.sum((18.0 * x - 3.0 * x * x) * dot), rel=1e-4, abs=1e-6)


def test_what_cancels_is_small():
    """Two products that are alike: what is left is rounding, of the size of the products."""
    def f(x):
        a, b = x[:-1], x[1:]
        return np.sum(a * b - b * a)
    rng = np.random.default_rng(2)
    x, dot = 1e3 * rng.normal(size=(2, 1000))
    assert abs(jvp(f, (x,), (dot,))[1]) <= 1e-12 * np.sum(np.abs(x[:-1] * dot[1:]) + np.abs(x[1:] * dot[:-1]))


def test_nan_stays_nan():
    x, dot = np.array([1.0, np.nan, 2.0]), np.ones(3)
    assert np.isnan(jvp(valley, (x,), (dot,))[1])
    assert np.isnan(jvp(valley, (dot,), (x,))[1])
