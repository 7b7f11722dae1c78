"""Loops around loops that only add up count up in the reverse sweep; others do not."""

import numpy as np
import pytest

from ad_compiler import value_and_grad
from tests.fd import directions, slope


def packed(x, y):
    """A packed triangle times a vector, for each row of `y`."""
    n = y.shape[1]
    total = 0.0
    for r in range(len(y)):
        best = 0.0
        for a in range(n):
            q = y[r, a] * best
            for b in range(a):
                q += x[a * (a - 1) // 2 + b] * y[r, b]
            best = np.sin(q) + best
            total += q * q
    return total


def triangle(x, y):
    n = y.shape[1]
    total = 0.0
    for r in range(len(y)):
        square = 0.0
        for a in range(n):
            q = x[a] * y[r, a]
            for b in range(a):
                q += x[a - b] * y[r, b]
            square += q * q
        total += np.sin(square)
    return total


def steps(x, y):
    total = 0.0
    for r in range(1, len(y), 2):
        q = total
        for a in range(len(x) - 1, -1, -3):
            for b in range(a, y.shape[1], 2):
                q += x[a] * y[r, b] * x[b - 1]
        total = q * q * 0.1 + np.cos(total)
    return total


def downwards(x, y):
    total = 0.3
    for r in range(len(y) - 1, -1, -1):
        q = np.sin(total)
        for a in range(y.shape[1]):
            for b in range(y.shape[1]):
                q += x[b] * y[r, a] * x[a]
        total += q * total
    return total


def left_early(x, y):
    total = 0.1
    for r in range(len(y)):
        q = total
        for a in range(y.shape[1]):
            for b in range(a + 1):
                q += x[b] * y[r, a]
            if q > 3.0:
                break
        total = q * 0.3 + total * total * 0.1
    return total


def carried(x, y):
    total = 0.1
    for r in range(len(y)):
        for a in range(y.shape[1]):
            for b in range(a + 1):
                total = total * 0.9 + np.sin(x[b] * y[r, a])
    return total


def in_an_arm(x, y):
    total = 0.2
    for r in range(len(y)):
        q = total
        for a in range(y.shape[1]):
            if y[r, a] > 0.0:
                for b in range(a + 1):
                    q += x[b] * y[r, a] * y[r, b]
        total = np.tanh(q) + total
    return total


CASES = [(6, (3, 4)), (6, (2, 1)), (6, (0, 3)), (6, (2, 0)), (1, (1, 1))]


@pytest.mark.parametrize("f", [packed, triangle, steps, downwards, left_early, carried, in_an_arm])
def test_against_differences(f):
    gradient = value_and_grad(f, (0, 1), backend="numba")
    for length, shape in CASES:
        rng = np.random.default_rng(length)
        args = rng.normal(size=length), rng.normal(size=shape)
        value, bars = gradient(*args)
        assert value == pytest.approx(f(*args), rel=1e-12)
        for at in (0, 1):
            wanted = [slope(f, args, {}, (at,), direction, 1e-5) for direction in directions([args[at]])]
            np.testing.assert_allclose(bars[at].ravel(), np.reshape(wanted, -1), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("f", "backward"), [(triangle, False), (packed, True), (carried, True)])
def test_which_way(f, backward):
    """The loop around the innermost one, in the reverse sweep: what is carried is undone backwards."""
    source = value_and_grad(f, (0, 1), backend="numba").source_for(np.ones(6), np.ones((3, 4)))
    assert ("for a in range(n - 1, -1, -1):" in source) is backward, source
    assert source.count("for a in range(") == 2
