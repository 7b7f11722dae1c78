"""A cotangent that is put together in zeros and then added to a part of another is added there directly.

>>> import operator
>>> import numpy as np
>>> from collections import Counter
>>> from ad_compiler.ir import Block, Func, show
>>> from ad_compiler.kinds import Sym
>>> from ad_compiler.optimise.simplify import simplify
>>> block, kind = Block(), Num("float64", (Sym("n", True), Sym("m", True)))
>>> a_bar, g, i = Value("a_bar", kind), Value("g", Num("float64", (), "np")), Value("i", Num("int64", (), "py"))
>>> row = block.emit(operator.getitem, a_bar, i, kind=Num("float64", (Sym("m", True),)))
>>> zeros = block.emit(np.zeros_like, row, kind=row.kind, reverse=True)
>>> row_bar = block.emit(runtime.index_add, zeros, Const(1), g, kind=row.kind, hint="row_bar", reverse=True)
>>> block.results = [block.emit(runtime.index_add, a_bar, i, row_bar, kind=kind, hint="a_bar", reverse=True)]
>>> print(show(simplify(Func("f", [a_bar, g, i], block))).splitlines()[-2])
    a_bar_2 = index_add(a_bar, (i, 1), g)

So it is with lists of lists, which the loops of a gradient keep: `xs_bar[i][j] += g`, not a list for each `j`.
"""

from __future__ import annotations

from ad_compiler import runtime
from ad_compiler.analyse.chains import region_kind
from ad_compiler.indices import parts_of
from ad_compiler.ir import Arg, Atom, Const, Op, Slice, Value
from ad_compiler.kinds import Num, Seq
from ad_compiler.ops import is_addition, is_overwrite, is_store, is_zeros
from ad_compiler.optimise.facts import alike, num
from ad_compiler.optimise.rewrite import Answer, Call, Context
from ad_compiler.read.memory.views import composed

Piece = tuple[Arg | None, Arg]
"""An index into the part (None for all of it), and what is added there."""

Addend = tuple[tuple[Arg, ...], Arg]
"""The indices of an item of a list of lists, and what is added to it."""


def scatter(op: Op, see: Context) -> Answer:
    """`index_add(a, i, v)` where `v` is zeros with something added here and there."""
    a, index, v = op.args
    found = pieces(v, see)
    if found is None or num(op.result) is None or not fills(op):
        return None
    places = [index if at is None else composed(index, at, inside=True) for at, _ in found]
    if any(place is None for place in places):
        return None
    if not found:
        return a        # type: ignore[no-any-return]
    for place, (_, g) in list(zip(places, found, strict=True))[:-1]:
        total = see.emit(op, runtime.index_add, (a, place, g), op.result.kind)      # type: ignore[arg-type]
        total.hint = op.result.hint
        a = total
    return Call(runtime.index_add, (a, places[-1], found[-1][1]))


def fills(op: Op) -> bool:
    """Has what is added the shape of the part, so that nothing of it is stretched?"""
    part, v = region_kind(op), num(op.args[2])
    return isinstance(part, Num) and v is not None and alike(part.shape, v.shape)


def pieces(v: Arg, see: Context) -> list[Piece] | None:
    """What a cotangent is put together of; None where it is not made in zeros."""
    maker = see.makers.get(v) if isinstance(v, Value) else None
    if maker is None or not maker.reverse or maker.stopped or not see.once(v):
        return None
    if is_zeros(maker):
        return []
    if is_store(maker):
        before = pieces(maker.args[0], see)
        if before is None or before and is_overwrite(maker):
            return None
        return [*before, (maker.args[1], maker.args[2])]
    if is_addition(maker) and len(maker.args) == 2:
        sides = [pieces(arg, see) for arg in maker.args]
        if sides == [None, None] or any(not same_shape(arg, v) for arg in maker.args):
            return None
        return [piece for side, arg in zip(sides, maker.args, strict=True)
                for piece in ([(None, arg)] if side is None else side)]
    return None


def scatter_in_list(op: Op, see: Context) -> Answer:
    """`list_add(bars, i, v)` where `v` is a list of zeros with something added here and there."""
    bars, at, v = op.args
    part = isinstance(parts_of(at)[-1], (Slice, slice))     # a list of its own: nothing is added in it to another
    found = None if part else list_pieces(v, see)
    return None if found is None else added(op, bars, [((*parts_of(at), *path), g) for path, g in found], see)


def add_in_list(op: Op, see: Context) -> Answer:
    """`add_lists(a, b)`, where one of the two is such a list."""
    for whole, part in (op.args, op.args[::-1]):
        found = list_pieces(part, see)
        if found is not None and all(path for path, _ in found):
            return added(op, whole, found, see)
    return None


def added(op: Op, bars: Atom, found: list[Addend], see: Context) -> Answer:
    """A list with something added at some places."""
    if not found:
        return bars
    for path, g in found[:-1]:
        bars = see.emit(op, runtime.list_add, (bars, index_of(path), g), op.result.kind)    # type: ignore[arg-type]
        bars.hint = op.result.hint
    return Call(runtime.list_add, (bars, index_of(found[-1][0]), found[-1][1]))


def list_pieces(v: Arg, see: Context) -> list[Addend] | None:
    """What is added where in a list of zeros; None where it is none, or not for this alone."""
    maker = see.makers.get(v) if isinstance(v, Value) and isinstance(v.kind, Seq) else None
    if maker is None or not maker.reverse or maker.stopped or not see.once(v):
        return None
    if is_zeros(maker):
        return []
    if maker.fn is runtime.list_add:
        before = list_pieces(maker.args[0], see)
        return None if before is None else [*before, (parts_of(maker.args[1]), maker.args[2])]
    if maker.fn is runtime.add_lists:
        sides = [list_pieces(arg, see) for arg in maker.args]
        return None if sides == [None, None] else [piece for side, arg in zip(sides, maker.args, strict=True)
                                                   for piece in ([((), arg)] if side is None else side)]
    return None


def index_of(path: tuple[Arg, ...]) -> Arg:
    """The same as an index: of a list right here, a number."""
    return path[0] if len(path) == 1 else path


def same_shape(a: Arg, b: Arg) -> bool:
    """Have two values one shape?"""
    x, y = (num(v) if isinstance(v, (Value, Const)) else None for v in (a, b))
    return isinstance(x, Num) and isinstance(y, Num) and x.shape is not None and x.shape == y.shape
