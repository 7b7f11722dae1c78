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
>>> kept = [(h, Value("h_trail", Seq(h.kind)))]
>>> block.ops.append(Loop([start], body, [Value("h", h.kind)], t, stop=count, trails=kept))
>>> block.results = block.ops[-1].results
>>> print(show(multiply_ahead(Func("f", [w, x], block))))
def f(w, x):
    t = len(x)
    t_2 = zeros(4)
    t_3 = transpose(w)
    products = matmul(x, t_3)
    for t_4 in 0, t, 1 [h = t_2]: -> h_2 trails h_trail of h
        t_5 = getitem(products, t_4)
        h_3 = add(h, t_5)
        hand on h_3
    return h_2
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import replace
from typing import Any

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
    blocks_in,
    definitions,
    operands,
    walk,
)
from ad_compiler.kinds import INT, Dim, Num, Seq, Shape
from ad_compiler.ops import is_addition, is_matrix_product, is_product, is_read, is_transpose
from ad_compiler.optimise.facts import alike, count_uses, has_loops, num, number
from ad_compiler.optimise.lengths import entries, is_certain_to_run, times_through

SHORT = 256
"""Numbers in the longest row that is kept for its product alone: of longer ones the work costs more than the call."""


def multiply_ahead(func: Func) -> Func:
    """Take such products out of all loops; in the reverse sweep the rows may be those of a trail, times a number."""
    if has_loops(func):
        _visit(func.body, entries(func), func.forward)
    return func


def _visit(block: Block, trails: dict[Value, Dim | None], forward: bool) -> None:
    ops: list[Stmt] = []
    for inner in blocks_in(block.ops):
        _visit(inner, trails, forward)
    for stmt in block.ops:
        if isinstance(stmt, Loop) and runs(stmt):
            ops += _Ahead(stmt, trails, forward).run()
        ops.append(stmt)
    block.ops = ops


def runs(loop: Loop) -> bool:
    """Certain to go through an iteration, and through all of them, that shows nothing, and may keep much?"""
    return is_certain_to_run(loop) and loop.leave is None and loop.snapshots is None \
        and not any(isinstance(s, Op) and s.effect for s in walk(loop.body))


class InLoop:
    """A loop, and what stands before it."""

    def __init__(self, loop: Loop, forward: bool = False) -> None:
        self.loop, self.before, self.forward = loop, Block(), forward
        self.inside = {*block_definitions(loop.body, loop), *(v for s in loop.body.ops for v in definitions(s))}
        self.makers = {s.result: s for s in loop.body.ops if isinstance(s, Op) and len(s.results) == 1}
        self.keeps = self.keeps_arrays()
        self.lengths: dict[Dim, Atom] = {}

    def keeps_arrays(self) -> bool:
        """Is an array of each iteration kept?  Else all products at once might take far more memory than the rest."""
        trails = [trail for _, trail in self.loop.trails] + [op.args[0] for op in self.makers.values()
                                                             if self.is_derivative(op) and is_read(op)]
        return any(isinstance(t, Value) and isinstance(t.kind, Seq) and isinstance(t.kind.elem, Num) and
                   t.kind.elem.is_array for t in trails)

    def may_keep(self, op: Op) -> bool:
        """May a row of this op's results be kept for each iteration: are others, or is it short, where none is kept?"""
        kind = op.result.kind
        return self.keeps or self.forward and isinstance(kind, Num) and kind.shape is not None and all(
            isinstance(dim, int) and dim <= SHORT for dim in kind.shape)

    def is_derivative(self, op: Op) -> bool:
        """Does it belong to the reverse sweep, or to one of a derivative taken inside?"""
        return self.loop.reverse or op.reverse or op.derived

    def is_outer_row(self, value: Value) -> bool:
        """Is this row number `index` of an array from outside?"""
        made = self.makers.get(value)
        return is_read(made) and made.args[1] is self.loop.index and rank(made.args[0]) == 2 \
            and made.args[0] not in self.inside and rank(value) == 1

    def length(self, vector: Value) -> Atom | None:
        """How long a vector in the loop is, told before it: a number, or the length of an array from outside."""
        kind = vector.kind
        assert isinstance(kind, Num)
        assert kind.shape
        dim = kind.shape[0]
        if isinstance(dim, int):
            return Const(dim)
        outside = (v for op in self.makers.values() for v in operands(op) if v not in self.inside)
        of = next((v for v in outside if dim in (getattr(v.kind, "shape", None) or ())), None)
        if dim not in self.lengths and of is not None:
            assert isinstance(of.kind, Num)
            assert of.kind.shape
            shape = self.before.emit(getattr, of, Const("shape"), kind=Shape(of.kind.shape))
            self.lengths[dim] = self.before.emit(operator.getitem, shape, Const(of.kind.shape.index(dim)),
                                                 kind=replace(INT, length=dim))
        return self.lengths.get(dim)

    def whole_kind(self, row: Value) -> Num:
        """What all such rows are together."""
        length, kind = times_through(self.loop), row.kind
        assert length is not None
        assert isinstance(kind, Num)
        return Num(kind.dtype, (length, *(kind.shape or ())))

    def emit(self, like: Op, fn: object, *args: object, kind: Num) -> Value:
        """An op before the loop."""
        spelling = "attr" if fn is np.transpose else ""
        return self.before.emit(fn, *args, kind=kind, origin=like.origin, spelling=spelling,    # type: ignore[arg-type]
                                stopped=like.stopped, reverse=like.reverse)


class _Ahead(InLoop):
    """`trails`: how many entries each has."""

    def __init__(self, loop: Loop, trails: dict[Value, Dim | None], forward: bool) -> None:
        super().__init__(loop, forward)
        self.trails = trails
        self.all_rows: dict[Value, Value] = {}
        self.cut: set[Value] = set()        # of which there may be fewer rows than the loop reads
        self.products: dict[Value, Value] = {}      # what was a product in the loop → all of them

    def run(self) -> list[Stmt]:
        """The products, to stand before the loop; in it, their rows are read."""
        handed = set(block_outputs(self.loop.body, self.loop))
        for op in list(self.makers.values()):
            if is_matrix_product(op) and op.result not in handed and self.may_keep(op):
                self.take_out(op)
        if self.products:
            self.add_ahead()
        read = {*count_uses(self.loop.body), *handed} if self.all_rows else handed
        gone = [self.makers[row] for row in self.all_rows if row not in read]
        self.loop.body.ops = [stmt for stmt in self.loop.body.ops if stmt not in gone]
        return self.before.ops

    def take_out(self, op: Op) -> None:
        """Make a product of a row and a matrix that does not change a row of a product."""
        found = row_and_matrix(op, self.inside, self.makers)
        if found is None or not self.is_row(found[0]):
            return
        row, matrix, turned = found
        rows = self.rows(row)
        if turned:
            matrix = self.emit(op, np.transpose, matrix, kind=Num(matrix.kind.dtype, matrix.kind.shape[::-1]))
        products = self.emit(op, operator.matmul, rows, matrix, kind=self.whole_kind(op.result))
        products.hint = "products"
        self.read_row(op, products)
        if rows not in self.cut:
            self.products[op.result] = products

    def add_ahead(self) -> None:
        """Add up ahead of the loop, too, what stands there of a sum."""
        uses = count_uses(Block([], [self.loop]))       # what is kept is read, too
        sums = {op.result: op for op in self.makers.values() if is_addition(op) and len(op.args) == 2
                and not op.kwargs and rank(op.result) == 1}
        inner = {arg for op in sums.values() for arg in op.args
                 if isinstance(arg, Value) and arg in sums and uses[arg] == 1 and arg.kind == op.result.kind}

        for total, op in sums.items():
            if total not in inner:
                self.regroup(op, sums, inner, uses)

    def regroup(self, op: Op, sums: dict[Value, Op], inner: set[Value], uses: Counter[Value]) -> None:
        """Put what is known ahead of the loop first in a sum, as one row."""
        terms, gone = list[Any](), list[Op]()

        def take(total: Op) -> None:
            for arg in total.args:
                if isinstance(arg, Value) and arg in inner:
                    gone.append(sums[arg])
                    take(sums[arg])
                else:
                    terms.append(arg)

        take(op)
        vectors = [term for term in terms if isinstance(term, Value) and is_as_long(term, op.result)]
        products = [term for term in vectors if term in self.products and uses[term] == 1]
        others = [term for term in vectors if term not in self.inside]
        if not products or len(products) + len(others) < 2:
            return
        total = self.products[products[0]]
        for term in (*products[1:], *others):
            total = self.emit(op, operator.add, total, self.products.get(term, term), kind=self.whole_kind(op.result))
            total.hint = "products"
        gone += [self.makers[term] for term in products[1:]]
        rest = [term for term in terms if not any(term is known for known in (*products, *others))]
        if rest:
            self.read_row(self.makers[products[0]], total)
            added, now = Block(), products[0]
            for term in rest[:-1]:
                now = added.emit(operator.add, now, term, kind=op.result.kind, origin=op.origin, stopped=op.stopped,
                                 reverse=op.reverse, derived=op.derived)
            op.args = now, rest[-1]
            at = self.loop.body.ops.index(op)
            self.loop.body.ops[at:at] = added.ops
        else:
            gone.append(self.makers[products[0]])
            self.read_row(op, total)
        self.loop.body.ops = [stmt for stmt in self.loop.body.ops if stmt not in gone]

    def is_row(self, atom: Atom) -> bool:
        """Is this row number `index` of an array from outside, or of a trail, or a multiple of one?"""
        made = self.makers.get(atom) if isinstance(atom, Value) else None
        if made is None or rank(atom) != 1:
            return False
        if is_product(made) and self.is_derivative(made):
            return number(made.args[0]) is not None and self.is_row(made.args[1]) \
                and made.args[1].kind == made.result.kind
        if not is_read(made) or made.args[1] is not self.loop.index or made.args[0] in self.inside:
            return False
        of = made.args[0]
        return rank(of) == 2 or self.is_derivative(made) and isinstance(of.kind, Seq) \
            and of.kind.elem == made.result.kind and self.trails.get(of) == times_through(self.loop)

    def rows(self, row: Value) -> Value:
        """All such rows, as they are in the iterations."""
        if row in self.all_rows:
            return self.all_rows[row]
        made, whole = self.makers[row], self.whole_kind(row)
        of = made.args[0]
        if is_product(made):
            found = self.emit(made, operator.mul, of, self.rows(made.args[1]), kind=whole)
            self.cut |= {found} if self.rows(made.args[1]) in self.cut else set()
        elif isinstance(of.kind, Seq):
            found = self.emit(made, np.array, of, kind=whole)
        elif isinstance(of.kind, Num) and of.kind.shape is not None and of.kind.shape[0] == times_through(self.loop):
            found = of
        else:       # a row that is not there is missed in the products as well
            first = Slice(Const(None), self.loop.stop, Const(None))
            found = self.emit(made, operator.getitem, of, first, kind=whole)
            self.cut.add(found)
        if self.is_derivative(made) and found is not of:
            found.hint = f"{row.hint}_trail" if row.hint else ""
            self.read_row(made, found)
        self.all_rows[row] = found
        return found

    def read_row(self, op: Op, rows: Value) -> None:
        op.fn, op.args, op.spelling = operator.getitem, (rows, self.loop.index), ""


def is_as_long(term: Atom, total: Value) -> bool:
    """Is an operand of the shape and the dtype of a sum?"""
    found, whole = num(term), num(total)
    return found is not None and whole is not None and alike(found.shape, whole.shape) \
        and (found.dtype, found.form) == (whole.dtype, whole.form)


def rank(atom: Atom) -> int | None:
    kind = atom.kind if isinstance(atom, Value) else None
    return len(kind.shape) if isinstance(kind, Num) and kind.shape is not None and kind.real else None


def row_and_matrix(op: Op, inside: set[Value], makers: dict[Value, Op]) -> tuple[Any, Any, bool] | None:
    """The vector that a product in a loop has, and the matrix from outside, which stands `turned` beside many rows."""
    if len(op.args) != 2 or op.kwargs:
        return None
    left, right = op.args
    turned = rank(left) == 2
    row, matrix = (right, left) if turned else (left, right)
    if rank(matrix) != 2 or rank(row) != 1:
        return None
    if matrix in inside:
        made = makers.get(matrix)
        if not is_transpose(made) or len(made.args) > 1 or made.kwargs or rank(made.args[0]) != 2 \
                or made.args[0] in inside:
            return None
        turned, matrix = not turned, made.args[0]
    return row, matrix, turned


def joined(op: Op | None) -> tuple[Value, ...]:
    """The vectors of one dtype that an op puts together."""
    if op is None or op.fn is not np.concatenate or op.kwargs or len(op.args) != 1 or op.effect \
            or not isinstance(op.args[0], (tuple, list)):
        return ()
    parts, kind = tuple(op.args[0]), num(op.result)
    kinds = [num(part) for part in parts if isinstance(part, Value) and rank(part) == 1]
    alike = kind is not None and [k.dtype for k in kinds if k is not None] == [kind.dtype] * len(parts)
    return parts if alike else ()
