"""Names: the user's, shared where they may be, `_2` where they may not; never one that the text needs."""

import numpy as np
import pytest

from ad_compiler import runtime
from ad_compiler.emit.names import identifier
from ad_compiler.errors import CannotDifferentiate
from ad_compiler.ir import Op
from ad_compiler.kinds import Sym
from ad_compiler.read.calls.recursion import Callee
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
    Shape,
    Value,
    emit,
    lines,
    operator,
)


def test_one_name_for_values_that_do_not_meet():
    x, b = Value("x", FLOAT), Block()
    y = b.emit(np.sin, x, kind=FLOAT, hint="x")
    b.results = [b.emit(np.cos, y, kind=FLOAT, hint="x")]
    assert emit(Func("f", [x], b)).text == lines("""
        def f(x):
            x = np.sin(x)
            x = np.cos(x)
            return x
    """)


def test_a_number_for_values_that_do():
    x, b = Value("x", FLOAT), Block()
    y = b.emit(np.sin, x, kind=FLOAT, hint="x")
    z = b.emit(np.cos, y, kind=FLOAT, hint="x")
    b.results = [(x, y, z)]
    assert emit(Func("f", [x], b)).text == lines("""
        def f(x):
            x_2 = np.sin(x)
            x_3 = np.cos(x_2)
            return x, x_2, x_3
    """)


def test_letters_by_how_a_value_is_made():
    x, y, b = Value("x", ROW), Value("y", ROW), Block()
    made = [
        b.emit(operator.add, x, y, kind=ROW), b.emit(operator.mul, x, y, kind=ROW), b.emit(operator.truediv, x, y, kind=ROW),
        b.emit(operator.matmul, x, y, kind=FLOAT), b.emit(operator.pow, x, y, kind=ROW), b.emit(operator.lt, x, y, kind=ROW),
        b.emit(np.outer, x, y, kind=ROW), b.emit(operator.getitem, x, Const(0), kind=FLOAT),
    ]
    inner = b.emit(operator.sub, x, y, kind=ROW)
    made += [b.emit(np.tanh, inner, kind=ROW), inner]
    b.results = [[(v, v) for v in made]]
    text = emit(Func("f", [x, y], b)).text
    names = [row.strip().split(" = ")[0] for row in text.splitlines() if " = " in row]
    assert names == ["s", "p", "q", "m", "w", "c", "o", "e", "u", "t"]


def test_names_that_the_text_needs():
    """Parameters keep their names, whatever they are called; what the text needs steps aside."""
    np_, range_, x, b = Value("np", INT), Value("range", INT), Value("x", FLOAT), Block()
    s, out = Value("len", FLOAT), Value("len", FLOAT)
    body = Block([s])
    body.results = [body.emit(np.sin, s, kind=FLOAT, hint="len")]
    b.ops.append(Loop([x], body, [out], Value("abs", INT), stop=range_))
    b.results = [b.emit(abs, b.emit(operator.mul, out, np_, kind=FLOAT), kind=FLOAT)]
    emitted = emit(Func("f", [np_, range_, x], b))
    assert emitted.text == lines("""
        def f(np, range, x):
            len = x
            for abs_2 in range_2(range):
                len = np_2.sin(len)
            return abs(len * np)
    """)
    assert emitted.imports == ["import numpy as np_2"]
    assert emitted.function(2, 1, -0.5) == pytest.approx(2 * np.sin(0.5))


def test_globals_of_the_user():
    scale, x, b = Value("scale", FLOAT), Value("x", FLOAT), Block()
    y = b.emit(operator.mul, scale, x, kind=FLOAT, hint="scale")
    b.results = [b.emit(operator.add, y, scale, kind=FLOAT)]
    emitted = emit(Func("f", [x], b, refs={scale: lambda: 3.0}))
    assert emitted.text == lines("""
        def f(x):
            scale_2 = scale * x
            return scale_2 + scale
    """)
    assert emitted.ref_names == {scale: "scale"}
    emitted.namespace["scale"] = 3.0
    assert emitted.function(2.0) == 9.0
    emitted.namespace["scale"] = 1.0
    assert emitted.function(2.0) == 3.0


def helper(x):
    return x + 1.0


def test_functions_of_the_user_are_bound():
    x, b = Value("helper", FLOAT), Block()
    b.results = [b.emit(helper, x, kind=FLOAT, effect=True)]
    emitted = emit(Func("f", [x], b))
    assert "return helper_2(helper)" in emitted.text
    assert emitted.function(1.0) == 2.0


def test_effects_keep_their_order():
    calls, x, b = [], Value("x", FLOAT), Block()

    def note(value):
        calls.append(value)
        return value
    first = b.emit(note, Const(1.0), kind=FLOAT, effect=True)
    second = b.emit(note, Const(2.0), kind=FLOAT, effect=True)
    product = b.emit(operator.mul, x, x, kind=FLOAT)
    b.results = [(b.emit(operator.sub, second, first, kind=FLOAT), product)]
    emitted = emit(Func("f", [x], b))
    assert emitted.function(3.0) == (1.0, 9.0)
    assert calls == [1.0, 2.0]


def test_nothing_is_read_after_it_was_overwritten():
    a, b = Value("a", ROW), Block()
    first = b.emit(operator.getitem, a, Const(0), kind=FLOAT)
    twice = b.emit(operator.mul, a, Const(2.0), kind=ROW)
    new = b.emit(runtime.index_set, a, Const(0), Const(9.0), kind=ROW, hint="a", inplace=True)
    b.results = [(first, b.emit(np.sum, twice, kind=FLOAT), new)]
    got = emit(Func("f", [a], b)).function(np.array([1.0, 2.0]))
    assert got[:2] == (1.0, 6.0)
    np.testing.assert_array_equal(got[2], [9.0, 2.0])


def test_shapes_are_read_where_they_are_needed():
    x, b = Value("x", ROW), Block()
    shape = b.emit(getattr, x, Const("shape"), kind=Shape((Sym("n"),)))
    n = b.emit(operator.getitem, shape, Const(0), kind=INT)
    total = b.emit(np.sum, x, kind=FLOAT, hint="total")
    mean = b.emit(operator.truediv, total, n, kind=FLOAT, hint="mean")
    b.results = [b.emit(operator.mul, mean, n, kind=FLOAT)]
    assert emit(Func("f", [x], b)).text == lines("""
        def f(x):
            total = np.sum(x)
            mean = total / x.shape[0]
            return mean * x.shape[0]
    """)


def test_a_long_chain_is_cut():
    x, b = Value("x", FLOAT), Block()
    total = x
    for _ in range(400):
        total = b.emit(operator.add, total, x, kind=FLOAT)
    b.results = [total]
    emitted = emit(Func("f", [x], b))
    assert max(map(len, emitted.text.splitlines())) < 120
    assert emitted.function(1.0) == 401.0


def test_pairs_of_functions():
    x, b = Value("x", FLOAT), Block()
    forward, backward = Callee("g_fwd"), Callee("g_bwd")
    half, hb = Value("x", FLOAT), Block()
    hb.results = [(hb.emit(operator.mul, half, half, kind=FLOAT), (half,))]
    back, saved, bar = Block(), Value("saved", Obj()), Value("g_bar", FLOAT)
    again = Value("x", FLOAT)
    back.ops.append(Op(runtime.unpack, (saved,), {}, [again], reverse=True))
    back.results = [back.emit(operator.mul, bar, again, kind=FLOAT, hint="x_bar", reverse=True)]
    y, kept = Value("y", FLOAT), Value("g_saved", Obj())
    b.ops.append(Op(forward, (x,), {}, [y, kept]))
    b.results = [b.emit(backward, kept, Const(2.0), kind=FLOAT, hint="x_bar", reverse=True)]
    callees = [Func("g_fwd", [half], hb, bind_all=True), Func("g_bwd", [saved, bar], back, bind_all=True)]
    emitted = emit(Func("f_grad", [x], b, callees=callees))
    assert emitted.text == lines("""
        def g_fwd(x):
            return x * x, (x,)


        def g_bwd(saved, g_bar):
            x, = saved
            x_bar = g_bar * x
            return x_bar


        def f_grad(x):
            _, g_saved = g_fwd(x)
            # -- reverse sweep --
            x_bar = g_bwd(g_saved, 2.0)
            return x_bar
    """)
    assert emitted.function(3.0) == 6.0
    with pytest.raises(CannotDifferentiate, match="two functions are called g_fwd"):
        emit(Func("f_grad", [x], b, callees=[callees[0], callees[0]]))


def test_results_that_nothing_reads():
    a, b = Value("a", ROW), Block()
    used, unused = Value("q", ROW), Value("r", ROW)
    b.ops.append(Op(np.linalg.qr, (a,), {}, [used, unused]))
    b.emit(print, Const("seen"), kind=Obj(), effect=True)
    b.results = [used]
    assert emit(Func("f", [a], b)).text == lines("""
        def f(a):
            q, _ = np.linalg.qr(a)
            print("seen")
            return q
    """)


def test_identifiers():
    assert [identifier(h) for h in ("x", "x_bar", "<lambda>", "~u_bar", ".total", "2nd", "class", "")] == [
        "x", "x_bar", "lambda_", "u_bar", "total", "_2nd", "class_", "t"]


def test_a_docstring():
    x = Value("x", FLOAT)
    assert emit(Func("f", [x], Block([], [], [x]), doc="The same.")).function.__doc__ == "The same."


def test_a_branch_whose_arms_do_nothing():
    x, b = Value("x", FLOAT), Block()
    b.ops.append(Branch(b.emit(operator.gt, x, Const(0), kind=BOOL), Block(), Block()))
    b.results = [x]
    assert emit(Func("f", [x], b)).text == "def f(x):\n    return x\n"
