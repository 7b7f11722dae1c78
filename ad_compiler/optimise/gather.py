r"""Sums of outer products, one in each iteration, become one matrix product after the loop.

`W_bar += np.outer(u_bar, x[t])` keeps `u_bar` as a row of a matrix; `W_bar = u_bars.T @ x` follows the loop.  A sum of
the rows themselves, `b_bar += u_bar`, becomes a sum over the matrix.

>>> import numpy as np
>>> from ad_compiler import grad
>>> def f(w, b, x):
...     s = 0.0
...     for t in range(len(x)):
...         y = np.tanh(np.dot(w, x[t]) + b)
...         s = s + np.sum(y * y)
...     return s
>>> g = grad(f, (0, 1))
>>> w_bar, b_bar = g(np.ones((2, 3)), np.ones(2), np.ones((4, 3)))
>>> print("\n".join(line.split("  #")[0].rstrip() for line in g.source.splitlines()[-4:]))
        u_bar_trail[t] = y_bar * (1.0 - y * y)
    w_bar = u_bar_trail.T @ x
    b_bar = u_bar_trail.sum(axis=0)
    return w_bar, b_bar
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import Atom, Block, Const, Func, Loop, Op, Slice, Stmt, Value, blocks_in, definitions
from ad_compiler.kinds import INT, Dim, Num, Seq, Shape, Sym
from ad_compiler.ops import is_addition, is_like, is_outer, is_read, is_zeros
from ad_compiler.optimise.dce import keep_columns
from ad_compiler.optimise.facts import alike, count_uses, has_loops, num
from ad_compiler.optimise.lengths import entries, is_certain_to_run, times_through
from ad_compiler.rules import registry


class Sum(NamedTuple):
    """A carried sum: its column, the op that adds to it, and what it adds, where that is made of outer products.

    `parts`: additions of these on the way.
    """

    at: int
    add: Op
    outers: list[Op]
    parts: list[Op]


def gather_products(func: Func) -> Func:
    """Take sums of outer products, and of the same rows, out of loops of known length."""
    if has_loops(func):
        _visit(func.body, count_uses(func.body), entries(func), func.forward)
    return func


def _visit(block: Block, uses: Counter[Value], trails: dict[Value, Dim | None], forward: bool) -> None:
    for inner in blocks_in(block.ops):
        _visit(inner, uses, trails, forward)
    ops: list[Stmt] = []
    makers = {v: s for s in block.ops if isinstance(s, Op) for v in s.results}
    arrays: dict[Value, Value] = {}
    for stmt in block.ops:
        known = isinstance(stmt, Loop) and _is_known(stmt, forward)
        found = _Gatherer(stmt, uses, makers, trails, arrays).run() if known else None      # type: ignore[arg-type]
        if isinstance(stmt, Op) and stmt.fn is np.array and not stmt.kwargs and len(stmt.args) == 1 \
                and isinstance(stmt.args[0], Value) and stmt.args[0] in trails:
            arrays[stmt.args[0]] = stmt.result
        if found is None:
            ops.append(stmt)
        else:
            before, after = found
            ops += [*before, stmt, *after]
    block.ops = ops


def _is_known(loop: Loop, forward: bool) -> bool:
    """Is this a loop over `range(n)`, n certainly not below zero, of the reverse sweep or tangents?  Keeps all."""
    length = times_through(loop) if (loop.reverse or forward) and loop.leave is None \
        and loop.snapshots is None else None
    return length is not None and (length >= 0 if isinstance(length, int) else not _is_shorter(length))


def _is_shorter(length: Dim) -> bool:
    """May a length be one less than nothing: `len(x) - 1`?"""
    key = getattr(length, "key", None)
    return isinstance(key, tuple) and bool(key) and key[0] in ("minus", "plus")


def _may_be_negative(length: Dim) -> bool:
    """Is a length made of an integer argument, or of the index of another loop: `range(n)` of -1?"""
    key = getattr(length, "key", None)
    if isinstance(key, str):
        return "." not in key
    return isinstance(key, tuple) and (key[0] == "index" or any(
        isinstance(part, Sym) and _may_be_negative(part)
        for inner in key[1:] for part in (inner if isinstance(inner, tuple) else (inner,))))


class _Gatherer:
    """Works on one loop.  `trails`: how many entries each has; `arrays`: those that are arrays before it too."""

    def __init__(self, loop: Loop, uses: Counter[Value], outside: dict[Value, Op],
                 trails: dict[Value, Dim | None], arrays: dict[Value, Value]) -> None:
        self.loop, self.uses, self.outside, self.trails, self.arrays = loop, uses, outside, trails, arrays
        self.makers = {v: s for s in loop.body.ops if isinstance(s, Op) for v in s.results}
        self.inside = {*loop.body.params, *(v for s in loop.body.ops for v in definitions(s))}
        self.before: list[Stmt] = []
        self.after: list[Stmt] = []
        self.rows: dict[Value, Value] = {}
        self.origin = loop.origin
        self.stop: Atom | None = None

    def run(self) -> tuple[list[Stmt], list[Stmt]] | None:
        """Statements to stand before and after the loop, which is changed; None where there is nothing to gather."""
        sums = [s for at in range(len(self.loop.results)) if (s := self.sum_at(at)) is not None]
        places = slice(None) if is_certain_to_run(self.loop) else slice(1)      # else it may be of another length
        kept = {row for s in sums for outer in s.outers for row in outer.args[places]}
        sums = [s for s in sums if s.outers or s.add.args[1] in kept]
        if not kept:
            return None
        for found in sums:
            self.product(found)
        gone = {s.at for s in sums}
        dropped = {op for s in sums for op in (s.add, *s.outers, *s.parts)}
        self.loop.body.ops = [op for op in self.loop.body.ops if op not in dropped]
        keep_columns(self.loop, [at for at in range(len(self.loop.results)) if at not in gone])
        return self.before, self.after

    def sum_at(self, at: int) -> Sum | None:
        """Column `at` as a sum of outer products or of rows, if it is one."""
        param, handed, result = self.loop.body.params[at], self.loop.body.results[at], self.loop.results[at]
        add = self.makers.get(handed) if isinstance(handed, Value) else None
        if not is_addition(add) or len(add.args) != 2 or add.kwargs or add.args[0] is not param \
                or self.uses[param] != 1 or self.uses[add.result] != 1:
            return None
        term, kind, row = add.args[1], num(result), num(add.args[1])
        if not isinstance(term, Value) or term not in self.inside or kind is None or kind.dtype != "float64" \
                or kind.shape is None or num(self.loop.inits[at]) is None:
            return None
        if len(kind.shape) == 1 and row is not None and self.is_row(term) and alike(row.shape, kind.shape):
            return Sum(at, add, [], [])
        outers, parts = list[Op](), list[Op]()
        return Sum(at, add, outers, parts) if len(kind.shape) == 2 and self.is_made_of(term, outers, parts) else None

    def is_made_of(self, term: Any, outers: list[Op], parts: list[Op]) -> bool:
        """Is this an outer product of rows, or a sum of such?  They are put into the lists."""
        made = self.makers.get(term) if isinstance(term, Value) and self.uses[term] == 1 else None
        if made is None or made.kwargs or len(made.args) != 2:
            return False
        if is_outer(made):
            outers.append(made)
            return all(self.is_row(v) for v in made.args)
        parts.append(made)
        return is_addition(made) and all(num(side) == num(term) and self.is_made_of(side, outers, parts)
                                         for side in made.args)

    def is_row(self, atom: Atom) -> bool:
        """A vector of real numbers that each iteration has anew."""
        return isinstance(atom, Value) and atom in self.inside and isinstance(atom.kind, Num) \
            and atom.kind.dtype == "float64" and atom.kind.shape is not None and len(atom.kind.shape) == 1

    # -- what replaces them --------------------------------------------------------------------------

    def product(self, found: Sum) -> None:
        """One product, or one sum, after the loop."""
        result, init = self.loop.results[found.at], self.loop.inits[found.at]
        origin = self.origin = found.add.origin
        zero = isinstance(init, Value) and is_zeros(self.outside.get(init))
        total = result if zero else Value("", result.kind)
        if not found.outers:
            rows = self.rows_of(found.add.args[1], init, 0)
            self.after.append(Op(np.sum, (rows,), {"axis": Const(0)}, [total], origin, "method", reverse=True))
        sums = [total if at == len(found.outers) - 1 else Value("", total.kind) for at in range(len(found.outers))]
        for at, (outer, so_far) in enumerate(zip(found.outers, sums, strict=True)):
            product = so_far if at == 0 else Value("", total.kind)
            self.one_product(outer, init, product)
            if at:
                self.after.append(Op(operator.add, (sums[at - 1], product), {}, [so_far], origin, reverse=True))
        if not zero:
            self.after.append(Op(operator.add, (init, total), {}, [result], origin, reverse=True))

    def one_product(self, outer: Op, like: Atom, product: Value) -> None:
        """The product of two matrices, for an outer product in each iteration."""
        left, right = (self.rows_of(v, like, axis) for axis, v in enumerate(outer.args))
        kind = left.kind
        assert isinstance(kind, Num)
        assert kind.shape is not None
        turned = Value("", replace(kind, shape=kind.shape[::-1]))
        self.after.append(Op(registry.ATTRIBUTES["T"], (left,), {}, [turned], self.origin, "attr", reverse=True))
        self.after.append(Op(operator.matmul, (turned, right), {}, [product], self.origin, reverse=True))

    def times(self) -> Atom:
        """How often the loop runs: where it may be over `range(-1)`, no shape and no slice has that length."""
        length, stop = times_through(self.loop), self.loop.stop
        assert length is not None
        if self.stop is None and _may_be_negative(length):
            self.stop = Value("", replace(INT, length=length))
            self.before.append(Op(max, (stop, Const(0)), {}, [self.stop], self.origin, reverse=True))
        return stop if self.stop is None else self.stop

    def rows_of(self, row: Any, like: Atom, axis: int) -> Value:
        """The matrix of what a vector is in each iteration."""
        if row not in self.rows:
            self.rows[row] = self.there_already(row, like, axis) or self.kept(row, like, axis)
        return self.rows[row]

    def there_already(self, row: Value, like: Atom, axis: int) -> Value | None:
        """A matrix outside whose rows these are."""
        read = self.makers.get(row)
        if not is_read(read) or read.args[1] is not self.loop.index:
            return None
        source = read.args[0]
        if not isinstance(source, Value) or source in self.inside:
            return None
        length = times_through(self.loop)
        assert length is not None
        if isinstance(source.kind, Seq) and self.trails.get(source) != length:
            return None
        if source in self.arrays:
            return self.arrays[source]
        if isinstance(source.kind, Seq) and isinstance(row.kind, Num) and row.kind.shape is not None:
            whole = Value("", Num(row.kind.dtype, (length, *row.kind.shape)))
            shape = (self.times(), self.length(row.kind.shape[0], like, axis))
            self.after.append(Op(np.reshape, (source, shape), {}, [whole], read.origin, reverse=True))
            return whole
        kind = num(source)
        if kind is None or kind.shape is None or len(kind.shape) != 2 or kind.dtype != "float64":
            return None
        into = num(like)
        if into is not None and into.shape is not None and into.shape[axis] != kind.shape[1] \
                and not is_certain_to_run(self.loop):
            return None         # where it does not run, nobody has asked for rows as long as what they are added to
        if length == kind.shape[0]:
            return source
        whole = Value("", Num(kind.dtype, (length, kind.shape[1])))
        index = Slice(Const(None), self.times(), Const(None))
        self.after.append(Op(operator.getitem, (source, index), {}, [whole], read.origin, reverse=True))
        return whole

    def kept(self, row: Value, like: Atom, axis: int) -> Value:
        """A matrix that the loop fills, row by row."""
        loop = self.loop
        kind = row.kind
        assert isinstance(kind, Num)
        assert kind.shape is not None
        assert loop.index is not None
        count = times_through(loop)
        assert count is not None
        matrix = Num(kind.dtype, (count, *kind.shape))
        hint = f"{row.hint}_trail" if row.hint else ""
        size = self.length(kind.shape[0], like, axis)
        init, param, filled, result = (Value(hint, matrix) for _ in range(4))
        self.before.append(Op(np.empty, ((self.times(), size),), {}, [init], self.origin, reverse=True))
        loop.inits.append(init)
        loop.body.params.append(param)
        loop.body.ops.append(Op(runtime.index_set, (param, loop.index, row), {}, [filled], self.origin, reverse=True))
        loop.body.results.append(filled)
        loop.results.append(result)
        return result

    def length(self, dim: Dim, like: Atom, axis: int) -> Atom:
        """How long a row is, read from what it is added to."""
        if isinstance(dim, int):
            return Const(dim)
        made = self.outside.get(like) if isinstance(like, Value) else None
        source: Any = made.args[0] if is_zeros(made) and is_like(made) else like
        shape = Value("", Shape(source.kind.shape))
        size = Value("", replace(INT, length=dim))
        self.before.append(Op(getattr, (source, Const("shape")), {}, [shape], self.origin, reverse=True))
        self.before.append(Op(operator.getitem, (shape, Const(axis)), {}, [size], self.origin, reverse=True))
        return size
