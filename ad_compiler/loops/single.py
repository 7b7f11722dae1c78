"""A number of single precision is made one where an array, or a list, is made of it: Numba computes it in double.

>>> import operator
>>> from ad_compiler.ir import show
>>> from ad_compiler.kinds import Sym
>>> x, block = Value("x", Num("float32", (Sym("x.0"),))), Block()
>>> s = block.emit(operator.getitem, x, Const(0), kind=Num("float32", (), "np"), hint="s")
>>> t = block.emit(operator.mul, s, Const(0.5), kind=s.kind, hint="t")
>>> block.results = [block.emit(np.array, [s, t], kind=Num("float32", (2,)), hint="y")]
>>> print(show(single_precision(Func("f", [x], block))))
def f(x):
    s = getitem(x, 0)
    t = mul(s, 0.5)
    t_2 = float32(t)
    y = array([s, t_2])
    return y
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import Arg, Block, Const, Func, Loop, Op, Stmt, Value, blocks_of, map_values, walk
from ad_compiler.kinds import Num, Seq
from ad_compiler.ops import is_elementwise, is_read, is_store, is_stretched, traits
from ad_compiler.optimise.facts import num

SINGLE = ("float32",)


def single_precision(func: Func) -> Func:
    """Cast numbers where arrays and lists are made of them."""
    typed = {p for p in func.params if _is_number(p)}
    typed |= {v for stmt in walk(func.body) if isinstance(stmt, Op) and (is_read(stmt) or traits(stmt).casts)
              for v in stmt.results if _is_number(v)}
    _visit(func.body, typed)
    return func


def _is_number(value: Arg) -> bool:
    kind = num(value) if isinstance(value, Value) else None
    return kind is not None and kind.dtype in SINGLE and kind.shape == () and kind.form in ("np", "py")


def _visit(block: Block, typed: set[Value]) -> None:
    """`typed` are numbers of which Numba knows the precision."""
    ops: list[Stmt] = []
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            _visit(inner, typed)
        if isinstance(stmt, Op) and not is_store(stmt) and _keeps_types(stmt):
            weak = is_elementwise(stmt) or is_stretched(stmt) or stmt.fn is runtime.unbroadcast
            known: dict[Value, Value] = {}
            stmt.args = tuple(_cast(arg, typed, ops, stmt, weak, known) for arg in stmt.args)
        elif isinstance(stmt, Loop):
            end = Op(np.float32, (), {}, [], stmt.origin, reverse=stmt.reverse)
            stmt.trails = [(_cast(entry, typed, stmt.body.ops, end, False, {}), trail) for entry, trail in stmt.trails]
        ops.append(stmt)
    block.ops = ops


def _keeps_types(op: Op) -> bool:
    """Does Numba give the array or list that is made the type of what it is made of?"""
    if len(op.results) != 1 or op.effect or is_read(op) or traits(op).casts:
        return False
    kind = op.result.kind
    elem = kind.elem if isinstance(kind, Seq) else kind
    return isinstance(elem, Num) and elem.dtype in SINGLE and (
        elem is not kind or elem.shape != () or elem.form in ("array", "any"))


def _cast(arg: Arg, typed: set[Value], ops: list[Stmt], at: Op, weak: bool, known: dict[Value, Value]) -> Any:
    """An argument with its numbers as they are to be; `weak`: Python's numbers too; `known` are cast already."""
    def one(value: Value) -> Arg:
        kind = num(value)
        if value in known or value in typed or kind is None or kind.shape != () or not (
                _is_number(value) or weak and kind.form == "py" and kind.real):
            return known.get(value, value)
        cast = known[value] = Value(value.hint, Num(SINGLE[0], (), "np"))
        ops.append(Op(np.float32, (value,), {}, [cast], at.origin, reverse=at.reverse))
        typed.add(cast)
        return cast
    if weak and isinstance(arg, Const) and type(arg.value) in (float, int):
        return Const(np.float32(arg.value))
    return map_values(arg, one)
