"""`nonlocal`: variables that several functions bind; gradients against finite differences."""

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad
from ad_compiler.testing import check_grads
from tests.fd import check_of_an_array

X = np.array([0.4, 1.1, 2.3, -0.7])


def counter(x):
    calls, total = 0, 0.0

    def add(v):
        nonlocal calls, total
        calls += 1
        total = total + v * v * calls
    for i in range(len(x)):
        add(x[i])
    add(x[0])
    return total * calls


def in_arms(x):
    best, at = x[0], 0

    def look(i):
        nonlocal best, at
        if x[i] > best:
            best, at = x[i], i
    for i in range(1, len(x)):
        look(i)
    if at > 1:
        look(0)
    return best * best + at


def zero_trips(x):
    state = x[0] * 2

    def step():
        nonlocal state
        state = np.sin(state)
    for _ in range(0):
        step()
    return state * state


def array_rebound_and_written(x):
    u = x * 1.0
    v = u

    def step(by):
        nonlocal u
        u = u * by
        u[0] += 1.0

    def write():
        u[1:] *= u[:-1]
    step(2.0)
    write()
    v[0] = 7.0
    write()
    return np.sum(u * u) + np.sum(v)


def augmented_in_place(x):
    u = x * 1.0
    alias = u

    def double():
        nonlocal u
        u *= 2.0
    for _ in range(3):
        double()
    return np.sum(u * alias)


def swapped(x):
    u, v = x * 1.0, x * 2.0

    def swap():
        nonlocal u, v
        v[1:-1] = u[:-2] + u[2:] * 0.5
        u, v = v, u
    for _ in range(3):
        swap()
    return np.sum(u * u) + np.sum(v)


def two_levels(x):
    s = 0.0

    def outer(a):
        def inner(b):
            nonlocal s
            s = s * a + b
        inner(a * 2)
        inner(a)
    for v in x:
        outer(v)
    return s


def made_by_a_function(x):
    def accumulator():
        total = 0.0

        def add(v):
            nonlocal total
            total = total + v
            return total
        return add
    one, two = accumulator(), accumulator()
    s = 0.0
    for v in x:
        s = s + one(v) * two(v * v)
    return s


def a_parameter(x, k):
    def grow():
        nonlocal k
        k = k * k + 1.0
    for _ in range(2):
        grow()
    return np.sum(x * k)


def while_residual(x):
    y, steps = x[1], 0

    def newton():
        nonlocal y, steps
        y = 0.5 * (y + x[2] / y)
        steps += 1
    while steps < 6 and abs(y * y - x[2]) > 1e-12:
        newton()
    return y * y * y


def a_list(x):
    rows = []

    def keep(v):
        nonlocal rows
        rows = [*rows, v * v]
    for i in (2, 0, 1):
        keep(x[i])
    return rows[0] * rows[2] + rows[1]


def in_comprehension(x):
    scale = x[0]

    def twice():
        nonlocal scale
        scale = scale * 2
    twice()
    parts = [v * scale for v in x]
    twice()
    return sum(p * scale for p in parts)


CASES = [counter, in_arms, zero_trips, array_rebound_and_written, augmented_in_place, swapped, two_levels,
         made_by_a_function, while_residual, a_list, in_comprehension]


@pytest.mark.parametrize("fn", CASES, ids=lambda fn: fn.__name__)
def test_gradients(fn):
    check_of_an_array(fn, X)


def test_a_parameter():
    check_grads(a_parameter, (X, 0.3), order=2)


def test_text():
    g = grad(counter)
    g(X)
    assert ".cell" not in g.source and "total" in g.source


def test_outside_the_function():
    seen = 0

    def f(x):
        nonlocal seen
        seen += 1
        return np.sum(x * x)
    with pytest.raises(CannotDifferentiate, match="`seen` belongs to a function around this one"):
        grad(f)(X)
    assert seen == 0


def test_not_bound_yet():
    def f(x):
        def late():
            nonlocal y
            y = y * 2

        def bind():
            nonlocal y
            y = x
        if x[0] > 10:
            bind()
        late()
        y = 1.0
        return np.sum(y)
    with pytest.raises(CannotDifferentiate, match="`y`"):
        grad(f)(X)
