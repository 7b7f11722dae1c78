"""A buffer that no iteration leaves behind is made once, before the loop.

>>> import operator
>>> from ad_compiler.ir import Func, show
>>> from ad_compiler.kinds import FLOAT, INT
>>> s, i, body = Value("s", FLOAT), Value("i", INT), Block()
>>> b = body.emit(np.empty, Const(3), kind=Num("float64", (3,)), hint="b")
>>> c = body.emit(runtime.index_set, b, i, s, kind=b.kind, hint="b")
>>> body.params, body.results = [s], [body.emit(operator.getitem, c, Const(0), kind=FLOAT)]
>>> loop = Loop([Const(0.0)], body, [Value("s", FLOAT)], i, stop=Const(3))
>>> print(show(make_buffers_once(Func("f", [], Block([], [loop], list(loop.results))))))
def f():
    b = empty(3)
    for i in 0, 3, 1 [s = 0.0, b_2 = b]: -> s_2, b_3
        b_4 = index_set(b_2, i, s)
        t = getitem(b_4, 0)
        hand on t, b_4
    return s_2
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.indices import COLON
from ad_compiler.ir import (
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    block_definitions,
    block_outputs,
    blocks_of,
    definitions,
    free_values,
    operands,
    substitute,
    values_in,
)
from ad_compiler.kinds import Num
from ad_compiler.loops.views import dtype_argument
from ad_compiler.ops import asks_attribute, is_empty, is_known, is_like, is_store, is_zeros, traits


def make_buffers_once(func: Func) -> Func:
    """Make buffers before loops, as far out as they can be."""
    _visit(func.body)
    return func


def _visit(block: Block) -> None:
    ops: list[Stmt] = []
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            _visit(inner)
        if isinstance(stmt, Loop) and stmt.index is not None and not stmt.trails and stmt.leave is None \
                and not stmt.independent:
            ops += _hoisted(stmt)
        ops.append(stmt)
    block.ops = ops


def _hoisted(loop: Loop) -> list[Stmt]:
    """What is made before a loop; the loop carries it."""
    before: list[Stmt] = []
    inside = set(block_definitions(loop.body, loop))
    for stmt in loop.body.ops:
        inside.update(definitions(stmt))
    for op in [s for s in loop.body.ops if isinstance(s, Op)]:
        zero = is_zeros(op) and isinstance(op.result.kind, Num) and op.result.kind.real
        if not zero and not is_empty(op) or len(op.results) != 1:
            continue
        made = _made(op, inside)
        last = _last_version(loop, op.result) if made is not None else None
        if made is None or last is None:
            continue
        before.append(made)
        param = Value(op.result.hint, op.result.kind)
        loop.inits.append(made.result)
        loop.body.params.append(param)
        loop.results.append(Value(op.result.hint, op.result.kind))
        at = loop.body.ops.index(op)
        if zero:
            count = len(op.result.kind.shape or ())     # type: ignore[union-attr]
            index: Any = COLON if count == 1 else (COLON,) * count
            loop.body.ops[at] = Op(runtime.index_set, (param, index, Const(0.0)), {}, op.results, op.origin,
                                   reverse=op.reverse)
            loop.body.results.append(last)
        else:
            del loop.body.ops[at]
            substitute(loop.body, {op.result: param})
            loop.body.results.append(param if last is op.result else last)
    return before


def _made(op: Op, inside: set[Value]) -> Op | None:
    """The op that makes the buffer before the loop, if it can be made there."""
    kind = op.result.kind
    if not isinstance(kind, Num) or not kind.shape:
        return None
    result = [Value(op.result.hint, kind)]
    if all(isinstance(d, int) for d in kind.shape):
        shape: Any = tuple(map(Const, kind.shape))
        shape = shape[0] if len(shape) == 1 else shape
        return Op(np.empty, (shape,), dtype_argument(kind), result, op.origin, reverse=op.reverse)
    if not inside.isdisjoint(values_in((op.args, op.kwargs))):
        return None
    fn = np.empty_like if is_like(op) else np.empty
    return Op(fn, op.args, dict(op.kwargs), result, op.origin, reverse=op.reverse)


def _last_version(loop: Loop, value: Value) -> Value | None:
    """What a buffer is called at the end of an iteration; None where something else keeps a hold on it."""
    shared = {value}        # all that may stand in its memory
    last = value
    handed = set(block_outputs(loop.body, loop))
    for stmt in loop.body.ops:
        read = [v for v in operands(stmt) if v in shared]
        inside = {v for inner in blocks_of(stmt) for v in free_values(inner, stmt)} & shared
        if not read and not inside:
            continue
        if isinstance(stmt, Op):
            if is_store(stmt) and stmt.args[0] in shared:
                if stmt.args[0] is not last:
                    return None
                last = stmt.result
                shared.add(last)
            elif not _reads_only(stmt):
                shared.update(stmt.results)
        elif isinstance(stmt, Loop):
            places = [at for at, init in enumerate(stmt.inits) if init in shared]
            if len(places) > 1 or stmt.trails or inside and not _only_read(stmt, inside):
                return None
            for at in places:
                if stmt.inits[at] is not last or not _stays(stmt.body, stmt.body.params[at], at):
                    return None
                last = stmt.results[at]
                shared.add(last)
        elif not _only_read(stmt, inside):
            return None
    return last if handed.isdisjoint(shared) else None


def _reads_only(op: Op) -> bool:
    """Is the result new memory, or a number?"""
    if any(not isinstance(r.kind, Num) for r in op.results):
        return asks_attribute(op)     # a shape
    return all(isinstance(r.kind, Num) and r.kind.shape == () and r.kind.form != "array" for r in op.results) \
        or is_known(op) and not traits(op).view


def _only_read(stmt: Stmt, values: set[Value]) -> bool:
    """Do the blocks of a statement read these, and neither store into them nor hand them, or views of them, on?"""
    for block in blocks_of(stmt):
        seen = set(values)
        for inner in block.ops:
            if isinstance(inner, Op):
                if seen.isdisjoint(operands(inner)):
                    continue
                if is_store(inner) and inner.args[0] in seen:
                    return False
                if not _reads_only(inner):
                    seen.update(inner.results)
            elif isinstance(inner, Loop) and not seen.isdisjoint(values_in(inner.inits)) or isinstance(inner, Branch) \
                    and inner.way != "if" or not _only_read(inner, seen):
                return False
        if not seen.isdisjoint(block_outputs(block, stmt)):
            return False
    return True


def _stays(body: Block, param: Value, at: int) -> bool:
    """Is a carried buffer handed on in its own place alone, as the last version of itself?"""
    holder = Loop([], body, [])
    shared, last = {param}, param
    for stmt in body.ops:
        read = [v for v in operands(stmt) if v in shared]
        inside = {v for inner in blocks_of(stmt) for v in free_values(inner, stmt)} & shared
        if isinstance(stmt, Op) and read:
            if is_store(stmt) and stmt.args[0] in shared:
                if stmt.args[0] is not last:
                    return False
                last = stmt.result
                shared.add(last)
            elif not _reads_only(stmt):
                shared.update(stmt.results)
        elif isinstance(stmt, Loop) and read:
            places = [n for n, init in enumerate(stmt.inits) if init in shared]
            if len(places) != 1 or stmt.trails or stmt.inits[places[0]] is not last \
                    or not _stays(stmt.body, stmt.body.params[places[0]], places[0]):
                return False
            last = stmt.results[places[0]]
            shared.add(last)
        elif isinstance(stmt, Branch) and read:
            return False
        if inside and not _only_read(stmt, inside):
            return False
    outputs = block_outputs(body, holder)
    return body.results[at] is last and sum(v in shared for v in outputs) == 1
