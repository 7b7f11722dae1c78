"""Loops, branches, trails, breaks and returns: the text, and that it does what it says."""

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


def test_a_trail_of_known_length():
    x, n = Value("x", FLOAT), Value("n", INT)
    (y, out), i, trail = carried("y"), Value("i", INT), Value("y_trail", Seq(FLOAT))
    body = Block([y])
    body.results = [body.emit(np.sin, y, kind=FLOAT, hint="y")]
    b = Block()
    b.ops.append(Loop([x], body, [out], i, stop=n, trails=[(y, trail)]))
    (bar, bar_out), j = carried("y_bar"), Value("i", INT)
    back = Block([bar])
    entry = back.emit(operator.getitem, trail, j, kind=FLOAT, hint="y", reverse=True)
    cos = back.emit(np.cos, entry, kind=FLOAT, reverse=True)
    back.results = [back.emit(operator.mul, bar, cos, kind=FLOAT, hint="y_bar", reverse=True)]
    b.ops.append(Loop([Const(1.0)], back, [bar_out], j, stop=n, reverse=True, backward=True))
    b.results = [bar_out]
    emitted = emit(Func("f", [x, n], b))
    assert emitted.text == lines("""
        def f(x, n):
            y = x
            y_trail = [None] * n
            for i in range(n):
                y_trail[i] = y
                y = np.sin(y)
            # -- reverse sweep --
            y_bar = 1.0
            for i in range(n - 1, -1, -1):
                y_bar = y_bar * np.cos(y_trail[i])
            return y_bar
    """)
    assert emitted.function(0.5, 2) == pytest.approx(np.cos(0.5) * np.cos(np.sin(0.5)))
    assert emitted.function(0.5, np.int64(2)) == emitted.function(0.5, 2)
    assert emitted.function(0.5, -1) == 1.0


@pytest.mark.parametrize(("start", "stop", "step", "backward", "header", "entries"), [
    (0, 5, 1, False, "range(5)", [0, 1, 2, 3, 4]),
    (0, 5, 1, True, "range(4, -1, -1)", [0, 1, 2, 3, 4]),
    (2, 5, 1, False, "range(2, 5)", [2, 3, 4]),
    (2, 5, 1, True, "range(4, 1, -1)", [2, 3, 4]),
    (1, 8, 3, False, "range(1, 8, 3)", [1, 4, 7]),
    (1, 8, 3, True, "reversed(range(1, 8, 3))", [1, 4, 7]),
    (5, 0, -2, False, "range(5, 0, -2)", [5, 3, 1]),
    (5, 0, -2, True, "reversed(range(5, 0, -2))", [5, 3, 1]),
])
def test_ranges_and_their_trails(start, stop, step, backward, header, entries):
    i, trail, b = Value("i", INT), Value("i_trail", Seq(INT)), Block()
    b.ops.append(Loop([], Block(), [], i, Const(start), Const(stop), Const(step), trails=[(i, trail)], backward=backward))
    b.results = [trail]
    emitted = emit(Func("f", [], b))
    assert f"for i in {header}:" in emitted.text
    assert emitted.function() == entries


def test_bounds_are_added_up():
    n, i, b = Value("n", INT), Value("i", INT), Block()
    stop = b.emit(operator.sub, n, Const(1), kind=INT)
    s, out = carried()
    body = Block([s])
    body.results = [body.emit(operator.add, s, i, kind=FLOAT, hint="s")]
    b.ops.append(Loop([Const(0)], body, [out], i, Const(1), stop, backward=True))
    b.results = [out]
    assert "range(n - 2, 0, -1)" in emit(Func("f", [n], b)).text


def test_values_that_change_places():
    a, c, n = Value("a", FLOAT), Value("b", FLOAT), Value("n", INT)
    (p, p_out), (q, q_out) = carried("a"), carried("b")
    body = Block([p, q], [], [q, p])
    b = Block([], [Loop([a, c], body, [p_out, q_out], Value("i", INT), stop=n)], [(p_out, q_out)])
    emitted = emit(Func("swap", [a, c, n], b))
    assert emitted.text == lines("""
        def swap(a, b, n):
            for i in range(n):
                a, b = b, a
            return a, b
    """)
    assert emitted.function(1.0, 2.0, 3) == (2.0, 1.0)


def test_fibonacci():
    n = Value("n", INT)
    (p, p_out), (q, q_out) = carried("a", INT), carried("b", INT)
    body = Block([p, q])
    total = body.emit(operator.add, p, q, kind=INT, hint="b")
    body.results = [q, total]
    b = Block([], [Loop([Const(0), Const(1)], body, [p_out, q_out], Value("_", INT), stop=n)], [p_out])
    emitted = emit(Func("fibonacci", [n], b))
    assert emitted.text == lines("""
        def fibonacci(n):
            a = 0
            b = 1
            for _ in range(n):
                a, b = b, a + b
            return a
    """)
    assert emitted.function(10) == 55


def newton(first):
    """`while`, with a `break` in it before or after the rest."""
    x, tol = Value("x", FLOAT), Value("tol", FLOAT)
    y, out = carried("y")
    cond = Block()
    cond.results = [cond.emit(operator.gt, y, Const(0.0), kind=BOOL)]
    body = Block([y])
    d = body.emit(operator.sub, y, x, kind=FLOAT, hint="d")
    test = body.emit(operator.lt, d, tol, kind=BOOL)
    stay, go = Block(), Block()
    new = go.emit(operator.mul, y, Const(0.5), kind=FLOAT, hint="y")
    stay.results, go.results = [Const(True), y], [Const(False), new]
    flag, after = Value("~left", BOOL), Value("y", FLOAT)
    arms = (stay, go) if first else (go, stay)
    body.ops.append(Branch(test, *arms, [flag, after]))
    body.results = [after]
    trips = Value("trips_L2", INT)
    b = Block([], [Loop([x], body, [out], cond=cond, leave=flag, trips=trips)], [(out, trips)])
    return Func("newton", [x, tol], b)


def test_a_while_with_a_break():
    emitted = emit(newton(first=True))
    assert emitted.text == lines("""
        def newton(x, tol):
            y = x
            trips_L2 = 0
            while y > 0.0:
                trips_L2 += 1
                d = y - x
                if d < tol:
                    break
                y = y * 0.5
            return y, trips_L2
    """)
    assert emitted.function(4.0, -3.0) == (0.5, 4)


def test_a_break_in_the_other_arm():
    emitted = emit(newton(first=False))
    assert emitted.text == lines("""
        def newton(x, tol):
            y = x
            trips_L2 = 0
            while y > 0.0:
                trips_L2 += 1
                d = y - x
                if not d < tol:
                    break
                y = y * 0.5
            return y, trips_L2
    """)
    assert emitted.function(4.0, -1.0) == (4.0, 1)
    assert emitted.function(4.0, 1.0) == (0.0, 1077)


def test_a_test_that_takes_statements():
    x = Value("x", FLOAT)
    y, out = carried("y")
    cond, body, b = Block(), Block([y]), Block()
    gap = cond.emit(operator.sub, y, Const(1.0), kind=FLOAT, hint="gap")
    cond.results = [cond.emit(operator.gt, gap, Const(0.0), kind=BOOL)]
    body.results = [body.emit(operator.mul, y, Const(0.5), kind=FLOAT, hint="y")]
    b.ops.append(Loop([x], body, [out], cond=cond))
    b.results = [out]
    emitted = emit(Func("f", [x], b))
    assert emitted.text == lines("""
        def f(x):
            y = x
            while True:
                gap = y - 1.0
                if not gap > 0.0:
                    break
                y = y * 0.5
            return y
    """)
    assert emitted.function(5.0) == 0.625


def test_a_flag_that_is_no_branch():
    n = Value("n", INT)
    (s, out), i = carried(), Value("i", INT)
    body = Block([s])
    new = body.emit(operator.add, s, i, kind=FLOAT, hint="s")
    flag = body.emit(operator.gt, new, Const(5.0), kind=BOOL)
    body.results = [new]
    b = Block([], [Loop([Const(0.0)], body, [out], i, stop=n, leave=flag)], [out])
    emitted = emit(Func("f", [n], b))
    assert emitted.text == lines("""
        def f(n):
            s = 0.0
            for i in range(n):
                s = s + i
                if s > 5.0:
                    break
            return s
    """)
    assert emitted.function(100) == 6.0


def test_a_flag_of_what_the_iteration_began_with():
    """The test comes after what is handed on, so it is asked before."""
    n = Value("n", INT)
    (s, out), i = carried(), Value("i", INT)
    body = Block([s])
    new = body.emit(operator.add, s, Const(1.0), kind=FLOAT, hint="s")
    flag = body.emit(operator.gt, s, Const(1.5), kind=BOOL)
    body.results = [new]
    b = Block([], [Loop([Const(0.0)], body, [out], i, stop=n, leave=flag)], [out])
    assert emit(Func("f", [n], b)).function(100) == 3.0


def test_nested_loops_have_two_indices():
    n = Value("n", INT)
    (s, s_out), (t, t_out) = carried(), carried()
    i, j = Value("i", INT), Value("i", INT)
    inner, outer = Block([t]), Block([s])
    inner.results = [inner.emit(operator.add, t, j, kind=FLOAT, hint="s")]
    outer.ops.append(Loop([s], inner, [t_out], j, stop=n))
    outer.results = [t_out]
    b = Block([], [Loop([Const(0)], outer, [s_out], i, stop=n)], [s_out])
    assert emit(Func("f", [n], b)).text == lines("""
        def f(n):
            s = 0
            for i in range(n):
                for i_2 in range(n):
                    s = s + i_2
            return s
    """)


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
