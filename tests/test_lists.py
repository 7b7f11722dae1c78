"""Lists that grow, shrink and change in loops."""

import copy
import functools

import numpy as np
import pytest

from ad_compiler import CannotDifferentiate, grad
from tests.fd import check_against_differences
from tests.stores.base import registry, vector, weigh

CASES, case = registry()


@case(vector)
def appended_and_stacked(x):
    h, hs = x[0] * 0.0, []
    for t in range(len(x)):
        h = np.tanh(h + x[t])
        hs.append(h)
    return weigh(np.array(hs)) + sum(h * h for h in hs)


@case(vector)
def turned_round(x):
    rows = []
    for i in range(len(x)):
        rows.append(x * x[i])
    rows.reverse()
    total = 0.0
    for k, row in enumerate(rows):
        total = total + weigh(np.sin(row)) * (k + 1)
    rows.append(x)
    return total * rows[0][1] + weigh(rows[-1])


@case(vector)
def list_beside_an_array(x):
    total = 0.0
    for a, b in zip([x[0], x[1] * 2.0, x[2]], x[1:]):
        total = total * a + b
    return total


@case(vector)
def joined_to_an_array(x):
    y = np.append(x, x[0] * x[1])
    z = np.append(np.outer(x, x), [y[:len(x)]], axis=0)
    return weigh(y * y) * weigh(np.sin(z))


@case(vector)
def each_from_the_last(x):
    hs = [x]
    for _ in range(4):
        hs.append(np.sin(hs[-1]) * x)
    return weigh(np.stack(hs)) + weigh(hs[1])


@case(vector)
def appended_in_an_arm(x):
    hs = []
    for v in x:
        if v > 1.0:
            hs.append(v ** 2)
        else:
            hs.append(v)
            hs.append(0.5 * v)
    total = 0.0
    for h in hs:
        total += h * h
    return total * len(hs)


@case(vector)
def stack_machine(x):
    stack = [x[0]]
    for i in range(1, len(x)):
        stack.append(x[i] * stack[-1])
        if x[i] > 1.0:
            a = stack.pop()
            b = stack.pop()
            stack.append(a * b)
    total = 0.0
    while len(stack) > 0:
        total += stack.pop() ** 2
    return total


@case(vector)
def items_exchanged(x):
    hs = []
    for v in x:
        hs.append(v * x)
    hs[0] = hs[1] * x
    for i in range(len(x)):
        hs[i] = hs[i] * 2.0
    return sum(h.sum() for h in hs) + weigh(np.array(hs))


@case(vector)
def items_of_a_known_list(x):
    hs = [x[0], x[1] * x[2]]
    hs.append(x[3])
    hs.insert(1, x[4] ** 2)
    hs[0] *= hs[2]
    hs += [x[5], hs[1]]
    hs.extend((x[0], 2.0))
    last = hs.pop()
    first = hs.pop(0)
    hs.reverse()
    del hs[1]
    named = {"a": x[0], "b": x[1]}
    del named["b"]
    named.update(c=x[2] * x[3])
    return sum(h * h for h in hs) * first + last * hs[-1] + len(hs[1:3]) + sum(named.values())


@case(vector)
def rebound_in_a_loop(x):
    hs = []
    for v in x:
        hs = hs + [v * v]       # noqa: RUF005
    return hs[0] * hs[2] + len(hs)


@case(vector)
def changed_in_a_function(x):
    def remember(store, v):
        store.append(v)
        return len(store)
    store = [x[0]]
    count = remember(store, x[1] * x[2])
    for v in x:
        remember(store, v * store[-1])
    return store[-1] * count + store[1]


@case(vector)
def loop_that_runs_zero_times(x):
    hs = [x[0]]
    for i in range(len(x) - 6):
        hs.append(x[i])
    return hs[0] * len(hs)


@case(vector)
def two_names_of_a_list(x):
    a = [x[0], x[1]]
    b = a
    b.append(x[2])
    a[0] = x[3] * b[1]
    c = list(a)
    c[1] = 5.0
    return sum(v * v for v in b) + c[0] + a[1]


@case(vector)
def list_of_arrays_changed_in_place(x):
    buffers = [x.copy(), x * 2.0]
    for _ in range(3):
        buffers[0][1:] += 0.1 * buffers[1][:-1] ** 2
        buffers[0], buffers[1] = buffers[1], buffers[0]
    return weigh(buffers[0]) + buffers[1].sum()


@case(vector)
def item_held_while_the_list_grows(x):
    hs, total = [x], 0.0
    for _ in range(3):
        h = hs[-1]
        hs.append(h * x)
        total += np.sum(h) * hs[-1][0]
    return total


@case(vector)
def list_indexed_by_a_loop_over_an_array(x):
    weights, arrays = [2.0, 3.0, 0.5], (x * 1.0, x * 2.0, x * x)
    total = 0.0
    for i in range(len(x[:3])):
        total += x[i] * weights[i] * np.sum(arrays[i])
    return total


@pytest.mark.parametrize(("func", "make"), CASES, ids=[c.func.__name__ for c in CASES])
def test_lists(func, make):
    check_against_differences(func, make())


@pytest.mark.parametrize(("func", "make"), CASES, ids=[c.func.__name__ for c in CASES])
def test_second_order(func, make):
    def slope(x):
        return np.sum(grad(func)(x) * np.arange(1.0, 7.0))
    check_against_differences(slope, make())


def appended_then_changed(x):
    hs, h = [], x * 1.0
    for _ in range(3):
        hs.append(h)
        h += 1.0        # NumPy: every item is h
    return sum(np.sum(q * q) for q in hs)


def changed_through_the_list(x):
    a, hs = x * 1.0, []
    for _ in range(2):
        hs.append(a)
    hs[0][0] = 5.0
    return np.sum(a)


@pytest.mark.parametrize("f", [appended_then_changed, changed_through_the_list])
def test_an_item_that_is_written_under_another_name(f):
    with pytest.raises(CannotDifferentiate, match="memory"):
        grad(f)(vector())


def test_the_callers_list_stays_as_it_was():
    def f(layers, x):
        layers.append(x)
        layers[0] *= 2.0
        return sum(np.sum(a * a) for a in layers)
    layers, x = [vector(), vector(3)], vector()
    before = copy.deepcopy(layers)
    grads = grad(f)(layers, x)
    assert len(layers) == len(grads) == 2
    assert all(np.array_equal(a, b) for a, b in zip(layers, before, strict=True))
    assert np.allclose(grads[0], 8.0 * layers[0])


ROUND = [0.1, 0.2]


def grows_as_it_is_gone_through(x):
    while x > 2.0:
        for one in ROUND:
            ROUND.append(one * 0.5)
    return x * 2.0


def adds_up_what_grows(x):
    while x > 2.0:
        for _ in ROUND:
            ROUND.extend([sum(ROUND), sum(one * 0.5 for one in ROUND)])
    return x * 2.0


def grows_in_a_comprehension(x):
    while x > 2.0:
        x = sum([ROUND.append(one) or one for one in ROUND])
    return x * 2.0


def doubled(f):
    return lambda x: f(x) + f(x)


def calls_twice(x):
    return EVER_DEEPER(x)


EVER_DEEPER = functools.reduce(lambda f, _: doubled(f), range(14), np.sin)


def loops_over_lists(x):
    for a in [0.1] * 100:
        for b in [0.2] * 100:
            for c in [0.3] * 100:
                x = x + a * b * c
    return x


@pytest.mark.parametrize("f", [grows_as_it_is_gone_through, adds_up_what_grows, grows_in_a_comprehension, calls_twice,
                               loops_over_lists], ids=lambda f: f.__name__)
def test_reading_comes_to_an_end(f, monkeypatch):
    monkeypatch.setattr("ad_compiler.read.statements.simple.MOST_STEPS", 3000)
    with pytest.raises(CannotDifferentiate, match="steps to be read: loops over lists, and calls, are written out"):
        grad(f, check="off")(0.5)
