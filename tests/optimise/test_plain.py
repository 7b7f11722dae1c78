"""Loops over lists in place of arrays: the same numbers, of the same types, wherever that is done and where it is not."""

import math
import warnings

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, value_and_grad
from tests.fd import check_against_differences, same

X, Y = np.random.default_rng(3).normal(size=(2, 6))


def products(x, y):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * y[i] - x[i] ** 2
    return s


def neighbours(x, y):
    s = 0.0
    for i in range(1, len(x)):
        s += (x[i] - x[i - 1]) * y[i - 1]
    return s


def inner_elements(x, y):
    s = 0.0
    for i in range(1, len(x) - 1):
        s += x[i - 1] * x[i + 1] * y[i]
    return s


def quotients(x, y):
    s = 0.0
    for i in range(len(x)):
        s += x[i] / (3.0 + y[i] * y[i]) + x[i] / 4.0
    return s


def decisions(x, y):
    s = 0.0
    for i in range(len(x)):
        if x[i] > y[i]:
            s += x[i] * s
        elif not x[i] < -0.5:
            s -= y[i]
        else:
            s += math.sin(x[i])
    return s


def booleans_reckoned_with(x, y):
    s = 0.0
    for i in range(len(x)):
        s += (x[i] > y[i]) * x[i] + ~(x[i] > 0.0) * 2.0
    return s


def recurrence(x, y):
    h = 0.5
    for i in range(len(x)):
        h = np.tanh(h * x[i] + y[i])
    return h


def logistic(x, y):
    h = 0.3
    for i in range(len(x)):
        h = h * (1.0 - h) * x[i] + 0.1 * y[i]
    return h


def nested(x, y):
    s = 0.0
    for i in range(len(x)):
        t = 0.0
        for j in range(i):
            t += x[j] * y[i]
        s += t * t
    return s


def array_in_the_loop_too(x, y):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * np.sum(x * y)
    return s


def stored_and_read(x, y):
    z = np.zeros(len(x))
    for i in range(1, len(x)):
        z[i] = x[i] * y[i] + 0.5 * z[i - 1]
    return np.sum(z * z)


def left_early(x, y):
    s = 0.0
    for i in range(len(x)):
        if s > 1.0:
            break
        s += x[i] * x[i] + abs(y[i])
    return s


def largest(x, y):
    m = -10.0
    for i in range(len(x)):
        m = max(m, x[i] * y[i])
    return m


def powers(x, y):
    s = 0.0
    for i in range(len(x)):
        s += x[i] ** 3 + abs(y[i]) ** 1.5
    return s


def last_element(x, y):
    last = 0.0
    for i in range(len(x)):
        last = x[i]
    return last * y[0]


def backward(x, y):
    s = 0.0
    for i in range(len(x) - 1, -1, -1):
        s = s * 0.5 + x[i] * y[i]
    return s


def no_element(x, y):
    s = 0.0
    for i in range(2, len(x) - 4):
        s += x[i] * y[i]
    return s


def a_number_too(x, y):
    s, count = 0.0, 0
    for i in range(len(x)):
        if x[i] > 0.0:
            count += 1
            s += x[i]
    return s / (count + 1) + y[0]


def two_loops(x, y):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * x[i]
    t = 0.0
    for i in range(len(y)):
        t += y[i] * x[i] * s
    return t


def every(x, y):
    s = 0.0
    for v, w in zip(x, y, strict=True):
        s += v * w + v * v
    return s


def loops_in_a_loop_that_may_not_run(x, y):
    s = 0.0
    for i in range(len(x) - 1):
        for j in range(i):
            s += x[j] * x[i]
    return s


def where_never_taken(x, y):
    s = 0.0
    for i in range(len(x)):
        if x[i] > 50.0:
            s += x[i]
    return s if s > 1.0 else s * 2.0


def added_in_arms(x, y):
    s = 0.0
    for i in range(len(x)):
        if x[i] > 0.3:
            s += x[i] * y[i]
        elif y[i] > 0.0:
            s = s * y[i] - x[i - 1]
    return s


def added_in_an_inner_loop(x, y):
    s = 0.0
    for i in range(len(x)):
        for j in range(i):
            if x[j] > y[i]:
                s += x[j] * y[i] * y[j]
            s += x[i]
    return s


def recurrence_with_a_branch(x, y):
    s = 0.0
    for i in range(len(x)):
        s = s * 0.7 - x[i] * s if s > 0.5 else s + math.sin(x[i] * y[i])
    return s


def used_after_a_doubtful_loop(x, y):
    s = 0.0
    for i in range(len(x)):
        s = s * 0.7 - x[i] * s if s > 0.5 else s + math.sin(x[i] * y[i])
    return s * y[0] + 1.0 / (1.0 + s)


CASES = [added_in_arms, added_in_an_inner_loop, recurrence_with_a_branch, used_after_a_doubtful_loop,
         loops_in_a_loop_that_may_not_run, where_never_taken, products, neighbours, inner_elements, quotients, decisions,
         booleans_reckoned_with, recurrence, logistic, nested, array_in_the_loop_too, stored_and_read, left_early,
         largest, powers, last_element, backward, no_element, a_number_too, two_loops, every]
ARGS = {"six": (X, Y), "two": (X[:2].copy(), Y[:2].copy()), "strided": (np.repeat(X, 2)[::2], Y[::-1])}


@pytest.mark.parametrize("args", ARGS.values(), ids=ARGS)
@pytest.mark.parametrize("func", CASES, ids=lambda f: f.__name__)
def test_gradients_values_and_types(func, args):
    check_against_differences(func, args, (0, 1))


@pytest.mark.parametrize("func", CASES, ids=lambda f: f.__name__)
def test_other_arguments(func):
    for args in ((X[:1], Y[:1]), (X[:0], Y[:0]), (X.astype(np.float32), Y.astype(np.float32)), (X, X)):
        try:
            want = func(*args)
        except IndexError:
            with pytest.raises((IndexError, CannotDifferentiate)):      # an axis of length 0 is known beforehand
                grad(func, (0, 1))(*args)
            continue
        value, grads = value_and_grad(func, (0, 1))(*args)
        assert type(value) is type(want) or (type(value), type(want)) == (np.float64, float)
        np.testing.assert_allclose(value, want, rtol=1e-5 if args[0].dtype == np.float32 else 1e-12)
        assert all(g.dtype == args[0].dtype and g.shape == args[0].shape for g in grads)
        assert not np.may_share_memory(*grads)


@pytest.mark.parametrize("func", [products, decisions, logistic, two_loops, every, nested, added_in_arms,
                                  added_in_an_inner_loop], ids=lambda f: f.__name__)
def test_second_derivatives(func):
    def along(x, y):
        return np.sum(grad(func)(x, y) * np.cos(y))
    check_against_differences(along, (X, Y), (0, 1), rtol=1e-5)


def test_where_it_is_done_and_where_not():
    def uses_a_list(func):
        g = value_and_grad(func, (0, 1))
        g(X, Y)
        return ".tolist()" in g.source
    done = {func.__name__ for func in CASES if uses_a_list(func)}
    assert done >= {"products", "neighbours", "logistic", "two_loops"}
    assert done >= {"backward", "largest", "inner_elements"}
    assert done.isdisjoint({"booleans_reckoned_with", "array_in_the_loop_too", "powers", "where_never_taken"})


def test_division_by_zero_is_still_numpys():
    def f(x, y):
        s = 0.0
        for i in range(len(x)):
            s += x[i] / y[i]
        return s
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        value, (x_bar, y_bar) = value_and_grad(f, (0, 1))(np.ones(3), np.array([1.0, 0.0, 2.0]))
    assert value == math.inf
    assert same(x_bar, np.array([1.0, math.inf, 0.5]))
    assert np.isneginf(y_bar[1])


def test_a_long_array_of_which_little_is_read_stays_one():
    def f(x):
        s = 0.0
        for i in range(3):
            s += x[i] * x[i]
        return s
    g = grad(f)
    g(X)
    assert "x.tolist" not in g.source
