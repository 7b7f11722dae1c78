"""Under Numba: lists that grow, stacked into arrays."""

import numpy as np
import pytest

from ad_compiler import value_and_grad
from tests.fd import check_against_differences

X = np.linspace(0.2, 0.9, 5)


def states(x, n):
    h, hs = x * 1.0, []
    for _ in range(n):
        h = np.tanh(h * x)
        hs.append(h)
    z = np.stack(hs)
    return np.sum(z * z[::-1]) + np.sum(h)


def slices(x, n):
    parts = []
    for i in range(n):
        parts.append(x[i:i + 2] * x[i])
    z = np.array(parts)
    return np.sum(z * z * x[0])


def numbers(x, n):
    terms = [x[0], x[1]]
    for i in range(n):
        terms.append(x[i] * terms[-1] + terms[-2])
    return np.sum(np.array(terms) ** 2)


def filled(x, n):
    terms = [x[0]]
    while len(terms) < n:
        terms.append(terms[-1] * x[1])
    return sum(terms)


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("func", [states, slices, numbers, filled], ids=lambda f: f.__name__)
def test_both_dialects(func, n):
    gradient = check_against_differences(func, (X, n))
    value, compiled = value_and_grad(func, backend="numba")(X, n)
    np.testing.assert_allclose(value, func(X, n), rtol=1e-12)
    np.testing.assert_allclose(compiled, gradient, rtol=1e-11)


@pytest.mark.parametrize(("func", "n"), [(states, 0), (slices, 0), (slices, 5)], ids=["none", "no slices", "ragged"])
def test_what_cannot_be_stacked(func, n):
    with pytest.raises(ValueError, match="shape"):
        value_and_grad(func, backend="numba")(X, n)
