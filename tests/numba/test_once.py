"""Sums at a loop's own index become stores, where there is one in an iteration; else they stay sums."""

import operator

import numpy as np
import pytest

from ad_compiler import grad, runtime
from ad_compiler.ir import Const, Loop, Value, show
from ad_compiler.kinds import BOOL, INT, Num, Sym
from ad_compiler.loops.once import store_once
from tests.fd import check_against_differences, directions, slope
from tests.optimise.build import Code


def each(x):
    s = 0.0
    for i in range(len(x)):
        s = s + np.sin(s * x[i])
    return s + x[0]


def one_arm(x):
    s = 0.3
    for i in range(len(x)):
        if s > 0.2:
            s = s * x[i]
        else:
            s = s + 0.5
    return s


def both_arms(x):
    s = 0.3
    for i in range(len(x)):
        if s > 0.2:
            s = s * x[i]
        elif s > 0.1:
            s = s + x[i] * x[i]
        else:
            s = s + 0.5 * x[i]
    return s


def then_again(x):
    s = 0.3
    for i in range(len(x)):
        if s > 0.2:
            s = s * x[i]
        s = s + np.cos(x[i] * s)
    return s


def second_index(x):
    s = 0.1
    for i in range(len(x) - 1):
        s = s * x[i] + np.sin(x[i + 1] * s)
    return s


def from_the_end(x):
    s = 0.1
    for i in range(-2, len(x)):
        s = s * x[i] + 0.1
    return s


def every_other(x):
    s = 0.1
    for i in range(0, len(x), 2):
        s = s * x[i] + 0.1
    return s


def not_the_first(x):
    s = 0.1
    for i in range(1, len(x)):
        s = s * x[i] + 0.1
    return s


def left_early(x):
    s = 0.1
    for i in range(len(x)):
        s = s * x[i] + 0.4
        if s > 0.6:
            break
    return s


def passed_over(x):
    s = 0.1
    for i in range(len(x)):
        if x[i] < 0.0:
            continue
        s = s * x[i] + 0.4
    return s


def inner_loop(x):
    s = 0.1
    for i in range(len(x)):
        for k in range(3):
            s = s * x[i] + 0.1 * k
    return s


def outer_loop(x):
    s = 0.1
    for k in range(2):
        for i in range(len(x)):
            s = s * x[i] + 0.1 * k
    return s


def twice_over(x):
    s = 0.1
    for i in range(len(x)):
        s = s * x[i] + 0.1
    for i in range(len(x)):
        s = s * x[i] + 0.2
    return s


def other_places(x):
    s = 0.1
    for i in range(len(x)):
        j = i * i % len(x)
        s = s * x[j] + 0.1
    return s


def fewer(x, n):
    s = 0.1
    for i in range(n):
        s = s * x[i] + 0.1
    return s


def apart(x):
    return np.sum(np.sin(x[:2])) + np.sum(np.cos(x[3:]))


def rows(a):
    h = np.ones(a.shape[1])
    for i in range(len(a)):
        h = np.tanh(h * a[i])
    return np.sum(h)


def stretched(a):
    s = 0.1
    for i in range(len(a)):
        s = s * np.sum(a[i]) + 0.1
    return s


LONG = (np.array([0.7, 1.4, -0.6, 0.3, 1.1]),)
CASES = [(f, LONG) for f in (each, one_arm, both_arms, then_again, second_index, from_the_end, every_other,
                             not_the_first, left_early, passed_over, inner_loop, outer_loop, twice_over, other_places,
                             apart)]
CASES += [(fewer, (*LONG, 3)), (fewer, (*LONG, 5)), (fewer, (*LONG, 0))]
CASES += [(f, (np.cos(np.arange(12.0)).reshape(4, 3),)) for f in (rows, stretched)]


@pytest.mark.parametrize(("f", "args"), CASES)
def test_right(f, args):
    gradient = grad(f, backend="numba")
    for at in (args, (args[0][:1], *[min(a, 1) for a in args[1:]]), (args[0][:2], *[min(a, 2) for a in args[1:]])):
        if f is from_the_end and len(at[0]) < 2:
            continue
        check_against_differences(f, at)
        wanted = [slope(f, at, {}, (0,), direction, 1e-4) for direction in directions([at[0]])]
        np.testing.assert_allclose(gradient(*at).ravel(), wanted, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("f", "zeros"), [(each, True), (both_arms, False), (one_arm, True), (every_other, True),
                                          (inner_loop, True), (from_the_end, True), (left_early, True), (apart, True),
                                          (rows, False)])
def test_zeros_where_something_is_left(f, zeros):
    gradient = grad(f, backend="numba")
    source = gradient.source_for(*next(args for g, args in CASES if g is f))
    assert ("zeros" in source) is zeros, source


ROW = Num("float64", (Sym("x.0", True),))


@pytest.mark.parametrize(("hand_on", "leaves", "filled"), [
    (lambda body, before, after, other: [after, other], False, True),
    (lambda body, before, after, other: [after, other], True, False),
    (lambda body, before, after, other: [after, before], False, False),
    (lambda body, before, after, other: [after, after], False, False),
    (lambda body, before, after, other: [after, body(operator.mul, before, Const(2.0))], False, False),
], ids=["alone", "left", "before_the_sum", "twice", "read_later"])
def test_zeros_where_another_sees_them(hand_on, leaves, filled):
    """A loop that fills an array, and carries another, into which the array may be handed on half filled."""
    x, c, x_bar, y_bar, i = (Value(*v) for v in [("x", ROW), ("c", BOOL), ("x_bar", ROW), ("y_bar", ROW), ("i", INT)])
    code, body = Code(x, c), Code()
    count, zeros = code(len, x, kind=Num("int64", (), "py", ROW.shape[0])), code(np.zeros_like, x)
    after = body(runtime.index_add, x_bar, i, Const(2.0), kind=ROW)
    body.block.params, body.block.results = [x_bar, y_bar], hand_on(body, x_bar, after, y_bar)
    loop = Loop([zeros, x], body.block, [Value("x_bar", ROW), Value("y_bar", ROW)], i, stop=count,
                leave=c if leaves else None, reverse=True)
    code.block.ops.append(loop)
    text = show(store_once(code.func(*loop.results)))
    assert ("zeros" not in text) is filled, text
    assert ("empty" in text) is filled, text
