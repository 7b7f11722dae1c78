"""What Numba compiles takes numbers and arrays alone: containers, objects and globals are opened around it.

>>> import operator
>>> from ad_compiler.ir import Block, Const, show
>>> from ad_compiler.kinds import FLOAT
>>> p, block = Value("p", Obj("dict")), Block()
>>> w = block.emit(operator.getitem, p, Const("w"), kind=FLOAT, hint="w")
>>> y = block.emit(operator.mul, w, w, kind=FLOAT, hint="y")
>>> block.results = [{"w": y}]
>>> outer = compiled_part(Func("square", [p], block), {})
>>> print(show(outer.callees[-1]), show(outer), sep=chr(10))
def square_jit(w):
    y = mul(w, w)
    return y
def square(p):
    w = getitem(p, 'w')
    y = square_jit(w)
    return {'w': y}
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.adjoint.pairs import name_apart
from ad_compiler.ir import (
    Arg,
    Atom,
    Block,
    Const,
    Func,
    Op,
    Stmt,
    Value,
    free_values,
    map_values,
    operands,
    values_in,
)
from ad_compiler.kinds import Num, Obj, Seq
from ad_compiler.ops import makes_list
from ad_compiler.read.calls.recursion import Callee

LOOKS = runtime.check_number, runtime.check_single
"""They refuse an object before something is made of it."""


def compiled_part(func: Func, options: dict[str, Any]) -> Func:
    """The function with all of its numeric part in one function of numbers and arrays, which is marked for Numba."""
    for callee in func.callees:
        callee.jit = options
    outside: set[Value] = {*func.params, *func.refs}
    opening: list[Stmt] = []
    rest: list[Stmt] = []
    for stmt in func.body.ops:
        if isinstance(stmt, Op) and (not stmt.effect or stmt.fn in LOOKS) and _handles_objects(stmt) \
                and outside.issuperset(operands(stmt)):
            opening.append(stmt)
            outside.update(stmt.results)
        else:
            rest.append(stmt)
    if not opening and not func.refs and not any(isinstance(p.kind, Obj) for p in func.params) \
            and all(map(_is_plain, func.body.results)) and not _scalars(func):
        func.jit = options
        return func
    inner = _inner(func, rest, outside, options)
    return _outer(func, opening, inner)


def _handles_objects(op: Op) -> bool:
    made = [] if makes_list(op) else op.results     # a list is made where it is used: Numba takes none from outside
    return any(isinstance(v.kind, (Obj, Seq)) for v in (*operands(op), *made))


def _is_plain(arg: Arg) -> bool:
    """Can Numba return this as it stands: numbers, arrays, tuples of them?"""
    if type(arg) is tuple:
        return bool(arg) and all(map(_is_plain, arg))
    if isinstance(arg, Const):
        return isinstance(arg.value, (float, int))
    return isinstance(arg, Value)


def _scalars(func: Func) -> set[Value]:
    """NumPy scalars among the gradients: Numba returns Python's."""
    found: Arg = func.body.results[0]
    for at in func.gradients:
        found = found[at]
    return {v for v in values_in(found) if isinstance(v.kind, Num) and v.kind.form == "np"}


def _inner(func: Func, ops: list[Stmt], outside: set[Value], options: dict[str, Any]) -> Func:
    results = list(dict.fromkeys(v for v in values_in(func.body.results) if v not in outside))
    body = Block([], ops, [results[0] if len(results) == 1 else tuple(results)])
    params = free_values(body)
    name_apart(params)
    name = re.sub(r"\W+", "_", func.name).strip("_")
    return Func(f"{name}_jit", params, body, notes=func.notes, constants=func.constants, forward=func.forward,
                jit=options)


def _outer(func: Func, opening: list[Stmt], inner: Func) -> Func:
    returned = inner.body.results[0]
    mine = {v: Value(v.hint, v.kind) for v in values_in(returned)}
    does = bool(mine or inner.body.ops)     # what gives nothing may raise, or be seen
    call = Op(Callee(inner.name), tuple(inner.params), {}, list(mine.values()), effect=not mine)
    scalars = _scalars(func)
    body = Block([], [*opening, call] if does else opening)
    typed: dict[Value, Atom] = {}
    for value, own in mine.items():
        if value in scalars:
            assert isinstance(value.kind, Num)
            typed[value] = body.emit(np.dtype(value.kind.dtype).type, own, kind=value.kind)
    body.results = [_typed(result, func.gradients, mine, typed) for result in func.body.results]
    callees = [*func.callees, inner] if does else func.callees
    return Func(func.name, func.params, body, func.refs, func.doc, gradients=func.gradients, forward=func.forward,
                callees=callees)


def _typed(arg: Arg, path: tuple[int, ...], mine: dict[Value, Value], typed: dict[Value, Atom]) -> Arg:
    """What is returned; of a value that is a gradient too, the gradient alone has its argument's type."""
    if not path:
        return map_values(arg, lambda v: typed.get(v, mine.get(v, v)))
    return tuple(_typed(part, path[1:], mine, typed) if at == path[0] else map_values(part, lambda v: mine.get(v, v))
                 for at, part in enumerate(arg))
