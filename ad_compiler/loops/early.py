"""What the reverse sweep compares of the forward sweep is compared there, and the truth values are kept.

They take an eighth of the memory of the array, which can be written over.

>>> import operator
>>> import numpy as np
>>> from ad_compiler.ir import Const, show
>>> from ad_compiler.kinds import Num, Sym
>>> kind = Num("float64", (Sym("x.0", True),))
>>> x, block = Value("x", kind), Block()
>>> y = block.emit(operator.mul, x, x, kind=kind, hint="y")
>>> z = block.emit(np.maximum, y, Const(1.0), kind=kind, hint="z")
>>> s = block.emit(np.sum, z, kind=Num("float64", (), "np"), hint="s")
>>> c = block.emit(operator.ge, y, Const(1.0), kind=Num("bool", kind.shape), reverse=True, hint="c")
>>> block.results = [(s, block.emit(operator.mul, x, c, kind=kind, reverse=True, hint="x_bar"))]
>>> print(show(compare_early(Func("f", [x], block))))
def f(x):
    y = mul(x, x)
    z = maximum(y, 1.0)
    c = ge(y, 1.0)
    s = sum(z)
    x_bar = mul(x, c)
    return (s, x_bar)
"""

from __future__ import annotations

from ad_compiler.ir import Block, Func, Op, Stmt, Value, blocks_of, free_values, operands, values_in
from ad_compiler.loops.elements import is_map
from ad_compiler.loops.views import dtype_of, rank, shape_of, view_of
from ad_compiler.ops import asks_attribute, is_comparison, is_matrix_product


def compare_early(func: Func) -> Func:
    """Move comparisons of the reverse sweep to where an array is read for the last time otherwise."""
    moves = _Moves(func.body)
    for op in [stmt for stmt in func.body.ops if isinstance(stmt, Op) and moves.is_late(stmt)]:
        before = max((at for x in op.args if (at := moves.place(x, op)) is not None), default=None)
        makers = map(moves.makers.get, operands(op))
        if before is None or before > moves.at[op]:     # in forward mode it may stand before that already
            continue
        if all(moves.at.get(maker, -1) <= before for maker in makers):
            op.reverse = False
            op.result.hint = op.result.hint or "mask"
            func.body.ops.remove(op)
            func.body.ops.insert(func.body.ops.index(moves.ops[before]) + 1, op)
    return func


class _Moves:
    """What is known of the statements of a block, numbered as they stood."""

    def __init__(self, block: Block) -> None:
        self.ops = list(block.ops)
        self.at: dict[Stmt | None, int] = {stmt: n for n, stmt in enumerate(self.ops)}
        self.makers: dict[Value, Stmt] = {v: stmt for stmt in self.ops for v in stmt.results}
        self.readers: dict[Value, list[Stmt]] = {}
        self.returned = set(values_in(block.results))
        for stmt in self.ops:
            for value in {*operands(stmt), *(v for inner in blocks_of(stmt) for v in free_values(inner, stmt))}:
                self.readers.setdefault(value, []).append(stmt)

    def is_late(self, stmt: Stmt) -> bool:
        """Does the reverse sweep compare arrays here?"""
        return isinstance(stmt, Op) and stmt.reverse and is_comparison(stmt) and is_map(stmt)

    def place(self, x: object, op: Op) -> int | None:
        """The last statement that reads an array other than to compare it; None where it must be kept all the same."""
        made = self.makers.get(x) if isinstance(x, Value) else None
        if not isinstance(x, Value) or not isinstance(made, Op) or made.reverse or x in self.returned \
                or shape_of(x) != shape_of(op.result) or not dtype_of(x).startswith("float") \
                or not (is_map(made) and view_of(made) is None or is_matrix_product(made) and rank(x) == 2):
            return None
        others = [r for r in self.readers[x] if not self.is_late(r)]
        if any(r.reverse or not isinstance(r, Op) or view_of(r) is not None or asks_attribute(r) for r in others):
            return None
        return max((self.at[r] for r in others), default=self.at[made])
