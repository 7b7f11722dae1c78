"""Slices of a vector that lie side by side and go through the same functions go through them together.

The gates of a recurrent network: of `z[0:2]` and `z[2:5]`, of each `np.exp(-…)`, is made `np.exp(-z[0:5])`, which is
then cut in two.  Each element is what it was; there are fewer calls, forwards and backwards.

>>> import operator
>>> from ad_compiler.ir import Func, show
>>> z, block = Value("z", Num("float64", (5,))), Block()
>>> ends = []
>>> for a, b in ((0, 2), (2, 5)):
...     piece = block.emit(operator.getitem, z, Slice(Const(a), Const(b), Const(None)), kind=Num("float64", (b - a,)))
...     n = block.emit(operator.neg, piece, kind=piece.kind)
...     ends.append(block.emit(np.exp, n, kind=n.kind))
>>> block.results = [tuple(ends)]
>>> together(block)
>>> print(show(Func("f", [z], block)))
def f(z):
    t = getitem(z, 0:5:)
    t_2 = neg(t)
    t_3 = exp(t_2)
    t_4 = getitem(t_3, 0:2:)
    t_5 = getitem(t_3, 2:5:)
    return (t_4, t_5)
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np

from ad_compiler.ir import Block, Const, Op, Slice, Value, block_outputs, blocks_of, operands, walk
from ad_compiler.kinds import Num
from ad_compiler.ops import is_elementwise, is_read

SHORTEST = 2
"""So many functions in a row must be shared to make up for the cuts."""


class Piece(NamedTuple):
    """A slice, and what is made of it by functions of it and of constants."""

    cut: Op
    start: int
    stop: int
    chain: list[Op]


def together(block: Block) -> None:
    """Merge what is alike, throughout a block."""
    stmts = walk(block)
    if sum(is_read(stmt) and _cut(stmt) is not None for stmt in stmts) < 2:
        return
    uses: Counter[Value] = Counter(block_outputs(block))
    for stmt in stmts:
        uses.update(operands(stmt))
        for inner in blocks_of(stmt):
            uses.update(block_outputs(inner, stmt))
    _visit(block, uses)


def _visit(block: Block, uses: Counter[Value]) -> None:
    for stmt in block.ops:
        for inner in blocks_of(stmt):
            _visit(inner, uses)
    readers: dict[Value, Op] = {}
    for stmt in block.ops:
        if isinstance(stmt, Op):
            readers.update(dict.fromkeys(operands(stmt), stmt))
    by_base: dict[Value, list[Piece]] = {}
    for stmt in block.ops:
        piece = _piece(stmt, readers, uses) if isinstance(stmt, Op) else None
        if piece is not None:
            by_base.setdefault(piece.cut.args[0], []).append(piece)
    for pieces in by_base.values():
        pieces.sort(key=lambda p: p.start)
        while pieces:
            run = [pieces.pop(0)]
            while pieces and pieces[0].start == run[-1].stop and _common([*run, pieces[0]]) >= SHORTEST:
                run.append(pieces.pop(0))
            if len(run) > 1:
                _merge(block, run, _common(run))


def _piece(op: Op, readers: dict[Value, Op], uses: Counter[Value]) -> Piece | None:
    bounds = _cut(op) if is_read(op) and not op.stopped and not op.effect else None
    if bounds is None:
        return None
    start, stop = bounds
    kind = op.result.kind
    chain: list[Op] = []
    now = op.result
    while uses[now] == 1 and now in readers:
        reader = readers[now]
        if not is_elementwise(reader) or reader.kwargs or reader.stopped or reader.effect or len(reader.results) != 1 \
                or not all(a is now or isinstance(a, Const) and np.ndim(a.value) == 0 for a in reader.args) \
                or reader.result.kind != kind:
            break
        chain.append(reader)
        now = reader.result
    return Piece(op, start, stop, chain) if chain else None


def _cut(op: Op) -> tuple[int, int] | None:
    """The bounds of a slice of a vector of floats, where they are known and it is as long as they say."""
    base, at = op.args
    if isinstance(at, Const) and isinstance(at.value, slice):
        at = Slice(Const(at.value.start), Const(at.value.stop), Const(at.value.step))
    if not isinstance(at, Slice) or not isinstance(base, Value) or not _is_vector(base):
        return None
    bounds = [p.value if isinstance(p, Const) else "?" for p in (at.start, at.stop, at.step)]
    start, stop = bounds[0] or 0, bounds[1]
    if bounds[2] not in (None, 1) or type(start) is not int or type(stop) is not int or not 0 <= start < stop:
        return None
    kind = op.result.kind
    fits = isinstance(kind, Num) and kind.shape == (stop - start,) and kind.dtype == "float64"
    return (start, stop) if fits else None      # else it may be cut short


def _is_vector(value: Value) -> bool:
    return isinstance(value.kind, Num) and value.kind.shape is not None and len(value.kind.shape) == 1


def _key(op: Op) -> Hashable:
    return op.fn, tuple(repr(a.value) if isinstance(a, Const) else "it" for a in op.args)


def _common(pieces: list[Piece]) -> int:
    """How many functions pieces share, from the cut on."""
    count = 0
    for ops in zip(*(p.chain for p in pieces), strict=False):
        if len({_key(op) for op in ops}) > 1:
            break
        count += 1
    return count


def _merge(block: Block, run: list[Piece], length: int) -> None:
    first = run[0]
    start, stop = first.start, run[-1].stop
    kind = Num("float64", (stop - start,))

    def like(op: Op, *args: Any) -> Value:
        value = Value("", kind)
        made.append(Op(op.fn, args, {}, [value], op.origin, op.spelling))
        return value

    made: list[Op] = []
    now = like(first.cut, first.cut.args[0], Slice(Const(start), Const(stop), Const(None)))
    for op in first.chain[:length]:
        now = like(op, *(a if isinstance(a, Const) else now for a in op.args))
    for piece in run:
        end = piece.chain[length - 1]
        index = Slice(Const(piece.start - start), Const(piece.stop - start), Const(None))
        made.append(Op(operator.getitem, (now, index), {}, [end.result], piece.cut.origin))
    gone = {op for piece in run for op in (piece.cut, *piece.chain[:length])}
    at = min(block.ops.index(piece.cut) for piece in run)
    block.ops[at:at] = made
    block.ops = [op for op in block.ops if op not in gone]
