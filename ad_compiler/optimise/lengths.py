"""Lengths of axes renamed throughout a function, and what they tell of loops.

>>> from ad_compiler.ir import Block
>>> n, m = Sym("n"), Sym("m")
>>> canonical(plus(n, 1), {n: m})
Sym(('plus', (Sym(m),), 1))
>>> x = Value("x", Num("float64", (n, 3)))
>>> rename_lengths(Func("f", [x], Block()), {n: m})
>>> x.kind.shape
(Sym(m), 3)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ad_compiler.ir import Func, Loop, Value, blocks_of, definitions, walk
from ad_compiler.kinds import Dim, Kind, Num, Seq, Shape, Sym
from ad_compiler.optimise.facts import number
from ad_compiler.rules.dims import at_most, minus, over, plus, times

Same = dict[Dim, Dim]


def rename_lengths(func: Func, same: Same) -> None:
    """Give lengths the names of those that they are equal to."""
    for value in _values(func):
        kind = _renamed(value.kind, same)
        if kind != value.kind:
            value.kind, value.once = kind, None     # what is made of it is to be looked at again


def canonical(dim: Dim, same: Same) -> Dim:
    """A length by the names that are left."""
    if isinstance(dim, int):
        return dim
    if dim in same:
        return canonical(same[dim], same)
    key = dim.key
    if not isinstance(key, tuple):
        return dim
    parts = tuple(_part(part, same) for part in key[1:])
    if parts == key[1:]:
        return dim
    make = {"minus": minus, "over": over, "min": at_most}.get(key[0])
    if make is not None:
        return make(*parts)
    if key[0] == "broadcast" and len(set(parts)) == 1:
        return parts[0]     # type: ignore[no-any-return]
    if key[0] in ("plus", "times"):
        return (plus if key[0] == "plus" else times)(*parts[0], parts[1])
    return Sym((key[0], *parts), dim.not_one)


def _part(part: Any, same: Same) -> Any:
    if isinstance(part, Sym):
        return canonical(part, same)
    return tuple(_part(p, same) for p in part) if isinstance(part, tuple) else part


def _renamed(kind: Kind, same: Same) -> Kind:
    if isinstance(kind, Num):
        length = kind.length if kind.length is None else canonical(kind.length, same)
        return replace(kind, shape=None if kind.shape is None else tuple(canonical(d, same) for d in kind.shape),
                       length=length)
    if isinstance(kind, Shape):
        return Shape(tuple(canonical(d, same) for d in kind.dims))
    if isinstance(kind, Seq):
        return Seq(_renamed(kind.elem, same), kind.length if kind.length is None else canonical(kind.length, same))
    return kind


def _values(func: Func) -> Iterator[Value]:
    """All values."""
    yield from func.params
    yield from func.refs
    for stmt in walk(func.body):
        yield from definitions(stmt)
        if isinstance(stmt, Loop) and stmt.index is not None:
            yield stmt.index
        for inner in blocks_of(stmt):
            yield from inner.params


def times_through(loop: Loop) -> Dim | None:
    """How often a loop over `range(n)` runs, where that is a length, or a number."""
    if loop.index is None or number(loop.start) != 0 or number(loop.step) != 1:
        return None
    kind = loop.stop.kind if isinstance(loop.stop, Value) else None
    return kind.length if isinstance(kind, Num) else number(loop.stop)


def entries(func: Func) -> dict[Value, Dim | None]:
    """How many entries each trail has; of other lists that is not known: a loop may read a part of one."""
    return {trail: times_through(stmt) for stmt in walk(func.body) if isinstance(stmt, Loop) and stmt.leave is None
            for _, trail in stmt.trails}


def is_certain_to_run(loop: Loop) -> bool:
    """Does a loop over `range(n)` go through an iteration, whatever the call: as often as a caller's array is long?"""
    length = times_through(loop)
    if isinstance(length, Sym):
        return length.not_one and isinstance(length.key, str) and "." in length.key     # of others the key says so
    return length is not None and length > 0
