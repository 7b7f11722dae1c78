"""Lists as indices, and masks of several axes, become arrays of integers: Numba has no others.

>>> from ad_compiler.ir import show
>>> from ad_compiler.kinds import Sym
>>> x, block = Value("x", Num("float64", (Sym("x.0", True), Sym("x.1", True)))), Block()
>>> mask = Value("m", Num("bool", x.kind.shape))
>>> rows = block.emit(operator.getitem, x, [Const(0), Const(2)], kind=Num("float64", (2, Sym("x.1", True))))
>>> block.results = [block.emit(runtime.index_set, x, mask, Const(0.0), kind=x.kind), rows]
>>> print(show(index_arrays(Func("f", [x, mask], block))))
def f(x, m):
    at = array([0, 2])
    t = getitem(x, at)
    rows, columns = nonzero(m)
    t_2 = index_set(x, (rows, columns), 0.0)
    return t_2, t
"""

from __future__ import annotations

import operator
from collections.abc import Hashable
from dataclasses import replace

import numpy as np

from ad_compiler import runtime
from ad_compiler.indices import is_integer, is_mask, parts_of
from ad_compiler.ir import Arg, Atom, Block, Const, Func, Op, Stmt, Value, blocks_of, walk
from ad_compiler.kinds import INT, Dim, Num, Shape
from ad_compiler.loops.views import rank, shape_of
from ad_compiler.ops import traits
from ad_compiler.optimise.picked import picked
from ad_compiler.rules.dims import unknown

Places = dict[Hashable, tuple[Value, ...]]
"""The arrays of integers that there are already, by mask or by numbers."""


def index_arrays(func: Func) -> Func:
    """Spell out such indices throughout."""
    lengths: dict[Value, Dim] = {}
    for stmt in walk(func.body):
        found = picked(stmt) if isinstance(stmt, Op) and stmt.args else None
        if found is not None:
            lengths.setdefault(*found)
    _visit(func.body, {}, lengths)
    return func


def _visit(block: Block, places: Places, lengths: dict[Value, Dim]) -> None:
    places, ops = dict(places), list[Stmt]()
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            _visit(inner, places, lengths)
        if isinstance(stmt, Op) and traits(stmt).access not in ("", "attribute") and len(stmt.args) > 1:
            _Writer(stmt, ops, places, lengths).write()
        ops.append(stmt)
    block.ops = ops


class _Writer:
    """Changes the index of one op; what that takes is written to `out`."""

    def __init__(self, op: Op, out: list[Stmt], places: Places, lengths: dict[Value, Dim]) -> None:
        self.op, self.out, self.places, self.lengths = op, out, places, lengths

    def write(self) -> None:
        op, of = self.op, self.op.args[0]
        if not isinstance(of, Value) or not isinstance(of.kind, (Num, Shape)) \
                or isinstance(of.kind, Shape) and traits(op).access != "last":
            return
        items = parts_of(op.args[1])
        if not any(isinstance(item, list) or _is_wide(item) for item in items):
            return
        done: list[Arg] = []
        for item in items:
            if isinstance(item, list) and len(item) == 1 and is_integer(item[0]) and any(
                    _is_wide(i) or isinstance(i, Value) and rank(i) for i in items):
                done.append(item[0])        # is stretched to as many as the others pick
            elif isinstance(item, list) and all(is_integer(part) for part in item):
                done.append(self._array(item))
            elif isinstance(item, Value) and _is_wide(item) and not any(
                    isinstance(i, Const) and (i.value is None or i.value is Ellipsis) for i in items):
                done += self._positions(item, len(done))
            else:
                done.append(item)
        op.args = (of, done[0] if len(done) == 1 else tuple(done), *op.args[2:])

    def _emit(self, op: Op) -> Op:
        self.out.append(replace(op, origin=self.op.origin, reverse=self.op.reverse))
        return op

    def _array(self, numbers: list[Arg]) -> Value:
        key = tuple(n.value if isinstance(n, Const) else n for n in numbers)
        if key in self.places:
            return self.places[key][0]
        result = Value("at", Num("int64", (len(numbers),)))
        self.places[key] = (result,)
        if numbers:
            self._emit(Op(np.array, (numbers,), {}, [result]))
        else:
            self._emit(Op(np.empty, (Const(0),), {"dtype": Const(np.int64)}, [result]))
        return result

    def _positions(self, mask: Value, axis: int) -> tuple[Value, ...]:
        """Where a mask of several axes is true, for each axis."""
        of = self.op.args[0]
        whole = of.kind.dims if isinstance(of.kind, Shape) else shape_of(of)
        for at, (own, dim) in enumerate(zip(shape_of(mask), whole[axis:], strict=False)):
            if own != dim and traits(self.op).access != "last":
                self._emit(Op(runtime.check_mask, (self._length(mask, at), self._length(of, axis + at)),
                              effect=True))
        if mask not in self.places:
            dim = self.lengths.get(mask) or unknown()
            names = ("rows", "columns") if rank(mask) == 2 else ("at",) * len(shape_of(mask))
            self.places[mask] = tuple(Value(name, Num("int64", (dim,))) for name in names)
            self._emit(Op(np.nonzero, (mask,), {}, list(self.places[mask])))
        return self.places[mask]

    def _length(self, of: Value, axis: int) -> Atom:
        """The length of an axis."""
        dims = shape_of(of)
        if isinstance(dims[axis], int):
            return Const(dims[axis])
        shape, length = Value("", Shape(dims)), Value("", replace(INT, length=dims[axis]))
        self._emit(Op(getattr, (of, Const("shape")), {}, [shape]))
        self._emit(Op(operator.getitem, (shape, Const(axis)), {}, [length]))
        return length


def _is_wide(arg: Arg) -> bool:
    """Is this a mask of several axes?"""
    return is_mask(arg) and (rank(arg) or 0) > 1
