"""Loops that are run together with their reverse, and loops that must not be: values against differences."""

import numpy as np
import pytest

from ad_compiler import grad
from tests.fd import check_against_differences


def adds_up(x):
    s = 0.0
    for i in range(len(x) - 1):
        s = s + np.sin(x[i] * x[i + 1])
    return s


def nested(x, w):
    s = 0.0
    for i in range(len(x)):
        t = 0.0
        for j in range(len(w)):
            t = t + np.tanh(x[i] * w[j]) * w[j]
        s = s + t * t
    return s


def branches(x):
    s = 0.0
    for i in range(len(x)):
        if x[i] > 0.5:
            s = s + x[i] ** 2
        else:
            s = s + np.sin(x[i])
    return s


def carried(x):
    y, s = x[0], 0.0
    for i in range(len(x)):
        y = np.sin(y) * x[i]
        s = s + y * y
    return s


def stored(x):
    y, s = x.copy(), 0.0
    for i in range(len(x) - 1):
        s = s + y[i] * y[i + 1]
        y[i + 1] = y[i + 1] * 0.5 + y[i]
    return s + np.sum(y)


def seeded_later(x):
    s = 0.0
    for i in range(len(x)):
        s = s + x[i] ** 3
    return s * s


def seeded_between(x, w):
    s = 0.0
    for i in range(len(x)):
        s = s + np.exp(x[i] * w[0])
    t = 0.0
    for i in range(len(x)):
        t = t + x[i] * w[i]
    return s * t


def taking_turns(u, w):
    a, b, s = u[0] * 1.0, u[-1] * 2.0, 0.0
    for i in range(len(w)):
        s = s + a * w[i]
        a, b = b, a
    return s


def announced(x, k):
    s = 0.0
    for i in range(len(x)):
        if x[i] > 0.9:
            print("large")
        s = s + x[i] ** 3
    c = 3.0
    if k > 2:
        print("twice")
        c = 2.0
    return s * c


def steps(x):
    s = 0.0
    for i in range(len(x) - 1, 0, -2):
        s = s + np.cos(x[i] * x[i - 1])
    return s


def left_early(x):
    s = 0.0
    for i in range(len(x)):
        if x[i] > 0.9:
            break
        s = s + np.exp(x[i]) * x[0]
    return s


X, W = np.array([0.3, 0.7, 0.2, 0.95, 0.6]), np.array([1.1, -0.4, 0.8, 0.5, 0.9])


@pytest.mark.parametrize("f", [adds_up, branches, carried, stored, seeded_later, steps, left_early])
@pytest.mark.parametrize("n", [1, 2, 5])
def test_one_argument(f, n):
    check_against_differences(f, (X[:n].copy(),), rtol=3e-6)


@pytest.mark.parametrize("f", [nested, seeded_between, taking_turns])
@pytest.mark.parametrize("n", [1, 4, 5])
def test_two_arguments(f, n):
    check_against_differences(f, (X[:n].copy(), W[:n].copy()), (0, 1), rtol=3e-6)


def test_what_is_seen_stays_in_order(capsys):
    """What the reverse loop needs is not computed before the loop, where that prints: or it would be fused."""
    grad(announced)(X, 3)
    assert capsys.readouterr().out == "large\ntwice\n"


def test_what_is_fused():
    assert "trail" not in grad(adds_up).source_for(X)
    assert grad(adds_up).source_for(X).count("\n    for ") == 1
    assert "trail" in grad(carried).source_for(X)


@pytest.mark.parametrize("f", [adds_up, branches, carried, seeded_later])
def test_second_order(f):
    def along(x):
        return np.sum(grad(f)(x) * W)

    check_against_differences(along, (X.copy(),), rtol=1e-5)
