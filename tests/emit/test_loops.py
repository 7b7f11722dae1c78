"""Loops, trails and breaks: the text, and that it does what it says."""

import numpy as np
import pytest

from tests.emit.build import (
    BOOL,
    FLOAT,
    INT,
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Seq,
    Value,
    emit,
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
