"""Branches, returns, what an arm leaves unbound, and what is overwritten."""

import numpy as np
import pytest

from ad_compiler import runtime
from ad_compiler.errors import InvalidIR
from ad_compiler.ir import UNDEFINED, Op
from tests.emit.build import (
    BOOL,
    FLOAT,
    INT,
    ROW,
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Obj,
    Seq,
    Value,
    emit,
    line,
    lines,
    operator,
)


def carried(name="s", kind=FLOAT):
    return Value(name, kind), Value(name, kind)


def branch(cond, then, orelse, hint="y", **more):
    result = Value(hint, FLOAT)
    return Branch(cond, then, orelse, [result], **more), result


def test_arms_and_elif():
    x, b = Value("x", FLOAT), Block()
    first, second = Block(), Block()
    low, mid, high = Block(), Block(), Block()
    low.results = [low.emit(operator.neg, x, kind=FLOAT, hint="y")]
    mid.results = [Const(0.0)]
    high.results = [high.emit(operator.mul, x, x, kind=FLOAT, hint="y")]
    below = b.emit(operator.lt, x, Const(0.0), kind=BOOL)
    second.results = []
    above = second.emit(operator.lt, x, Const(1.0), kind=BOOL)
    stmt, y_in = branch(above, mid, high)
    second.ops.append(stmt)
    second.results = [y_in]
    stmt, y = branch(below, low, second)
    b.ops.append(stmt)
    b.results = [b.emit(operator.add, y, Const(1), kind=FLOAT)]
    emitted = emit(Func("f", [x], b))
    assert emitted.text == lines("""
        def f(x):
            if x < 0.0:
                y = -x
            elif x < 1.0:
                y = 0.0
            else:
                y = x * x
            return y + 1
    """)
    assert [emitted.function(v) for v in (-2.0, 0.5, 3.0)] == [3.0, 1.0, 10.0]
    assert first.ops == []


def test_an_arm_that_does_nothing():
    x, b = Value("x", FLOAT), Block()
    y = b.emit(operator.mul, x, x, kind=FLOAT, hint="y")
    test = b.emit(operator.eq, x, Const(1.0), kind=BOOL)
    then, orelse = Block([], [], [y]), Block()
    orelse.results = [orelse.emit(operator.add, y, x, kind=FLOAT, hint="y")]
    stmt, out = branch(test, then, orelse)
    b.ops.append(stmt)
    b.results = [out]
    emitted = emit(Func("f", [x], b))
    assert emitted.text == lines("""
        def f(x):
            y = x * x
            if x != 1.0:
                y = y + x
            return y
    """)


def test_the_opposite_of_less_is_not_more():
    x, b = Value("x", FLOAT), Block()
    test = b.emit(operator.lt, x, Const(1.0), kind=BOOL)
    orelse = Block()
    orelse.results = [orelse.emit(operator.neg, x, kind=FLOAT, hint="x")]
    stmt, out = branch(test, Block([], [], [x]), orelse, hint="x")
    b.ops.append(stmt)
    b.results = [out]
    emitted = emit(Func("f", [x], b))
    assert "if not x < 1.0:" in emitted.text
    assert np.isnan(emitted.function(np.nan))


def test_ternary_and_or():
    x, y, b = Value("x", FLOAT), Value("y", FLOAT), Block()
    arm = Block()
    arm.results = [arm.emit(operator.neg, x, kind=FLOAT)]
    stmt, z = branch(b.emit(operator.gt, x, Const(0.0), kind=BOOL), Block([], [], [x]), arm, "z")
    b.ops.append(stmt)
    low = b.emit(operator.lt, x, y, kind=BOOL)
    second = Block()
    second.results = [second.emit(operator.lt, y, Const(3.0), kind=BOOL)]
    both = Value("both", BOOL)
    b.ops.append(Branch(low, second, Block([], [], [low]), [both]))
    either = Value("either", FLOAT)
    b.ops.append(Branch(x, Block([], [], [x]), Block([], [], [y]), [either]))
    b.results = [(z, both, either)]
    emitted = emit(Func("f", [x, y], b))
    assert emitted.text == lines("""
        def f(x, y):
            z = x if x > 0.0 else -x
            both = x < y and y < 3.0
            either = x or y
            return z, both, either
    """)
    assert emitted.function(-1.0, 2.0) == (1.0, True, -1.0)


def test_early_returns():
    x, b = Value("x", FLOAT), Block()
    test = b.emit(operator.gt, x, Const(0.0), kind=BOOL)
    then, orelse = Block(), Block()
    then.results = [then.emit(operator.mul, x, x, kind=FLOAT)]
    y = orelse.emit(operator.neg, x, kind=FLOAT, hint="y")
    orelse.results = [orelse.emit(operator.add, y, Const(1), kind=FLOAT)]
    stmt, value = branch(test, then, orelse, "value")
    b.ops.append(stmt)
    b.results = [value]
    emitted = emit(Func("f", [x], b))
    assert emitted.text == lines("""
        def f(x):
            if x > 0.0:
                return x * x
            y = -x
            return y + 1
    """)


def undefined_arm(cond_again):
    """A value of one arm that the same arm of the reverse sweep reads, in a loop, through a trail."""
    x, n = Value("x", FLOAT), Value("n", INT)
    (s, s_out), i = carried(), Value("i", INT)
    body, b, trail = Block([s]), Block(), Value("h_trail", Seq(FLOAT))
    test = body.emit(operator.gt, i, Const(1), kind=BOOL)
    then = Block()
    h = then.emit(np.tanh, s, kind=FLOAT, hint="h")
    then.results = [then.emit(operator.mul, h, h, kind=FLOAT, hint="s"), h]
    new, kept = Value("s", FLOAT), Value("h", FLOAT)
    body.ops.append(Branch(test, then, Block([], [], [s, UNDEFINED]), [new, kept]))
    body.results = [new]
    loop = Loop([x], body, [s_out], i, Const(0), n, trails=[(kept, trail)])
    b.ops.append(loop)
    b.results = [(s_out, trail)]
    if cond_again:
        flag = body.emit(operator.gt, new, Const(9.0), kind=BOOL)
        loop.leave = flag
    return Func("f", [x, n], b)


def test_a_trail_of_what_one_arm_has():
    emitted = emit(undefined_arm(False))
    assert emitted.text == lines("""
        def f(x, n):
            s = x
            h_trail = [None] * n
            for i in range(n):
                if i > 1:
                    h = np.tanh(s)
                    h_trail[i] = h
                    s = h * h
            return s, h_trail
    """)
    assert emitted.function(0.5, 3) == (np.tanh(0.5) ** 2, [None, None, np.tanh(0.5)])
    appended = emit(undefined_arm(True))
    assert "h_trail.append(None)" in appended.text
    assert appended.function(0.5, 3) == emitted.function(0.5, 3)


def test_a_name_that_may_be_unbound_and_is_handed_on():
    """Nothing reads it where it is unbound, but the text would: it is None there."""
    n = Value("n", INT)
    p, p_out = carried("prev")
    i, trail = Value("i", INT), Value("prev_trail", Seq(FLOAT))
    body = Block([p])
    body.results = [body.emit(operator.mul, i, Const(2.0), kind=FLOAT, hint="prev")]
    b = Block([], [Loop([UNDEFINED], body, [p_out], i, stop=n, trails=[(p, trail)])], [trail])
    assert emit(Func("f", [n], b)).function(3) == [None, 0.0, 2.0]


def test_an_unbound_name_raises_as_python_does():
    x, b = Value("x", FLOAT), Block()
    test = b.emit(operator.gt, x, Const(0.0), kind=BOOL)
    earlier = b.emit(operator.mul, x, x, kind=FLOAT, hint="y")
    b.emit(print, earlier, kind=Obj(), effect=True)
    then = Block()
    then.results = [then.emit(operator.neg, x, kind=FLOAT, hint="y")]
    stmt, y = branch(test, then, Block([], [], [UNDEFINED]))
    b.ops.append(stmt)
    b.results = [y]
    function = emit(Func("f", [x], b)).function
    assert function(1.0) == -1.0
    with pytest.raises(UnboundLocalError):
        function(-1.0)


def test_a_condition_of_both_sweeps():
    x, b = Value("x", FLOAT), Block()
    test = b.emit(operator.gt, x, Const(0.0), kind=BOOL)
    then = Block()
    then.results = [then.emit(operator.mul, x, x, kind=FLOAT, hint="y")]
    other = Block()
    other.results = [other.emit(np.exp, x, kind=FLOAT, hint="y")]
    stmt, y = branch(test, then, other)
    b.ops.append(stmt)
    y_bar = b.emit(operator.mul, Const(2.0), y, kind=FLOAT, hint="y_bar", reverse=True, origin=line(6, "y * y"))
    one, two = Block(), Block()
    one.results = [one.emit(operator.mul, y_bar, x, kind=FLOAT, hint="x_bar", reverse=True, origin=line(3, "x * x"))]
    two.results = [two.emit(operator.mul, y_bar, y, kind=FLOAT, hint="x_bar", reverse=True, origin=line(5, "exp"))]
    stmt, x_bar = branch(test, one, two, "x_bar", reverse=True)
    b.ops.append(stmt)
    b.results = [x_bar]
    assert emit(Func("f_grad", [x], b)).text == lines("""
        def f_grad(x):
            if x > 0.0:
                y = x * x
            else:
                y = np.exp(x)
            # -- reverse sweep --
            y_bar = 2.0 * y                         # line 6: y * y
            if x > 0.0:
                x_bar = y_bar * x                   # line 3: x * x
            else:
                x_bar = y_bar * y                   # line 5: exp
            return x_bar
    """)


def test_raise_and_assert():
    x, b = Value("x", FLOAT), Block()
    b.ops.append(Op(runtime.assert_, (b.emit(operator.gt, x, Const(0.0), kind=BOOL), Const("positive")), effect=True))
    test = b.emit(operator.gt, x, Const(9.0), kind=BOOL)
    then = Block()
    error = then.emit(ValueError, Const("too large"), kind=Obj(), effect=True)
    then.ops.append(Op(runtime.raise_, (error,), effect=True))
    b.ops.append(Branch(test, then, Block()))
    b.results = [x]
    emitted = emit(Func("f", [x], b))
    assert emitted.text == lines("""
        def f(x):
            assert x > 0.0, "positive"
            if x > 9.0:
                raise ValueError("too large")
            return x
    """)
    with pytest.raises(ValueError, match="too large"):
        emitted.function(10.0)


def test_an_array_overwritten_and_read_afterwards():
    a, b = Value("a", ROW), Block()
    c = b.emit(runtime.index_set, a, Const(0), Const(1.0), kind=ROW, hint="a", inplace=True)
    b.results = [(a, c)]
    with pytest.raises(InvalidIR, match="read afterwards"):
        emit(Func("f", [a], b))


def test_a_number_added_to_and_read_afterwards():
    x, b = Value("x", FLOAT), Block()
    y = b.emit(operator.add, x, Const(1.0), kind=FLOAT, hint="x", inplace=True)
    b.results = [(x, y)]
    assert emit(Func("f", [x], b)).function(1.0) == (1.0, 2.0)
