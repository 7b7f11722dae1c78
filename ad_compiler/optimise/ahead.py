"""Products of a matrix with each row of an array that a loop goes through are one product, before the loop.

>>> from ad_compiler.ir import Func, show
>>> from dataclasses import replace
>>> from ad_compiler.kinds import INT, Sym
>>> w, x = Value("w", Num("float64", (4, 3))), Value("x", Num("float64", (Sym("x.0", True), 3)))
>>> block, body, t, h = Block(), Block(), Value("t", INT), Value("h", Num("float64", (4,)))
>>> count = block.emit(len, x, kind=replace(INT, length=Sym("x.0", True)))
>>> row = body.emit(operator.getitem, x, t, kind=Num("float64", (3,)))
>>> body.params = [h]
>>> body.results = [body.emit(operator.add, h, body.emit(np.dot, w, row, kind=h.kind), kind=h.kind, hint="h")]
>>> start = block.emit(np.zeros, Const(4), kind=h.kind)
>>> block.ops.append(Loop([start], body, [Value("h", h.kind)], t, stop=count))
>>> block.results = block.ops[-1].results
>>> print(show(multiply_ahead(Func("f", [w, x], block))))
def f(w, x):
    t = len(x)
    t_2 = zeros(4)
    t_3 = transpose(w)
    products = matmul(x, t_3)
    for t_4 in 0, t, 1 [h = t_2]: -> h_2
        t_5 = getitem(products, t_4)
        h_3 = add(h, t_5)
        hand on h_3
    return h_2
"""

from __future__ import annotations

import operator
from collections import Counter

import numpy as np

from ad_compiler.ir import (
    Atom,
    Block,
    Const,
    Func,
    Loop,
    Op,
    Slice,
    Stmt,
    Value,
    block_definitions,
    block_outputs,
    blocks_of,
    definitions,
    walk,
)
from ad_compiler.kinds import Num
from ad_compiler.optimise.facts import count_uses
from ad_compiler.optimise.lengths import is_certain_to_run, times_through

PRODUCTS = (np.dot, np.matmul, operator.matmul)


def multiply_ahead(func: Func) -> Func:
    """Take such products out of all loops of the forward sweep."""
    _visit(func.body, count_uses(func.body))
    return func


def _visit(block: Block, uses: Counter[Value]) -> None:
    ops: list[Stmt] = []
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            _visit(inner, uses)
        if isinstance(stmt, Loop) and not stmt.reverse and _runs(stmt):
            ops += _taken_out(stmt, uses)
        ops.append(stmt)
    block.ops = ops


def _runs(loop: Loop) -> bool:
    """Is it certain that a loop goes through an iteration, and through all of them, and shows nothing?"""
    return is_certain_to_run(loop) and loop.leave is None \
        and not any(isinstance(s, Op) and s.effect for s in walk(loop.body))


def _taken_out(loop: Loop, uses: Counter[Value]) -> list[Stmt]:
    """The products before a loop; in it, their rows are read."""
    length = times_through(loop)
    assert length is not None
    inside = {*block_definitions(loop.body, loop), *(v for s in loop.body.ops for v in definitions(s))}
    rows = {op.result: op for op in loop.body.ops if isinstance(op, Op) and op.fn is operator.getitem
            and op.args[1] is loop.index and op.args[0] not in inside and _rank(op.args[0]) == 2}
    handed = set(block_outputs(loop.body, loop))
    before = Block()
    for op in [s for s in loop.body.ops if isinstance(s, Op)] if rows else ():
        if op.fn not in PRODUCTS or len(op.args) != 2 or op.kwargs or op.result in handed:
            continue
        left, right = op.args
        if left in rows and _rank(right) == 2 and right not in inside:
            row, matrix = rows[left], right
        elif right in rows and _rank(left) == 2 and left not in inside:
            row, matrix = rows[right], _emit(before, op, np.transpose, left, kind=_turned(left.kind))
        else:
            continue
        of, kind = row.args[0], op.result.kind
        assert isinstance(of.kind, Num)
        assert of.kind.shape
        assert isinstance(kind, Num)
        assert kind.shape
        if length != of.kind.shape[0]:      # a row that is not there is missed in the products as well
            first = Slice(Const(None), loop.stop, Const(None))
            of = _emit(before, op, operator.getitem, of, first, kind=Num(of.kind.dtype, (length, of.kind.shape[1])))
        products = _emit(before, op, operator.matmul, of, matrix, kind=Num(kind.dtype, (length, *kind.shape)))
        products.hint = "products"
        op.fn, op.args, op.spelling = operator.getitem, (products, loop.index), ""
        if uses[row.result] == 1:
            loop.body.ops.remove(row)
    return before.ops


def _emit(block: Block, like: Op, fn: object, *args: object, kind: Num) -> Value:
    spelling = "attr" if fn is np.transpose else ""
    return block.emit(fn, *args, kind=kind, origin=like.origin, spelling=spelling, stopped=like.stopped,    # type: ignore[arg-type]
                      reverse=like.reverse)


def _rank(atom: Atom) -> int | None:
    kind = atom.kind if isinstance(atom, Value) else None
    return len(kind.shape) if isinstance(kind, Num) and kind.shape is not None and kind.real else None


def _turned(kind: Num) -> Num:
    return Num(kind.dtype, (kind.shape or ())[::-1])
