"""`x[index]` and stores for a batch: an array of samples is indexed behind their axis, or at each sample's own place.

>>> import operator
>>> from ad_compiler.batch.walk import batched_block
>>> from ad_compiler.ir import Block, Func, show
>>> from ad_compiler.kinds import INT, Num, Sym
>>> n, table, i, block = Sym("n", True), Value("table", Num("float64", (9,))), Value("i", INT), Block()
>>> block.results = [block.emit(operator.getitem, table, i, hint="y", kind=Num("float64", (), "np"))]
>>> places, count = Value("i", Num("int64", (n,))), Value("n", INT)
>>> print(show(Func("f", [table, places, count], batched_block(block, {i: places}, [table], count, n))))
def f(table, i, n):
    y = getitem(table, i)
    return y
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.batch.common import NoForm, rank
from ad_compiler.indices import COLON, is_integer, is_mask, is_none, parts_of
from ad_compiler.ir import Arg, Atom, Const, Op, Slice, Value
from ad_compiler.kinds import INT, Seq, Shape
from ad_compiler.ops import is_increment, is_read, is_store

if TYPE_CHECKING:
    from ad_compiler.batch.facts import Facts

__all__ = ["INT", "Indexing"]


@dataclass
class Picked:
    """What an index does to the axes of one sample: `ndim` axes are left of it, `picks` of them are those of arrays in
    the index, which stand behind `front` others; `apart`: something stands between those arrays.
    """

    parts: list[Arg]
    ndim: int
    picks: int
    front: int
    apart: bool


class Indexing:
    """The part of the walk that reads and writes elements."""

    if TYPE_CHECKING:
        facts: Facts
        samples: Atom
        env: dict[Value, Atom]
        late: set[Op]
        def varies(self, arg: Arg) -> bool: ...
        def get(self, arg: Arg) -> Arg: ...
        def apply(self, fn: Any, *args: Arg, **kwargs: Arg) -> Any: ...
        def lined(self, atom: Arg, ndim: int) -> Arg: ...
        def spread(self, atom: Atom, kind: Any) -> Atom: ...

    def access(self, op: Op) -> Any:
        """A read or a store."""
        of, index = op.args[0], opened(op.args[1])
        if not isinstance(of, Value) or isinstance(of.kind, (Seq, Shape)):
            if not isinstance(of, Value) or not is_read(op) or self.varies(index) or isinstance(of.kind, Shape):
                raise NoForm
            return self.apply(operator.getitem, self.get(of), index)
        if self._masks(index):
            return self._masked(op)
        picked = picked_by(index, rank(of))
        if is_store(op):
            return self._store(op, index, picked)
        found = self._read(of, index, picked)
        return self.apply(np.copy, found) if op in self.late and not self.varies(index) else found

    def _masks(self, index: Arg) -> bool:
        """Does a mask vary?"""
        return any(is_mask(p) and self.varies(p) for p in parts_of(index))

    def _masked(self, op: Op) -> Any:
        """A number stored or added where a mask says so: elsewhere stands what was there."""
        a, mask, v = (*op.args, None)[:3] if is_store(op) else (None, None, None)
        if v is None or isinstance(mask, tuple) or rank(v) != 0:
            raise NoForm
        ndim = rank(a)
        old = self.spread(a, a.kind)
        hit = self.get(mask)
        missing = ndim + 1 - rank(hit)
        hit = self.apply(operator.getitem, hit, (Const(Ellipsis), *[Const(None)] * missing)) if missing > 0 else hit
        new = self.lined(self.get(v), ndim) if self.varies(v) else v
        if is_increment(op):
            return self.apply(operator.add, old, self.apply(np.where, hit, new, Const(0.0)))
        return self.apply(np.where, hit, new, old)

    def _indices(self, picked: Picked) -> list[Arg]:
        """The parts of an index, those that vary with the axis of the samples before those of all arrays in it."""
        return [self.lined(self.get(p), picked.picks) if self.varies(p) else p for p in picked.parts]

    def _numbers(self, picked: Picked) -> Arg:
        """The numbers of the samples, as an index."""
        return self.lined(self.apply(np.arange, self.samples), picked.picks)

    def _read(self, of: Value, index: Arg, picked: Picked) -> Any:
        x = self.get(of)
        if not self.varies(index):
            found = self.apply(operator.getitem, x, (COLON, *parts_of(index)))
            return self.apply(np.moveaxis, found, Const(picked.picks), Const(0)) if picked.apart else found
        if any(varies_in_slice(p, self.varies) for p in picked.parts):
            raise NoForm
        if of not in self.facts.varies:
            parts = trimmed(self._indices(picked))
            found = self.apply(operator.getitem, x, parts[0] if len(parts) == 1 else tuple(parts))
            at = picked.front if not picked.apart else 0
            return self.apply(np.moveaxis, found, Const(at), Const(0)) if at else found
        found = self.apply(operator.getitem, x, (self._numbers(picked), *trimmed(self._indices(picked))))
        if picked.picks and picked.front and not picked.apart:
            here, there = moves(picked)
            return self.apply(np.moveaxis, found, here, there)
        return found

    def _store(self, op: Op, index: Arg, picked: Picked) -> Any:
        a, v = op.args[0], op.args[2]
        base = self.spread(a, a.kind)
        if not self.varies(index):
            whole: Arg = (COLON, *parts_of(index))
            if picked.apart:
                v = self.apply(np.moveaxis, self._whole(v, picked), Const(0), Const(picked.picks))
            elif self.varies(v):
                v = self.lined(self.get(v), picked.ndim)
            return self.apply(op.fn, base, whole, v)
        if any(varies_in_slice(p, self.varies) for p in picked.parts):
            raise NoForm
        whole = (self._numbers(picked), *trimmed(self._indices(picked)))
        if picked.picks and picked.front and not picked.apart:
            here, there = moves(picked)
            v = self.apply(np.moveaxis, self._whole(v, picked), there, here)
        elif self.varies(v):
            v = self.lined(self.get(v), picked.ndim)
        return self.apply(op.fn, base, whole, v)

    def _whole(self, v: Arg, picked: Picked) -> Arg:
        """What is stored, with all the axes that it is stored along."""
        if self.varies(v):
            return self.lined(self.get(v), picked.ndim)
        if rank(v) < picked.ndim:
            raise NoForm
        return self.spread(v, v.kind)


def opened(index: Arg) -> Arg:
    """An index that is known now, as the parts that it is made of."""
    if isinstance(index, Const) and isinstance(index.value, tuple):
        return tuple(opened(Const(part)) for part in index.value)
    if isinstance(index, Const) and isinstance(index.value, slice):
        return Slice(Const(index.value.start), Const(index.value.stop), Const(index.value.step))
    return tuple(map(opened, index)) if isinstance(index, tuple) else index


def moves(picked: Picked) -> tuple[Arg, Arg]:
    """Where the axes of arrays in an index stand when that of the samples is one of them, and where they belong."""
    here = tuple(Const(1 + i) for i in range(picked.picks))
    there = tuple(Const(1 + picked.front + i) for i in range(picked.picks))
    return (here[0], there[0]) if picked.picks == 1 else (here, there)


def trimmed(parts: list[Arg]) -> list[Arg]:
    """An index without the `:` at its end."""
    while len(parts) > 1 and parts[-1] is COLON:
        parts = parts[:-1]
    return parts


def varies_in_slice(part: Arg, varies: Any) -> bool:
    """Does a bound of a slice vary?"""
    return isinstance(part, Slice) and varies(part)


def picked_by(index: Arg, ndim: int) -> Picked:
    """What an index does to an array of so many axes."""
    parts = list(parts_of(index))
    takes = [0 if is_none(p) or _is_dots(p) else rank(p) if is_mask(p) else 1 for p in parts]
    missing = ndim - sum(takes)
    dots = next((i for i, p in enumerate(parts) if _is_dots(p)), len(parts))
    parts[dots:dots + 1] = [COLON] * missing
    arrays = [i for i, p in enumerate(parts) if not isinstance(p, Slice) and not is_none(p)]
    picks = max((_axes_of(parts[i]) for i in arrays), default=0)
    kept = [i for i in range(len(parts)) if i not in arrays]
    if not any(_axes_of(parts[i]) for i in arrays):
        return Picked(parts, len(kept), 0, sum(i < arrays[0] for i in kept) if arrays and together(arrays) else 0,
                      False)
    return Picked(parts, len(kept) + picks, picks, sum(i < arrays[0] for i in kept), not together(arrays))


def together(places: list[int]) -> bool:
    """Do these stand beside each other?"""
    return places[-1] - places[0] == len(places) - 1


def _is_dots(part: Arg) -> bool:
    return isinstance(part, Const) and part.value is Ellipsis


def _axes_of(part: Arg) -> int:
    """How many axes an array in an index gives."""
    if is_integer(part):
        return 0
    if is_mask(part):
        return 1
    if isinstance(part, (list, tuple)):
        return 1 + max((_axes_of(p) for p in part), default=0)
    if isinstance(part, Const) and isinstance(part.value, (list, np.ndarray)):
        return 1 if np.asarray(part.value).dtype == bool else int(np.ndim(part.value))
    return rank(part)
