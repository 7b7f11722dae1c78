"""Tangents through an exponential that overflows, into a function that goes to a limit: 0 there, never NaN."""

import math

import numpy as np
import pytest

from ad_compiler import jvp
from ad_compiler.forward import jvp_function

X = np.array([-1e5, -800.0, -40.0, -1.0, 0.0, 0.5, 3.0, 40.0, 300.0, 800.0, 1e5])


def logistic(x):
    return 1.0 / (1.0 + np.exp(-x))


def logistic_slope(x):
    e = math.exp(-abs(x))
    return e / (1.0 + e) ** 2


def scaled(x):
    return 3.0 / (2.0 + np.exp(x))


def scaled_slope(x):
    return -3.0 * math.exp(-x) / (1.0 + 2.0 * math.exp(-x)) ** 2 if x > 0 else -3.0 * math.exp(x) / (2.0 + math.exp(x)) ** 2


def gompertz(x):
    return np.exp(-np.exp(x))


def gompertz_slope(x):
    return -math.exp(x - math.exp(x)) if x < 700 else 0.0


def angle(x):
    return np.arctan(2.0 - np.exp(x))


def angle_slope(x):
    return -math.exp(x) / (1.0 + (2.0 - math.exp(x)) ** 2) if x < 300 else -math.exp(-x)


def bent(x):
    return np.tanh(1.0 - np.exp(x))


def bent_slope(x):
    return -math.exp(x) / math.cosh(1.0 - math.exp(x)) ** 2 if x < 6 else 0.0


CASES = [(logistic, logistic_slope), (scaled, scaled_slope), (gompertz, gompertz_slope), (angle, angle_slope),
         (bent, bent_slope)]


@pytest.mark.parametrize(("f", "slope"), CASES)
@pytest.mark.parametrize("size", [1.0, 0.0, -1e10])
def test_at_all_sizes(f, slope, size):
    with np.errstate(all="ignore"):
        out, dot = jvp(f, (X,), (np.full(len(X), size),))
        np.testing.assert_array_equal(out, f(X))
    np.testing.assert_allclose(dot, [size * slope(x) for x in X], rtol=1e-12, atol=1e-14 * abs(size))


@pytest.mark.parametrize(("f", "slope"), CASES)
def test_in_single_precision_and_of_no_elements(f, slope):
    x = X.astype(np.float32)
    with np.errstate(all="ignore"):
        dot = jvp(f, (x,), (np.ones_like(x),))[1]
    assert dot.dtype == np.float32
    np.testing.assert_allclose(dot, [slope(float(each)) for each in x], rtol=2e-5, atol=1e-6)
    assert jvp(f, (X[:0],), (X[:0],))[1].shape == (0,)


def test_a_tangent_that_is_not_a_number_stays_one():
    dot = np.array([np.nan, 1.0, np.nan])
    with np.errstate(all="ignore"):
        found = jvp(logistic, (np.array([-800.0, -800.0, 0.0]),), (dot,))[1]
    np.testing.assert_array_equal(np.isnan(found), [True, False, True])


def test_read_again_behind_it():
    """The exponential has a use of its own too."""
    def f(x):
        e = np.exp(x)
        return np.where(x < 0.0, e, 1.0) / (1.0 + e) + 0.5 * np.minimum(e, 1.0)

    def by_hand(x):
        e = math.exp(x)
        return e / (1.0 + e) ** 2 + 0.5 * e if x < 0.0 else -e / (1.0 + e) ** 2
    x = np.array([-30.0, -1.0, 0.5, 3.0])
    np.testing.assert_allclose(jvp(f, (x,), (np.ones(4),))[1], [by_hand(each) for each in x], rtol=1e-12)
    with np.errstate(over="ignore"):
        assert jvp(f, (np.array([800.0]),), (np.ones(1),))[1] == [0.0]


def test_a_loop_that_carries_the_product():
    def f(x, n):
        for _ in range(n):
            x = logistic(x) * 4.0 - 2.0
        return x
    for n in (0, 1, 3):
        def at(x, n=n):
            return f(x, n)
        x, step = np.array([-3.0, 0.2, 1.5]), 1e-6
        wanted = (f(x + step, n) - f(x - step, n)) / (2 * step)
        np.testing.assert_allclose(jvp(at, (x,), (np.ones(3),))[1], wanted, rtol=1e-7, atol=1e-9)


def test_nothing_is_chosen_element_by_element():
    """Where the product of both slopes is finite, the text needs no `np.where`."""
    for f, _ in CASES:
        assert "np.where" not in jvp_function(f, 1)[0].source_for(X, X)
    assert "gates * (1.0 - gates)" in jvp_function(gates, 1)[0].source_for(X, X)


def gates(x):
    gates = 1.0 / (1.0 + np.exp(-x))
    return gates
