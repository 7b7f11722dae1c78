"""What is added to zeros, at places that nothing else touches, is stored there.

>>> from ad_compiler.ir import Func, show
>>> kind, half, block = Num("float64", (4,)), Num("float64", (2,)), Block()
>>> u, v = Value("u", half), Value("v", half)
>>> now = block.emit(np.zeros, Const(4), kind=kind, reverse=True)
>>> for start, part in ((0, u), (2, v)):
...     at = Slice(Const(start), Const(start + 2), Const(None))
...     now = block.emit(runtime.index_add, now, at, part, kind=kind, hint="z_bar", reverse=True)
>>> block.results = [now]
>>> print(show(store_apart(Func("f", [u, v], block))))
def f(u, v):
    t = empty(4)
    z_bar = index_set(t, 0:2:, u)
    z_bar_2 = index_set(z_bar, 2:4:, v)
    return z_bar_2
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np

from ad_compiler import runtime
from ad_compiler.ir import Arg, Block, Const, Func, Op, Slice, Value, blocks_of
from ad_compiler.kinds import Num
from ad_compiler.optimise.facts import STORES, count_uses


def store_apart(func: Func) -> Func:
    """Turn sums into stores, in the reverse sweep."""
    _visit(func.body, count_uses(func.body))
    return func


def _visit(block: Block, uses: Counter[Value]) -> None:
    begun: dict[Value, tuple[Op, list[tuple[int, int]]]] = {}       # what stands in zeros so far: the zeros, where
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            _visit(inner, uses)
        if not isinstance(stmt, Op) or not stmt.reverse or len(stmt.results) != 1 or not _is_vector(stmt.result):
            continue
        if stmt.fn in (np.zeros, np.zeros_like):
            begun[stmt.result] = stmt, []
        elif stmt.fn in STORES and stmt.args[0] in begun and uses[stmt.args[0]] == 1:
            place = _place(stmt)
            zeros, taken = begun.pop(stmt.args[0])
            if place is None or any(place[0] < stop and start < place[1] for start, stop in taken):
                continue
            stmt.fn = runtime.index_set
            taken = sorted([*taken, place])
            begun[stmt.result] = zeros, taken
            length = zeros.result.kind.shape[0]     # type: ignore[union-attr, index]
            if isinstance(length, int):
                zeros.args, zeros.kwargs = (Const(length),), {}
                whole = taken[0][0] == 0 and taken[-1][1] == length and all(a[1] == b[0] for a, b in pairwise(taken))
                zeros.fn = np.empty if whole else np.zeros


def _is_vector(value: Value) -> bool:
    kind = value.kind
    return isinstance(kind, Num) and kind.dtype == "float64" and kind.shape is not None and len(kind.shape) == 1


def _place(op: Op) -> tuple[int, int] | None:
    """Where a store goes, and that what is stored fills it."""
    at: Arg = op.args[1]
    value = op.args[2]
    if not isinstance(at, Slice) or not all(isinstance(p, Const) for p in (at.start, at.stop, at.step)):
        return None
    start, stop, step = (p.value for p in (at.start, at.stop, at.step) if isinstance(p, Const))
    if type(stop) is not int or start is not None and type(start) is not int or step not in (None, 1):
        return None
    start = start or 0
    kind = value.kind if isinstance(value, Value) else None
    if not 0 <= start < stop or not isinstance(kind, Num) or kind.shape != (stop - start,):
        return None
    return start, stop
