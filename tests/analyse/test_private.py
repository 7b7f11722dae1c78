"""Buffers that belong to an iteration, and buffers that do not: values against differences, trails in the text."""

import numpy as np
import pytest

from ad_compiler import grad
from tests.fd import check_against_differences


def filled_by_a_loop(x):
    b, s = np.empty(3), 0.0
    for i in range(len(x)):
        for k in range(3):
            b[k] = np.sin(x[i] * (k + 1.0))
        s = s + b[0] * b[1] + b[2] * b[2]
    return s


def filled_whole(x):
    b, s = np.zeros(3), 0.0
    for i in range(len(x)):
        b[:] = x[i] * np.arange(1.0, 4.0)
        b *= b
        s = s + np.sum(np.tanh(b))
    return s


def read_after(x):
    b, s = np.zeros(3), 0.0
    for i in range(len(x)):
        for k in range(3):
            b[k] = x[i] ** (k + 1)
        s = s + b[0] * b[2]
    return s + np.sum(b * b)


def filled_in_part(x):
    b, s = np.ones(3), 0.0
    for i in range(len(x)):
        for k in range(2):
            b[k] = b[k + 1] * x[i]
        s = s + np.sum(b * b)
    return s


def filled_at_times(x):
    b, s = np.ones(3), 0.0
    for i in range(len(x)):
        if x[i] > 0.4:
            for k in range(3):
                b[k] = x[i] * (k + 2.0)
        s = s + np.sum(b * b) * x[i]
    return s


def read_while_filled(x):
    b, s = np.ones(3), 0.0
    for i in range(len(x)):
        for k in range(3):
            b[k] = x[i] * b[2 - k] + 0.5
        s = s + b[0] * b[1] * b[2]
    return s


def read_before(x):
    b, s = np.ones(3), 0.0
    for i in range(len(x)):
        s = s + b[1] * x[i]
        for k in range(3):
            b[k] = np.cos(x[i]) * (k + 1.0)
    return s


def two_names(x):
    b, s = np.empty(3), 0.0
    c = b
    for i in range(len(x)):
        for k in range(3):
            b[k] = x[i] ** 2 * (k + 1.0)
        c[1] = c[1] * 2.0
        s = s + np.sum(b * c)
    return s


def of_an_argument(b, x):
    s = 0.0
    for i in range(len(x)):
        for k in range(3):
            b[k] = np.exp(x[i]) * k
        s = s + np.sum(b)
    return s + np.sum(b * b)


def nested(x):
    b, s = np.empty(3), 0.0
    for i in range(len(x)):
        for j in range(2):
            for k in range(3):
                b[k] = np.sin(x[i]) * (j + k)
            s = s + b[0] * b[2] + b[1]
        s = s * 0.9
    return s


X = np.array([0.3, 0.7, 0.2, 0.9])


@pytest.mark.parametrize("f", [filled_by_a_loop, filled_whole, read_after, filled_in_part, filled_at_times,
                               read_while_filled, read_before, two_names, nested])
@pytest.mark.parametrize("n", [1, 2, 4])
def test_values(f, n):
    check_against_differences(f, (X[:n].copy(),), rtol=3e-6)


@pytest.mark.parametrize("n", [1, 4])
def test_an_argument(n):
    check_against_differences(of_an_argument, (np.array([0.5, 1.5, 2.5]), X[:n].copy()), (0, 1), rtol=3e-6)


def test_nothing_is_put_back():
    assert "old" not in grad(filled_by_a_loop).source_for(X)


@pytest.mark.parametrize("f", [filled_by_a_loop, read_after, read_while_filled])
def test_second_order(f):
    def along(x):
        return np.sum(grad(f)(x) * np.array([1.0, -2.0, 0.5, 3.0]))

    check_against_differences(along, (X.copy(),), rtol=1e-5)
