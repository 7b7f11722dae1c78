"""Generators consumed in place, and iterators, which are consumed once; gradients against finite differences."""

import contextlib

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad, value_and_grad
from ad_compiler.testing import check_grads

X = np.array([0.4, 1.1, 2.3, -0.7])
SCALE = 0.5


def powers(x, n):
    p = x
    for _ in range(n):
        yield p
        p = p * x


def pairs(x, start=0):
    for i in range(start, len(x)):
        for j in range(i + 1, len(x)):
            if i + j == 4:
                continue
            yield x[i], x[j]


def three(x):
    yield x[0]
    yield x[1] * x[1]
    yield SCALE * x[2]


def positive(x):
    for v in x:
        if v < 0:
            return
        yield v


def walk(x):
    yield from three(x)
    yield from positive(x)
    yield 2.0


def endless(x):
    s = x
    while True:
        s = 0.5 * (s + x / s)
        yield s


def updates(a):
    for i in range(1, len(a)):
        a[i] *= a[i - 1]
        yield a[i]


class Grid:
    def __init__(self, w):
        self.w = w

    def cells(self, n=2):
        for i in range(n):
            yield i, self.w[i] * self.w[i + 1]

    def __iter__(self):
        return iter([1.0, 2.0])


def sums(x):
    s = 0.0
    for p in powers(x[1], 4):
        s = s + p * x[0]
    return s


def of_tuples(x):
    s = x[3]
    for a, b in pairs(x):
        s = s * a + b
    return s


def straight(x):
    s = 1.0
    for v in three(x):
        s = s * v + v
    return s


def early_return(x):
    s = 0.0
    for v in positive(x):
        if v > 2.0:
            return s * v
        s = s + v * v
    return s * 3.0


def breaks(x):
    s = x[0]
    for k, v in pairs(x, 1):
        if v < -0.5:
            break
        s = s * k + v
    else:
        s = s * 100.0
    return s


def continues(x):
    s = x[0]
    for v in walk(x):
        if v == 2.0:
            continue
        s = s + v * s
    return s


def newton(x):
    last, n = x[2], 0
    for s in endless(x[2]):
        n += 1
        if abs(s - last) < 1e-12 or n > 20:
            break
        last = s
    return last * x[0]


def writes(x):
    a = x * 1.0
    t = 0.0
    for v in updates(a):
        t = t + v
        a[0] = a[0] + v
    return np.sum(a * a) * t


def zero_trips(x):
    s = x[0] * x[1]
    for p in powers(x[1], 0):
        s = s * p
    return s


def nested(x):
    s = 0.0
    for p in powers(x[0], 2):
        for q in powers(x[1], 3):
            for r in three(x):
                s = s + p * q * r
    return s


def same_names(x):
    p, n, s = x[0], 2, 0.0
    for v in powers(x[1], n + 1):
        s = s + v * p
        p = p * 0.5
    return s * p * n


def in_list(x):
    rows = list(powers(x[0], 3))
    return rows[0] * rows[2] + sum(powers(x[1], 2)) + len(rows)


def in_comprehension(x):
    return sum(a * b for a, b in pairs(x)) + sum([v * v for v in three(x)]) + max(list(three(x)))


def arrays(x):
    s = np.zeros(4)
    for row in (np.outer(x, x)[i] * i for i in range(3)):
        s = s + np.sin(row)
    return np.sum(s * x)


def numbered(x):
    s = 0.0
    for k, p in enumerate(powers(x[1], 3), 1):
        s = s + p * k
    for k, v in enumerate(positive(x)):
        s = s + v * x[k]
    return s


def method(x):
    s = 0.0
    for i, w in Grid(x).cells():
        s = s + w * (i + 1)
    return s


def inner_function(x):
    scale = x[0]

    def scaled():
        for v in x:
            f = lambda p: p * scale * v  # noqa: B023, E731
            yield f(v) + sum(p * v for p in (1.0, 2.0))
    s = 0.0
    for v in scaled():
        s = s + v
    return s


def in_an_arm(x):
    s = x[0]
    if x[1] > 0:
        for p in powers(x[1], 2):
            s = s * p
    else:
        s = sum(three(x))
    return s


def under_a_name(x):
    g = powers(x[1], 3)
    s = x[0]
    for p in g:
        s = s * p
    return s


def expression_under_a_name(x):
    squares = (v * v for v in x)
    s = 1.0
    for v in squares:
        s = s + v * s
    return s


def handed_over(x):
    def total(items):
        s = 0.0
        for v in items:
            s = s + v * v
        return s
    return total(powers(x[0], 3)) + total(v * x[0] for v in x)


def cleans_up(x):
    log = []

    def guarded():
        try:
            for v in x:
                yield v * v
        finally:
            log.append(1.0)
    s = 0.0
    for v in guarded():
        s = s + v
        if s > 1.0:
            break
    return s * log[0]


@contextlib.contextmanager
def scaled(a, by):
    a *= by
    try:
        yield a[0]
    finally:
        a /= by


@contextlib.contextmanager
def plain():
    yield


def managers(x):
    a = x * 1.0
    with scaled(a, 2.0) as first, plain():
        s = np.sum(np.sin(a)) * first
    with scaled(a, x[1]):
        if x[0] > 0:
            s = s * a[2]
    return s + np.sum(a)


def manager_that_is_left(x):
    a = x * 1.0
    with scaled(a, 3.0):
        for v in a:
            if v > 3.0:
                return v * v
    return np.sum(a)


CASES = [sums, of_tuples, straight, early_return, breaks, continues, newton, writes, zero_trips, nested, same_names,
         in_list, in_comprehension, arrays, numbered, method, inner_function, in_an_arm, under_a_name,
         expression_under_a_name, handed_over, cleans_up, managers, manager_that_is_left]


@pytest.mark.parametrize("fn", CASES, ids=lambda fn: fn.__name__)
def test_gradients(fn):
    x = X.copy()
    value, _ = value_and_grad(fn)(x)
    assert np.isclose(value, fn(X), rtol=1e-14, atol=0.0)
    assert np.array_equal(x, X)
    check_grads(fn, (X,), order=2)
    check_grads(fn, (np.array([0.4, 0.3, 1.3, 0.9]),), order=2)


def test_text():
    g = grad(sums)
    g(X)
    assert "yield" not in g.source and "p_trail" in g.source


def refused(fn, message):
    with pytest.raises(CannotDifferentiate, match=message) as caught:
        grad(fn)(X)
    return caught.value


def test_iterators_are_consumed_once():
    def generator(x):
        g = powers(x[0], 3)
        return sum(g) + sum(g)

    def expression(x):
        g = (v * v for v in x)
        return sum(g) + sum(g)

    def pairs_of_arrays(x):
        z = zip(x, x * 2)
        s = 0.0
        for a, b in z:
            s = s + a * b
        for a, b in z:
            s = s + a * b
        return s

    def as_argument(x):
        def twice(items):
            return sum(items) + sum(items)
        return twice(v * v for v in x)

    def in_a_loop(x):
        z, s = zip(x, x), 0.0
        for _ in range(2):
            for a, b in z:
                s = s + a * b
        return s

    def second_name(x):
        g = (v * v for v in x)
        h = g
        return sum(h) + sum(g)

    def mapped(x):
        m = map(np.sin, (x[0], x[1]))
        return sum(m) + sum(m)

    def iterated(x):
        it = iter((x[0], x[1]))
        return sum(it) + sum(it)
    for fn in (generator, expression, pairs_of_arrays, as_argument, second_name, mapped, iterated):
        refused(fn, "is an iterator, and consumed already")
    refused(in_a_loop, "this loop")

    def in_a_tuple(x):
        pair = zip(x, x), 2.0
        s = 0.0
        for a, b in pair[0]:
            s = s + a * b
        for a, b in pair[0]:
            s = s + a * b
        return s
    refused(in_a_tuple, "is an iterator, and consumed already")


def test_refusals():
    def sends(x):
        def g():
            got = yield x[0]
            yield got
        return sum(g())

    def by_hand(x):
        g = powers(x[0], 3)
        return next(g) * next(g)

    def returned(x):
        return powers(x[0], 3)

    @contextlib.contextmanager
    def in_loop():
        for _ in range(1):
            yield

    def manager_in_loop(x):
        with in_loop():
            return np.sum(x)
    refused(sends, "uses what is sent to it")
    refused(by_hand, "next")
    refused(returned, "generator")
    refused(manager_in_loop, "has to yield once")


def test_the_line_of_a_refusal_is_that_of_the_generator():
    def bad(x):
        for v in x:
            yield np.unwrap(v)

    def f(x):
        s = 0.0
        for v in bad(x):
            s = s + v
        return s
    assert "yield np.unwrap(v)" in str(refused(f, "unwrap"))
