"""How each kind of op, index and constant is written."""

import math
import operator
from collections import namedtuple

import numpy as np
import pytest

from ad_compiler import runtime
from ad_compiler.emit.compile import emit
from ad_compiler.emit.expressions import is_basic
from ad_compiler.ir import Block, Const, Func, Slice, Value
from ad_compiler.kinds import BOOL, FLOAT, INT, Num, Obj, Sym
from tests.emit.build import MATRIX, NONE, ROW, part

Point = namedtuple("Point", "x y")
X, Y, N, A = Value("x", ROW), Value("y", ROW), Value("n", INT), Value("a", MATRIX)
MASK, AT = Value("mask", Num("bool", (Sym("n"),))), Value("at", Num("int64", (2,)))
PARAMS = [X, Y, N, A, MASK, AT]


def returned(fn, *args, kind=ROW, **more):
    b = Block()
    b.results = [b.emit(fn, *args, kind=kind, **more)]
    return emit(Func("f", PARAMS, b)).text.split("return ")[1].strip()


@pytest.mark.parametrize(("fn", "args", "more", "want"), [
    (operator.add, (X, Y), {}, "x + y"),
    (operator.floordiv, (N, Const(2)), {}, "n // 2"),
    (operator.lshift, (N, Const(2)), {}, "n << 2"),
    (operator.matmul, (A, X), {}, "a @ x"),
    (operator.pow, (X, Const(-2)), {}, "x ** -2"),
    (pow, (N, Const(2)), {}, "n ** 2"),
    (pow, (N, Const(2), Const(5)), {}, "pow(n, 2, 5)"),
    (operator.neg, (X,), {}, "-x"),
    (operator.invert, (MASK,), {}, "~mask"),
    (operator.not_, (N,), {}, "not n"),
    (operator.abs, (X,), {}, "abs(x)"),
    (operator.is_, (N, NONE), {}, "n is None"),
    (operator.contains, (Const((1, 2)), N), {}, "n in (1, 2)"),
    (operator.ge, (X, Const(0.0)), {}, "x >= 0.0"),
    (np.sum, (X,), {}, "np.sum(x)"),
    (np.sum, (X,), {"spelling": "method"}, "x.sum()"),
    (np.sum, (X,), {"spelling": "method", "kwargs": {"axis": Const(0)}}, "x.sum(axis=0)"),
    (np.sum, (Const(1.0),), {"spelling": "method"}, "np.sum(1.0)"),
    (np.transpose, (A,), {"spelling": "attr"}, "a.T"),
    (np.transpose, (A, (Const(1), Const(0))), {"spelling": "method"}, "a.transpose(1, 0)"),
    (np.reshape, (A, (Const(2), Const(-1))), {"spelling": "method"}, "a.reshape(2, -1)"),
    (np.reshape, (A, Const(-1)), {"spelling": "method"}, "a.reshape(-1)"),
    (np.reshape, (A, (Const(2), N)), {}, "np.reshape(a, (2, n))"),
    (runtime.astype, (X, Const(np.dtype("float32"))), {}, "x.astype(np.float32)"),
    (runtime.astype, (X, Const(bool)), {}, "x.astype(bool)"),
    (np.linalg.solve, (A, X), {}, "np.linalg.solve(a, x)"),
    (np.absolute, (X,), {}, "np.abs(x)"),
    (math.sqrt, (N,), {}, "math.sqrt(n)"),
    (np.float64, (N,), {}, "np.float64(n)"),
    (float, (N,), {}, "float(n)"),
    (np.concatenate, ([X, Y],), {}, "np.concatenate([x, y])"),
    (np.zeros, ((N, Const(2)),), {}, "np.zeros((n, 2))"),
    (runtime.unbroadcast, (X, Y), {}, "unbroadcast(x, y)"),
    (runtime.index_add, (X, part(1), Const(2.0)), {}, "index_add(x, np.s_[1:], 2.0)"),
    (runtime.index_set, (A, (N, part()), X), {}, "index_set(a, np.s_[n, :], x)"),
    (getattr, (X, Const("shape")), {"kind": Obj()}, "x.shape"),
    (str.format, (Const("{} of {}"), N, X), {"kind": Obj()}, '"{} of {}".format(n, x)'),
    (operator.getitem, (A, (N, part())), {}, "a[n, :]"),
    (operator.getitem, (A, (part(1, -1), part(None, None, 2))), {}, "a[1:-1, ::2]"),
    (operator.getitem, (A, (Const(Ellipsis), NONE)), {}, "a[..., None]"),
    (operator.getitem, (A, Slice(NONE, N, NONE)), {}, "a[:n]"),
    (operator.getitem, (X, (N,)), {}, "x[n]"),
    (operator.getitem, (X, Const(slice(None, -1))), {}, "x[:-1]"),
    (operator.getitem, (A, [Const(0), Const(2)]), {}, "a[[0, 2]]"),
    (operator.getitem, (X, ()), {}, "x[()]"),
    (operator.mul, (Const(-2.0), X), {}, "-2.0 * x"),
    (operator.mul, (Const(math.pi, "math.pi"), X), {}, "math.pi * x"),
    (operator.mul, (Const(np.inf), X), {}, "np.inf * x"),
    (operator.mul, (Const(1e-5), X), {}, "1e-05 * x"),
    (operator.mul, (Const(np.float32(0.5)), X), {}, "np.float32(0.5) * x"),
])
def test_ops(fn, args, more, want):
    assert returned(fn, *args, **more) == want


@pytest.mark.parametrize(("arg", "want"), [
    ((X, N), "x, n"), ((X,), "x,"), ([X, (Y, N)], "[x, (y, n)]"), ({"a": X, 1: Y}, '{"a": x, 1: y}'),
    (Point(X, Y), "Point(x, y)"), (Const(None), "None"), (Const(-0.0), "-0.0"), (Const(math.nan), "np.nan"),
    (Const(2j), "2j"), (Const(complex(1, -2)), "complex(1.0, -2.0)"), (Const((1, (2,))), "1, (2,)"),
    (Const(np.sum), "np.sum"), (Const(range(3)), "range(0, 3, 1)"), (Const("it's"), '"it\'s"'),
])
def test_structures_and_constants(arg, want):
    emitted = emit(Func("f", PARAMS, Block([], [], [arg])))
    assert emitted.text.split("return ")[1].strip() == want
    emitted.function(*range(6))


def test_objects_without_a_literal_are_bound():
    table = {"a": 1}
    emitted = emit(Func("f", [], Block([], [], [(Const(table), Const(np.eye(2)), Const(table))])))
    assert emitted.text == "def f():\n    return dict_2, array, dict_2\n"
    assert emitted.function()[0] is table


@pytest.mark.parametrize(("fn", "index", "kind", "want"), [
    (runtime.index_set, part(1), None, "x[1:] = 2.0"),
    (runtime.index_add, part(1), None, "x[1:] += 2.0"),
    (runtime.index_add, N, None, "x[n] += 2.0"),
    (runtime.index_add, MASK, None, "x[mask] += 2.0"),
    (runtime.index_add, AT, None, "np.add.at(x, at, 2.0)"),
    (runtime.index_add, [Const(0), Const(0)], None, "np.add.at(x, [0, 0], 2.0)"),
    (runtime.index_add, (part(), AT), None, "np.add.at(x, np.s_[:, at], 2.0)"),
    (runtime.list_add, N, Obj(), "x[n] = x[n] + 2.0"),
])
def test_stores(fn, index, kind, want):
    x, b = Value("x", kind or ROW), Block()
    b.results = [b.emit(fn, x, index, Const(2.0), kind=x.kind, hint="x", inplace=True)]
    text = emit(Func("f", [x, N, MASK, AT], b)).text
    assert text == f"def f(x, n, mask, at):\n    {want}\n    return x\n"


def test_sums_in_place():
    x, y, b = Value("x", ROW), Value("y", ROW), Block()
    z = b.emit(np.copy, x, kind=ROW, hint="z")
    for fn in (operator.add, np.subtract, operator.mul, operator.truediv):
        z = b.emit(fn, z, y, kind=ROW, hint="z", inplace=True)
    b.results = [z]
    assert emit(Func("f", [x, y], b)).text.splitlines()[2:6] == ["    z += y", "    z -= y", "    z *= y", "    z /= y"]


@pytest.mark.parametrize(("index", "basic"), [
    (N, True), (part(1), True), ((N, part(), NONE), True), (Const(Ellipsis), True), (MASK, True), (AT, False),
    ([N], False), ((MASK, MASK), False), (Const(True), False), (Const((0, slice(1))), True), (Const((0, [1])), False),
    (Const(np.array([True])), True), (Const(np.array([1])), False), (Value("b", BOOL), False),
    (Value("?", Num("int64", None, "any")), False), (Const(np.int64(1)), True),
])
def test_which_indices_name_no_element_twice(index, basic):
    assert is_basic(index) is basic


def test_constants_by_the_users_name():
    x, b = Value("x", FLOAT), Block()
    b.results = [b.emit(operator.mul, Const(3.0, "RATE"), x, kind=FLOAT)]
    emitted = emit(Func("f", [x], b, constants={"RATE": 3.0}))
    assert "return RATE * x" in emitted.text
    assert emitted.function(2.0) == 6.0
    taken = Value("RATE", FLOAT)
    c = Block()
    c.results = [c.emit(operator.mul, Const(3.0, "RATE"), taken, kind=FLOAT)]
    assert "return 3.0 * RATE" in emit(Func("f", [taken], c, constants={"RATE": 3.0})).text
