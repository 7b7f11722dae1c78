"""Integers and lengths that a loop does not change are computed before it.

>>> import operator
>>> from ad_compiler.ir import Const, Value, show
>>> from ad_compiler.kinds import FLOAT, INT
>>> n, s, i, body = Value("n", INT), Value("s", FLOAT), Value("i", INT), Block()
>>> k = body.emit(operator.sub, n, Const(1), kind=INT)
>>> body.params = [s]
>>> body.results = [body.emit(operator.add, s, k, kind=FLOAT)]
>>> loop = Loop([Const(0.0)], body, [Value("s", FLOAT)], i, stop=n)
>>> print(show(hoist_invariant(Func("f", [n], Block([], [loop], list(loop.results))))))
def f(n):
    t = sub(n, 1)
    for i in 0, n, 1 [s = 0.0]: -> s_2
        t_2 = add(s, t)
        hand on t_2
    return s_2
"""

from __future__ import annotations

from ad_compiler.indices import is_python_integer
from ad_compiler.ir import (
    Block,
    Const,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    block_definitions,
    blocks_in,
    definitions,
    operands,
    walk,
)
from ad_compiler.kinds import Shape
from ad_compiler.ops import asks_attribute, is_elementwise, is_length, traits
from ad_compiler.rules.traits import LIGHT


def hoist_invariant(func: Func) -> Func:
    """Move them out, as far as they can go."""
    _visit(func.body, {stmt.index for stmt in walk(func.body) if isinstance(stmt, Loop) and stmt.index is not None})
    return func


def _visit(block: Block, indices: set[Value]) -> None:
    ops: list[Stmt] = []
    for inner in blocks_in(block.ops):
        _visit(inner, indices)
    for stmt in block.ops:
        if isinstance(stmt, Loop):
            ops += _taken(stmt, indices)
        ops.append(stmt)
    block.ops = ops


def _taken(loop: Loop, indices: set[Value]) -> list[Stmt]:
    """What is taken out of a loop's body; `i + 1` stays where it is read, for the index of any loop."""
    inside: set[Value] = {*block_definitions(loop.body, loop), *indices}
    for stmt in loop.body.ops:
        inside.update(definitions(stmt))
    taken: list[Stmt] = []
    kept: list[Stmt] = []
    for stmt in loop.body.ops:
        if isinstance(stmt, Op) and is_integer_op(stmt) and inside.isdisjoint(operands(stmt)):
            taken.append(stmt)
            inside -= set(stmt.results)
        else:
            kept.append(stmt)
    loop.body.ops = kept
    return taken


def is_integer_op(op: Op) -> bool:
    """Arithmetic of Python's integers, or the length of an axis: never raises, costs next to nothing."""
    if op.effect or len(op.results) != 1:
        return False
    if asks_attribute(op):
        return isinstance(op.result.kind, Shape)
    if is_length(op):
        return isinstance(op.args[1], Const)
    light = is_elementwise(op) and traits(op).cost == LIGHT and len(op.args) > 1 and not op.kwargs
    return light and all(is_python_integer(a) for a in (*op.args, op.result))
