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
from ad_compiler.indices import is_colon, parts_of
from ad_compiler.ir import Arg, Block, Const, Func, Op, Slice, Value, blocks_in, walk
from ad_compiler.kinds import Num
from ad_compiler.ops import is_like, is_store, is_zeros
from ad_compiler.optimise.facts import count_uses, kind
from ad_compiler.rules.dims import sliced

END = float("inf")
Place = tuple[float, float]
"""From where to where along the axis."""


def store_apart(func: Func) -> Func:
    """Turn sums into stores, in the reverse sweep, also in one of a derivative taken inside."""
    if any(map(is_zeros, walk(func.body))):
        _visit(func.body, count_uses(func.body))
    return func


def _visit(block: Block, uses: Counter[Value]) -> None:
    begun: dict[Value, tuple[Op, int, list[Place]]] = {}    # what stands in zeros so far: the zeros, along which axis
    for inner in blocks_in(block.ops):
        _visit(inner, uses)
    for stmt in block.ops:
        if not isinstance(stmt, Op) or not (stmt.reverse or stmt.derived) or len(stmt.results) != 1:
            continue
        if is_zeros(stmt):
            begun[stmt.result] = stmt, -1, []
        elif is_store(stmt) and stmt.args[0] in begun and uses[stmt.args[0]] == 1:
            zeros, axis, taken = begun.pop(stmt.args[0])
            found = _place(stmt)
            if found is None or taken and axis != found[0]:
                continue
            axis, (start, stop) = found
            if any(start < end and begin < stop for begin, end in taken):
                continue
            stmt.fn = runtime.index_set
            taken = sorted([*taken, (start, stop)])
            begun[stmt.result] = zeros, axis, taken
            _without_zeros(zeros, _covers(taken, zeros, axis))


def _without_zeros(zeros: Op, whole: bool) -> None:
    """An array of which all is overwritten, or not; of known lengths, it is not made like another."""
    shape, sized = zeros.result.kind.shape, not is_like(zeros)      # type: ignore[union-attr]
    if shape and zeros.result.kind.dtype == "float64" and all(isinstance(dim, int) for dim in shape):   # type: ignore[union-attr]
        zeros.args, zeros.kwargs, sized = (Const(shape[0]) if len(shape) == 1 else tuple(map(Const, shape)),), {}, True
    zeros.fn = (np.empty if sized else np.empty_like) if whole else np.zeros if sized else np.zeros_like


def _covers(taken: list[Place], zeros: Op, axis: int) -> bool:
    """Is nothing left of the zeros?"""
    of = zeros.result.kind
    assert isinstance(of, Num)
    assert of.shape is not None
    length = of.shape[axis]
    return taken[0][0] == 0 and taken[-1][1] in (END, length) and all(a[1] == b[0] for a, b in pairwise(taken))


def _place(op: Op) -> tuple[int, Place] | None:
    """Along which axis something is stored, and where, if it fills that place: other axes are stored into whole."""
    base, at, value = op.args
    items: tuple[Arg, ...] = parts_of(at)
    parts = [n for n, item in enumerate(items) if not is_colon(item)]
    into, of = kind(base), kind(value)
    if len(parts) != 1 or not isinstance(into, Num) or not isinstance(of, Num) or into.shape is None \
            or into.dtype != of.dtype:
        return None
    axis, part = parts[0], items[parts[0]]
    if not isinstance(part, Slice) or not all(isinstance(p, Const) for p in (part.start, part.stop, part.step)):
        return None
    start, stop, step = (p.value for p in (part.start, part.stop, part.step))       # type: ignore[union-attr]
    start, end = start or 0, END if stop is None else stop
    if step not in (None, 1) or type(start) is not int or stop is not None and type(stop) is not int \
            or not 0 <= start < end:
        return None
    whole = list(into.shape)
    whole[axis] = sliced(whole[axis], start, stop, None)
    return (axis, (start, end)) if of.shape == tuple(whole) else None
