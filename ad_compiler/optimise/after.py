"""Products of which a loop does nothing but keep the result are one product, of all rows, after the loop.

>>> import numpy as np
>>> from ad_compiler import grad
>>> def f(w, u, x):
...     h, s = np.zeros(3), 0.0
...     for t in range(len(x)):
...         h = np.tanh(u @ h + x[t])
...         e = h @ w - 1.0
...         s += e @ e
...     return s
>>> g = grad(f)
>>> _ = g(np.ones((3, 2)), np.ones((3, 3)), np.ones((4, 3)))
>>> [line for line in g.source.splitlines() if " @ w - " in line and "#" not in line]
['    e_trail = a @ w - 1.0']
"""

from __future__ import annotations

import operator
from collections import Counter
from typing import Any

import numpy as np

from ad_compiler.ir import (
    Arg,
    Block,
    Const,
    Func,
    Loop,
    Op,
    Stmt,
    Value,
    blocks_in,
    walk,
)
from ad_compiler.kinds import Num, Seq
from ad_compiler.ops import is_matrix_product, is_read, is_sum, is_zeros
from ad_compiler.optimise.ahead import InLoop, is_as_long, joined, rank, row_and_matrix, runs
from ad_compiler.optimise.facts import count_uses, is_scalar
from ad_compiler.optimise.lengths import times_through


def multiply_after(func: Func) -> Func:
    """Take such products out of all loops that are certain to run."""
    if any(isinstance(stmt, Loop) and stmt.trails for stmt in walk(func.body)):
        reads = Counter(op.args[0] for op in walk(func.body) if is_read(op) and isinstance(op.args[0], Value)
                        and is_scalar(op.args[1]))
        _visit(func.body, count_uses(func.body), reads)
    return func


def _visit(block: Block, uses: Counter[Value], reads: Counter[Value]) -> None:
    ops: list[Stmt] = []
    for inner in blocks_in(block.ops):
        _visit(inner, uses, reads)
    for stmt in block.ops:
        if isinstance(stmt, Loop) and stmt.trails and runs(stmt):
            found = _After(stmt, uses, reads)
            after = found.run()
            ops += [*found.before.ops, stmt, *after]
        else:
            ops.append(stmt)
    block.ops = ops


class _After(InLoop):
    """Works on one loop.  `uses`: how often a value is read; `reads`: how often, entry by entry."""

    def __init__(self, loop: Loop, uses: Counter[Value], reads: Counter[Value]) -> None:
        super().__init__(loop)
        self.uses, self.reads, self.after = uses, reads, Block()
        self.kept = {inner: trail for inner, trail in loop.trails if isinstance(inner, Value)}
        self.wholes: dict[Value, Value] = {}
        self.gone: set[Stmt] = set()

    def run(self) -> list[Stmt]:
        """The statements that make what is kept, to stand after the loop, which keeps it no more."""
        for inner, trail in list(self.loop.trails):
            if not isinstance(inner, Value) or self.uses[inner] != 1 or self.uses[trail] != self.reads[trail] \
                    or not self.is_made(inner):
                continue
            self.loop.trails.remove((inner, trail))
            del self.kept[inner]
            whole = self.whole(inner)
            last = self.after.ops[-1]
            assert isinstance(last, Op)
            assert last.result is whole
            last.results, trail.kind = [trail], whole.kind
            self.wholes[inner] = trail
        self.loop.body.ops = [stmt for stmt in self.loop.body.ops if stmt not in self.gone]
        return self.after.ops

    def is_made(self, value: Value) -> bool:
        """Is this a product of a row and a matrix that does not change, or parts put together, read here alone?"""
        made = self.makers.get(value)
        if made is None or self.uses[value] != 1 or made.kwargs or made.effect or rank(value) != 1:
            return False
        parts = joined(made)
        if parts:
            return all(not is_zeros(self.makers.get(part)) or self.length(part) is not None for part in parts)
        if is_matrix_product(made):
            found = row_and_matrix(made, self.inside, self.makers)
            return found is not None and isinstance(found[0], Value) and self.is_known(found[0])
        return is_sum(made) and any(isinstance(a, Value) and self.is_made(a) for a in made.args) \
            and all(self.is_term(a, value) for a in made.args)

    def is_term(self, arg: Arg, of: Value) -> bool:
        """Is this known of all iterations at once, of the kind of the sum, or a number?"""
        if not is_scalar(arg) and not is_as_long(arg, of):
            return False
        return not isinstance(arg, Value) or arg not in self.inside or self.is_known(arg) or self.is_made(arg)

    def is_known(self, row: Value) -> bool:
        """Is this kept, or a row of an array from outside?"""
        if rank(row) != 1:
            return False
        return row in self.kept or row in self.wholes or self.is_outer_row(row)

    # -- what replaces them --------------------------------------------------------------------------

    def whole(self, row: Value) -> Value:
        """What a row is in all iterations."""
        if row not in self.wholes:
            self.wholes[row] = self.read(row) if self.is_known(row) else self.made(self.makers[row])
        return self.wholes[row]

    def read(self, row: Value) -> Value:
        """All rows that are kept, or read."""
        whole = self.whole_kind(row)
        if row in self.kept:
            return self.emit(self.makers.get(row), np.array, self.kept[row], kind=whole)
        made = self.makers[row]
        self.gone |= {made} if self.uses[row] == 1 else set()
        of: Value = made.args[0]
        length = times_through(self.loop)
        assert length is not None
        if isinstance(of.kind, Num) and of.kind.shape is not None and of.kind.shape[0] == length:
            return of
        indices = self.emit(made, np.arange, self.loop.stop, kind=Num("int64", (length,)))
        return self.emit(made, operator.getitem, of, indices, kind=whole)     # it raises as a read of one row does

    def made(self, op: Op) -> Value:
        """All rows that an op makes, which is done no more in the loop."""
        self.gone.add(op)
        whole = self.whole_kind(op.result)
        if joined(op):
            parts = tuple(map(self.part, joined(op)))
            return self.emit(op, np.concatenate, parts, kind=whole, kwargs={"axis": Const(1)})
        if not is_matrix_product(op):
            return self.emit(op, op.fn, *(self.whole(a) if a in self.inside else a for a in op.args), kind=whole)
        found = row_and_matrix(op, self.inside, self.makers)
        assert found is not None
        row, matrix, turned = found
        rows = self.whole(row)
        if turned:
            matrix = self.emit(op, np.transpose, matrix, kind=Num(matrix.kind.dtype, matrix.kind.shape[::-1]))
        return self.emit(op, operator.matmul, rows, matrix, kind=whole)

    def part(self, row: Value) -> Value:
        """All rows of a part; one that is not known is kept instead of the whole, of which it is a part."""
        made, whole = self.makers.get(row), self.whole_kind(row)
        if is_zeros(made):
            self.gone |= {made} if self.uses[row] == 1 else set()
            dtype = {} if whole.dtype == "float64" else {"dtype": Const(np.dtype(whole.dtype))}
            return self.emit(made, np.zeros, (self.loop.stop, self.length(row)), kind=whole, kwargs=dtype)
        if not self.is_known(row):
            self.kept[row] = Value(f"{row.hint}_trail" if row.hint else "", Seq(row.kind))
            self.loop.trails.append((row, self.kept[row]))
        return self.whole(row)

    def emit(self, like: Op | None, fn: object, *args: object, kind: Num, kwargs: Any = None) -> Value:
        """An op after the loop."""
        origin = like.origin if like is not None else self.loop.origin
        return self.after.emit(fn, *args, kind=kind, origin=origin, kwargs=kwargs,    # type: ignore[arg-type]
                               spelling="attr" if fn is np.transpose else "", reverse=self.loop.reverse,
                               derived=like is not None and like.derived, stopped=like is not None and like.stopped)
