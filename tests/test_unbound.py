"""Names that are bound on one way only: their cotangents are bound where they are."""

import numpy as np
import pytest

from ad_compiler import grad
from ad_compiler.testing import check_grads

POINTS = [np.array(p) for p in ([0.4, 1.1, 2.3], [-0.4, 1.1, 2.3], [0.4, -1.1, 2.3], [-0.4, -1.1, -2.3], [2.5, 0.3, 0.1])]


def in_two_arms(x):
    if x[0] > 0:
        a = np.exp(x)
    if x[0] > 1:
        b = a * a
    else:
        b = x
    return np.sum(b)


def a_number(x):
    if x[0] > 0:
        a = x[0] * x[1]
    s = x[2]
    if x[0] > 1:
        s = s * a * a
    return s


def through_two_joins(x):
    if x[0] > 0:
        if x[1] > 0:
            a = np.exp(x)
        else:
            a = x * x
    if x[0] > 2:
        a = a * 2.0
    if x[0] > 1:
        return np.sum(a * a)
    return np.sum(x) * x[0]


def read_in_a_loop(x):
    if x[0] > 0:
        a = np.sin(x)
    s = x[1]
    for i in range(3):
        if x[0] > 0:
            s = s + a[i] * s
    return s


def written_in_a_loop(x):
    if x[0] > 0:
        a = np.sin(x)
    s = x[1]
    for i in range(3):
        if x[0] > 0:
            a[i] = a[i] * s
            s = s + a[i] * a[i - 1]
    if x[0] > 0:
        s = s * np.sum(a)
    return s


def bound_by_a_loop(x):
    n = 3 if x[0] > 0 else 0
    for i in range(n):
        a = x * x[i]
    s = x[2] * x[2]
    if n > 1:
        s = s + np.sum(a * a)
    return s


def bound_by_a_while(x):
    y = x[0]
    while y < 2.0 and y > 0.0:
        a = np.sin(x) * y
        y = y * 1.5
    if x[0] > 0 and x[0] < 1:
        return np.sum(a * a) + y
    return y * x[1]


def in_a_loop_of_arms(x):
    s = x[0]
    for v in x:
        if v > 0:
            a = np.outer(x, x) * v
        if v > 1:
            s = s + np.sum(a * a)
    return s


CASES = [in_two_arms, a_number, through_two_joins, read_in_a_loop, written_in_a_loop, bound_by_a_loop, bound_by_a_while,
         in_a_loop_of_arms]


@pytest.mark.parametrize("fn", CASES, ids=lambda fn: fn.__name__)
def test_gradients(fn):
    for x in POINTS:
        check_grads(fn, (x,), order=2)


def test_what_the_function_raises():
    def f(x):
        if x[0] > 0:
            a = x * x
        if x[1] > 0:
            return np.sum(a)
        return np.sum(x)
    g = grad(f)
    for x in POINTS[:4]:
        try:
            f(x)
        except UnboundLocalError:
            with pytest.raises(UnboundLocalError, match="'a'"):
                g(x)
        else:
            check_grads(f, (x,))
