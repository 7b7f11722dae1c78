"""A product with what is put together of parts is a sum of products with the parts, where some cost nothing.

In a loop: a row of an array from outside is multiplied ahead of it, see `ahead`; zeros are left out.

>>> import numpy as np
>>> from ad_compiler import grad
>>> def f(w, x):
...     h = np.zeros(3)
...     for t in range(len(x)):
...         h = np.tanh(np.concatenate((x[t], h)) @ w)
...     return h @ h
>>> g = grad(f)
>>> _ = g(np.ones((5, 3)), np.ones((4, 2)))
>>> [line.strip() for line in g.source.splitlines() if "products" in line]
['products = x @ w[:x.shape[1]]', 'h = np.tanh(products[t] + h @ w_part)']
"""

from __future__ import annotations

import operator
from collections import Counter
from typing import Any

import numpy as np

from ad_compiler.indices import is_none
from ad_compiler.ir import Atom, Block, Const, Func, Loop, Op, Slice, Stmt, Value, blocks_in, walk
from ad_compiler.kinds import INT, Num
from ad_compiler.ops import is_matrix_product, is_zeros
from ad_compiler.optimise.ahead import InLoop, joined, row_and_matrix, runs
from ad_compiler.optimise.facts import count_uses, has_loops


def multiply_parts(func: Func) -> Func:
    """Take such products apart in loops of which the products of rows may stand ahead."""
    if has_loops(func) and any(isinstance(op, Op) and op.fn is np.concatenate for op in walk(func.body)):
        _visit(func.body, count_uses(func.body), func.forward)
    return func


def _visit(block: Block, uses: Counter[Value], forward: bool) -> None:
    ops: list[Stmt] = []
    for inner in blocks_in(block.ops):
        _visit(inner, uses, forward)
    for stmt in block.ops:
        if isinstance(stmt, Loop) and runs(stmt):
            ops += _Parts(stmt, forward).run(uses)
        ops.append(stmt)
    block.ops = ops


class _Parts(InLoop):
    """Works on one loop."""

    def run(self, uses: Counter[Value]) -> list[Stmt]:
        """The parts of matrices, to stand before the loop."""
        self.slices: dict[Any, Value] = {}
        products: dict[Value, list[Op]] = {}
        for op in self.makers.values():
            found = row_and_matrix(op, self.inside, self.makers) if is_matrix_product(op) else None
            if found is not None and self.parts_of(found[0]) and self.may_keep(op):
                products.setdefault(found[0], []).append(op)
        for whole, ops in products.items():
            kept = sum(inner is whole for inner, _ in self.loop.trails)
            places = self.places(whole) if uses[whole] == len(ops) + kept else None
            if places:
                for op in ops:
                    self.take_apart(op, whole, places)
        return self.before.ops

    def parts_of(self, whole: Value) -> tuple[Value, ...]:
        """The vectors that a vector is put together of, where one is zero, or a row from outside.

        The last one is not zero: by its product it shows whether the matrix is as long as the whole.
        """
        parts = joined(self.makers.get(whole))
        if parts and is_zeros(self.makers.get(parts[-1])):
            return ()
        return parts if any(self.is_outer_row(part) or is_zeros(self.makers.get(part)) for part in parts) else ()

    def places(self, whole: Value) -> list[tuple[Value, Atom, Atom]] | None:
        """The parts that are not zero, and from where to where each stands; None where that cannot be told."""
        found: list[tuple[Value, Atom, Atom]] = []
        parts = self.parts_of(whole)
        start: Atom = Const(None)
        for at, part in enumerate(parts):
            assert isinstance(part.kind, Num)
            stop: Atom | None = Const(None) if at == len(parts) - 1 else self.length(part)      # one may stand twice
            if stop is None:
                return None
            if not is_none(stop) and not is_none(start):
                stop = Const(start.value + stop.value) if isinstance(start, Const) and isinstance(stop, Const) else \
                    self.before.emit(operator.add, start, stop, kind=INT)
            if not is_zeros(self.makers.get(part)):
                found.append((part, start, stop))
            start = stop
        return found

    def take_apart(self, op: Op, whole: Value, places: list[tuple[Value, Atom, Atom]]) -> None:
        """Make a product a sum of products."""
        found = row_and_matrix(op, self.inside, self.makers)
        assert found is not None
        _, matrix, turned = found
        at = self.loop.body.ops.index(op)
        terms: list[Value] = []
        added = Block()
        for part, start, stop in places:
            piece = self.piece(op, matrix, part, start, stop, turned)
            args = (piece, part) if turned else (part, piece)
            terms.append(added.emit(operator.matmul, *args, kind=op.result.kind, origin=op.origin, stopped=op.stopped,
                                    reverse=op.reverse, derived=op.derived))
        total = terms[0]
        for term in terms[1:]:
            total = added.emit(operator.add, total, term, kind=op.result.kind, origin=op.origin, stopped=op.stopped,
                               reverse=op.reverse, derived=op.derived)
        last = added.ops[-1]
        assert isinstance(last, Op)
        last.results = op.results
        self.loop.body.ops[at:at + 1] = added.ops

    def piece(self, op: Op, matrix: Value, part: Value, start: Atom, stop: Atom, turned: bool) -> Value:
        """The rows of a matrix, or columns where it is `turned`, that a part is multiplied with."""
        key = matrix, *(a.value if isinstance(a, Const) else a for a in (start, stop)), turned
        if key not in self.slices:
            kind, length = matrix.kind, part.kind
            assert isinstance(kind, Num)
            assert isinstance(length, Num)
            assert kind.shape
            assert length.shape
            shape = (kind.shape[0], length.shape[0]) if turned else (length.shape[0], kind.shape[1])
            index: Any = Slice(start, stop, Const(None))
            if turned:
                index = Slice(Const(None), Const(None), Const(None)), index
            self.slices[key] = self.emit(op, operator.getitem, matrix, index, kind=Num(kind.dtype, shape))
            if not self.is_outer_row(part):
                self.slices[key].hint = f"{matrix.hint}_part" if matrix.hint else ""
        return self.slices[key]
