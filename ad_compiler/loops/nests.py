"""A cluster of array statements over the same axes as one nest of loops.

>>> from ad_compiler.ir import Func, show
>>> from ad_compiler.kinds import Sym
>>> x = Value("x", Num("float64", (Sym("x.0", True),)))
>>> y = Op(operator.mul, (x, x), {}, [Value("y", x.kind)])
>>> s = Op(np.sum, (y.result,), {}, [Value("s", Num("float64", (), "np"))])
>>> cluster = Cluster((Sym("x.0"),), [Member(y, "map"), Member(s, "reduce", (0,))])
>>> block = Block()
>>> Nest(cluster, Known([x]), block, {}, needed=set()).write()
>>> block.results = [s.result]
>>> print(show(Func("f", [x], block)))
def f(x):
    t = getattr(x, 'shape')
    n = getitem(t, 0)
    for i in 0, n, 1 [s = 0.0]: -> s_2
        ~e = getitem(x, i)
        y = mul(~e, ~e)
        s_3 = add(s, y)
        hand on s_3
    return s_2
"""

from __future__ import annotations

import math
import operator
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.errors import InvalidIR
from ad_compiler.indices import COLON
from ad_compiler.ir import Arg, Atom, Block, Const, Loop, Op, Value
from ad_compiler.kinds import INT, Dim, Kind, Num
from ad_compiler.loops.elements import ZERO, Elements
from ad_compiler.loops.lengths import Known, has_elements, not_negative
from ad_compiler.loops.views import Index, dtype_argument, index_parts, region
from ad_compiler.ops import reduction

LETTERS = "ijkl"


@dataclass(eq=False)
class Member:
    """An op of a cluster: a "map", a "store", or a "reduce" over `axes`.  `onto`: what a map is written over."""

    op: Op
    role: str
    axes: tuple[int, ...] = ()
    onto: Value | None = None


@dataclass(eq=False)
class Cluster:
    """Ops that are computed in one nest of loops, over axes of these lengths."""

    dims: tuple[Dim, ...]
    members: list[Member] = field(default_factory=list)


@dataclass(eq=False)
class Slot:
    """Something that the loops carry: an array that they fill, or a sum; `result` is the value after them."""

    kind: Kind
    hint: str
    result: Value | None = None


class Nest:
    """Writes one cluster into `out`.  `needed` are the values that must exist as arrays afterwards."""

    def __init__(self, cluster: Cluster, known: Known, out: Block, virtual: dict[Value, Op], needed: set[Value],
                 counted: Container[Value] = ()) -> None:
        self.cluster, self.known, self.out, self.needed = cluster, known, out, needed
        self.before = Block()
        self.elements = Elements(virtual, [self.before], self._length, counted)
        self.slots: dict[Member, Slot] = {}
        self.sums: dict[Member, Slot] = {}
        self.now: dict[Slot, Atom] = {}
        self.bases: dict[Value, Slot] = {}
        self.lengths: list[Atom] = []
        self.reverse = all(m.op.reverse for m in cluster.members)
        self.origin = cluster.members[0].op.origin

    def write(self) -> None:
        """The nest."""
        self.lengths = [self._length(dim) for dim in self.cluster.dims]
        for member in self.cluster.members:
            self._begin(member)
        self._level(0, self.before, ())
        at = next(n for n, stmt in enumerate(self.before.ops) if isinstance(stmt, Loop))
        loops = self.before.ops[at:]
        del self.before.ops[at:]
        for a, b in self.elements.checks:
            self.before.emit(runtime.check_same_length, self._length(a), self._length(b), kind=INT, effect=True)
            self.before.ops[-1].results.clear()
        self.out.ops += [*self.before.ops, *loops]

    def _length(self, dim: Dim) -> Atom:
        found = self.known.length(dim, self.before)
        if found is None:
            raise InvalidIR(f"the length {dim} is not known before a nest of loops")
        return found

    def _emit(self, op: Op, fn: Any, *args: Arg, kind: Kind, hint: str = "", **more: Any) -> Value:
        return self.before.emit(fn, *args, kind=kind, hint=hint, origin=op.origin, reverse=op.reverse, **more)

    # -- before the loops ----------------------------------------------------------------------------

    def _begin(self, member: Member) -> None:
        """What a member fills."""
        op = member.op
        kind = op.results[0].kind
        assert isinstance(kind, Num)
        hint = op.result.hint
        if member.role == "store":
            base = op.args[0]
            before = next((s for m, s in self.slots.items() if m.role == "store" and m.op.result is base), None)
            slot = before or Slot(kind, hint)
            if before is None:
                self.now[slot] = base
                self.bases[base] = slot
            slot.result, slot.hint = op.result, hint
            self.slots[member] = slot
        elif member.role == "map":
            if op.result in self.needed:
                slot = self.slots[member] = Slot(kind, hint, op.result)
                self.now[slot] = member.onto or self._empty(op, kind, hint)
                if member.onto is not None:
                    self.bases[member.onto] = slot
        else:
            total = self.sums[member] = Slot(Num(kind.dtype, (), "np"), hint)
            if not has_identity(op):
                for axis in member.axes:
                    if not has_elements(self.cluster.dims[axis]):
                        self._emit(op, runtime.check_not_empty, self.lengths[axis], kind=INT, effect=True)
                        self.before.ops[-1].results.clear()
            if len(member.axes) == len(self.cluster.dims):
                total.result = op.result if not kind.shape else None
            if kind.shape:
                slot = self.slots[member] = Slot(kind, hint, op.result)
                begin = self._empty if self._is_trailing(member) else self._start
                self.now[slot] = begin(op, kind, hint)

    def _shape(self, kind: Num) -> Arg:
        sizes = tuple(self._size(dim) for dim in kind.shape or ())
        return sizes[0] if len(sizes) == 1 else sizes

    def _size(self, dim: Dim) -> Atom:
        """A length to allocate: not below zero."""
        size = self._length(dim)
        if isinstance(size, Value) and not not_negative(dim):
            return self.before.emit(max, size, Const(0), kind=INT)
        return size

    def _empty(self, op: Op, kind: Num, hint: str) -> Value:
        return self._emit(op, np.empty, self._shape(kind), kind=kind, hint=hint, kwargs=dtype_argument(kind))

    def _start(self, op: Op, kind: Num, hint: str) -> Value:
        start = reduction(op)[0]
        if start == 0.0:
            return self._emit(op, np.zeros, self._shape(kind), kind=kind, hint=hint, kwargs=dtype_argument(kind))
        return self._emit(op, runtime.index_set, self._empty(op, kind, hint), COLON, Const(start), kind=kind, hint=hint)

    def _is_trailing(self, member: Member) -> bool:
        """Are the last axes, and no others, reduced?  Then the sum is a number while they are gone through."""
        count = len(self.cluster.dims)
        return member.axes == tuple(range(count - len(member.axes), count))

    # -- the loops -----------------------------------------------------------------------------------

    def _level(self, depth: int, block: Block, index: Index) -> None:
        if depth == len(self.cluster.dims):
            self._open_for_reading(len(self.elements.blocks) - 1)
            for member in self.cluster.members:
                self._element(member, block, index)
                if member in self.slots:
                    self.elements.current = {v: a for v, a in self.elements.current.items()
                                             if v not in self.bases or self.bases[v] is not self.slots[member]}
            return
        opened = [m for m in self.sums if self._is_trailing(m) and member_depth(m, self.cluster) == depth]
        if self.cluster.dims[depth] == 1 and not opened and set(self.cluster.dims) != {1}:
            self._level(depth + 1, block, (*index, ZERO))
            return
        for member in opened:
            self.now[self.sums[member]] = _start_of(member.op)
        place = Value(LETTERS[depth] if depth < len(LETTERS) else "m", INT)
        carried = list(self.now)
        inits = [self.now[s] for s in carried]
        params = [Value(s.hint, s.kind) for s in carried]
        body = Block(params)
        self.now.update(zip(carried, params, strict=True))
        self.elements.blocks.append(body)
        self.elements.depth[place] = len(self.elements.blocks) - 1
        self.elements.own.add(place)
        self._level(depth + 1, body, (*index, place))
        self.elements.blocks.pop()
        body.results = [self.now[s] for s in carried]
        outermost = len(self.elements.blocks) == 1
        results = [s.result if outermost and s.result is not None and not self._is_open(s, opened)
                   else Value(s.hint, s.kind) for s in carried]
        block.ops.append(Loop(inits, body, results, place, stop=self.lengths[depth], origin=self.origin,
                              reverse=self.reverse))
        self.now.update(zip(carried, results, strict=True))
        for member in opened:
            total = self.now.pop(self.sums[member])
            if member in self.slots:
                slot = self.slots[member]
                stored = slot.result if outermost and slot.result is not None else Value(slot.hint, slot.kind)
                block.ops.append(Op(runtime.index_set, (self.now[slot], self._kept(member, index), total), {}, [stored],
                                    member.op.origin, reverse=member.op.reverse))
                self.now[slot] = stored

    def _is_open(self, slot: Slot, opened: list[Member]) -> bool:
        """Is this filled with a sum that ends with the loop?"""
        return any(self.slots.get(member) is slot for member in opened)

    def _open_for_reading(self, depth: int) -> None:
        """What is overwritten is read in step with that, hence as it was, until then."""
        for base, slot in self.bases.items():
            now = self.now[slot]
            self.elements.current[base] = now
            if isinstance(now, Value):
                self.elements.depth[now] = depth

    def _kept(self, member: Member, index: Index) -> Arg:
        """Where a sum over some axes goes."""
        kind = member.op.result.kind
        assert isinstance(kind, Num)
        assert kind.shape is not None
        count = len(self.cluster.dims)
        if len(kind.shape) == count:        # the axes are kept, with length 1
            at: Index = tuple(Const(0) if axis in member.axes else index[axis] for axis in range(count))
        else:
            at = tuple(index[axis] for axis in range(count) if axis not in member.axes)
        return at[0] if len(at) == 1 else at

    def _element(self, member: Member, block: Block, index: Index) -> None:
        op, elements = member.op, self.elements
        flags: dict[str, Any] = {"origin": op.origin, "reverse": op.reverse}
        if member.role == "map":
            slot = self.slots.get(member)
            elements.virtual[op.result] = op
            value = elements.written(elements.at(op.result, index), block)
            del elements.virtual[op.result]
            if slot is not None:
                self.now[slot] = block.emit(runtime.index_set, self.now[slot], _one(index), value, kind=slot.kind,
                                            hint=slot.hint, **flags)
        elif member.role == "store":
            self._store(member, block, index, flags)
        else:
            value = elements.written(elements.at(op.args[0], index), block)
            join = reduction(op)[1]
            if self._is_trailing(member):
                total = self.sums[member]
                self.now[total] = block.emit(join, self.now[total], value, kind=total.kind, hint=total.hint, **flags)
                return
            slot, at = self.slots[member], self._kept(member, index)
            if join is operator.add:
                self.now[slot] = block.emit(runtime.index_add, self.now[slot], at, value, kind=slot.kind,
                                            hint=slot.hint, **flags)
                return
            old = block.emit(operator.getitem, self.now[slot], at, kind=self.sums[member].kind)
            new = block.emit(join, old, value, kind=self.sums[member].kind, **flags)
            self.now[slot] = block.emit(runtime.index_set, self.now[slot], at, new, kind=slot.kind, hint=slot.hint,
                                        **flags)

    def _store(self, member: Member, block: Block, index: Index, flags: dict[str, Any]) -> None:
        op, slot = member.op, self.slots[member]
        parts = index_parts(op.args[0], op.args[1], self.cluster.dims)
        assert parts is not None
        elements = self.elements
        wanted = region(op)
        assert wanted is not None
        elements.checks.update(((a, b), None) for a, b in zip(self.cluster.dims, wanted, strict=True) if a != b)
        place = tuple(part(index, elements) for part in parts)
        value = elements.written(elements.stretched(op.args[2], self.cluster.dims, index), block)
        at = elements.written(_one(place), block)
        self.now[slot] = block.emit(op.fn, self.now[slot], at, value, kind=slot.kind, hint=slot.hint, **flags)


def member_depth(member: Member, cluster: Cluster) -> int:
    """How many loops stand around the sum of a member."""
    return len(cluster.dims) - len(member.axes)


def _one(index: Index) -> Arg:
    return index[0] if len(index) == 1 else tuple(index)


def _start_of(op: Op) -> Const:
    dtype, start = op.result.kind.dtype, reduction(op)[0]       # type: ignore[union-attr]
    return Const(start if dtype.startswith("float") else int(start))


def has_identity(op: Op) -> bool:
    """Has a reduction of no elements a result, as sums and products have, and extremes have not?"""
    return math.isfinite(reduction(op)[0])
