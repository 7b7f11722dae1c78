"""How a value can be had again in the reverse sweep, and at what price.

An element of an array can be read from a later version of it, where no store between has touched it; and what
was stored can be read back.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable
from contextvars import ContextVar
from dataclasses import replace
from functools import cached_property

from ad_compiler.analyse.affine import survives
from ad_compiler.analyse.chains import Chains, Link, is_array, is_copy, region_kind
from ad_compiler.analyse.restore import Column, is_arithmetic
from ad_compiler.indices import gathers
from ad_compiler.ir import Branch, Const, Loop, Op, Value, operands, values_in
from ad_compiler.kinds import INT, Kind, Num, Seq, Shape, Sym, may_be_one
from ad_compiler.ops import asks_attribute, is_overwrite, is_read, traits
from ad_compiler.rules import registry
from ad_compiler.rules.traits import FREE

DEAREST = 4.0
"""What computing again may cost, in Python float operations, before a trail is kept instead."""

DEAR = 100.0

COMPILED: ContextVar[bool] = ContextVar("ad_compiler_compiled", default=False)
"""Is the text to be compiled to machine code?  Arithmetic then costs next to nothing beside memory."""

MACHINE = 0.2
"""What an operation on numbers costs there, beside what it costs in Python."""


FARTHEST = 8
"""From how many values an array of a length is looked for."""


class Again:
    """The ops that give a value of the forward sweep again; `chosen` are the arrays that are carried backwards.

    `kept`: what is known already of elements that later stores leave alone, by version and op.
    """

    def __init__(self, chains: Chains, chosen: Collection[Column], kept: dict[tuple[Value, Op], bool]) -> None:
        self.chains, self.kept = chains, kept
        self.restored: set[Value] = set()
        for loop, at in chosen:
            self._collect([Link(loop, loop.results[at], loop.results[at], at)])
        self.touching: dict[Value, bool] = {}

    @cached_property
    def written(self) -> dict[Value, Op]:
        """What is stored into an array as it is, and by which store: one that is made whenever the value is."""
        found: dict[Value, Op] = {}
        for stmt in self.chains.place:
            if is_overwrite(stmt) and not stmt.stopped and not stmt.reverse and is_array(stmt.result):
                value = stmt.args[2]
                if isinstance(value, Value) and self.chains.home.get(value, ()) == self.chains.place[stmt] \
                        and not gathers(stmt.args[1]) and fills(value.kind, region_kind(stmt)):
                    found[value] = stmt
        return found

    def _collect(self, links: list[Link]) -> None:
        for link in links:
            self.restored.update((link.before, link.after))
            if isinstance(link.stmt, Loop):
                self.restored.add(link.stmt.body.params[link.at])
                self._collect(self.chains.through(link.stmt, link.at) or [])
            elif isinstance(link.stmt, Branch):
                for arm in (link.stmt.then, link.stmt.orelse):
                    self._collect(self.chains.in_arm(link, arm))

    def ways(self, value: Value, known: Iterable[Value], at_hand: Callable[[Value], bool]) -> list[Op]:
        """The op that made a value, and ops that read it from an array."""
        op = self.chains.maker.get(value)
        found: list[Op] = []
        if isinstance(op, Op) and not op.effect and len(op.results) == 1:
            found.append(op)
            if is_read(op) and self.chains.columns.get(op.args[0]):
                later = self.later(op.args[0], op, at_hand)
                if later is not None:
                    found.append(replace(op, args=(later, op.args[1])))
            elif op.fn is len or asks_attribute(op, "shape"):
                like = self.like(op.args[0], known, at_hand)
                if like is not None:
                    found.append(replace(op, args=(like, *op.args[1:])))
        store = self.written.get(value)
        if store is not None:
            arrays = store.result, self.later(store.result, store, at_hand)
            found += [Op(operator.getitem, (array, store.args[1]), {}, [value], store.origin)
                      for array in arrays if array is not None]
        return found

    def like(self, version: Value, known: Iterable[Value], at_hand: Callable[[Value], bool]) -> Value | None:
        """A version of the same array that is at hand, for what asks for the shape alone."""
        while is_copy(op := self.chains.maker.get(version)):
            assert isinstance(op, Op)
            version = op.args[0]
        column = self.chains.outermost(version)
        if column is None:
            return None
        for other in reversed(list(known)):
            if self.chains.outermost(other) == column:
                return other
        last = column[0].results[column[1]]
        return last if at_hand(last) else None

    def axis(self, row: Value, at_hand: Callable[[Value], bool]) -> tuple[Value, int] | None:
        """An array at hand of which `row`, an array of one axis of unknown length, is made, and an axis as long."""
        kind = row.kind
        if not isinstance(kind, Num) or kind.dtype != "float64" or kind.shape is None or len(kind.shape) != 1 \
                or not isinstance(kind.shape[0], Sym):
            return None
        seen = [row]
        for value in seen:      # it grows as it is gone through
            maker = self.chains.maker.get(value)
            for source in operands(maker) if isinstance(maker, Op) and len(seen) < FARTHEST else ():
                of = source.kind
                if isinstance(of, Num) and of.form == "array" and kind.shape[0] in (of.shape or ()) and at_hand(source):
                    assert of.shape is not None
                    return source, of.shape.index(kind.shape[0])
                if source not in seen:
                    seen.append(source)
        return None

    def later(self, version: Value, op: Op, at_hand: Callable[[Value], bool]) -> Value | None:
        """The array after all loops, if it is at hand and what `op` reads or stores is unchanged there."""
        column = self.chains.outermost(version)
        if column is None:
            return None
        loop, at = column
        final = loop.results[at]
        if not at_hand(final):
            return None
        key = version, op
        if key not in self.kept:
            self.kept[key] = survives(self.chains, version, op.args[1], self.chains.stores(loop, at))
        return final if self.kept[key] else None

    # -- prices --------------------------------------------------------------------------------------

    def touches(self, value: Value) -> bool:
        """Is this made from an array that is carried backwards?"""
        if value in self.restored:
            return True
        if value not in self.touching:
            self.touching[value] = False
            op = self.chains.maker.get(value)
            if isinstance(op, Op):
                self.touching[value] = any(map(self.touches, operands(op)))
        return self.touching[value]

    def price(self, op: Op) -> float:
        """What an op costs, in Python float operations; sums of arrays less, where keeping them costs an array."""
        if is_copy(op):
            return 0.0
        if self.restored and is_array(op.result) and any(map(self.touches, operands(op))):
            if is_read(op) and not gathers(op.args[1]):
                return 0.25
            if is_arithmetic(op):
                return 1.0
        return price(op)


def length_of(array: Value, axis: int) -> list[Op]:
    """`array.shape[axis]`, for the reverse sweep."""
    assert isinstance(array.kind, Num)
    dims = array.kind.shape
    assert dims is not None
    shape, length = Value("", Shape(dims)), Value("", replace(INT, length=dims[axis]))
    return [Op(getattr, (array, Const("shape")), {}, [shape], reverse=True),
            Op(operator.getitem, (shape, Const(axis)), {}, [length], reverse=True)]


def fills(stored: Kind, region: Kind | None) -> bool:
    """Is what was stored what stands there then: of the same dtype and form, and not stretched?"""
    if not isinstance(stored, Num) or not isinstance(region, Num) or stored.shape is None or region.shape is None:
        return False
    return (stored.dtype, stored.form, len(stored.shape)) == (region.dtype, region.form, len(region.shape)) and all(
        a == b or not may_be_one(a) for a, b in zip(stored.shape, region.shape, strict=True))


def price(op: Op) -> float:
    """What an op costs, in Python float operations."""
    if traits(op).cost == FREE:
        return 0.5
    if (rule := registry.lookup(op.fn)) is not None and rule.own:       # it may do anything
        return DEAR
    kind = op.results[0].kind
    if isinstance(kind, (Shape, Seq)):
        return DEAR
    if isinstance(kind, Num) and not kind.is_array:
        unit = MACHINE if COMPILED.get() else 1.0
        if is_read(op):
            return 2.0 * unit
        scalars = all(isinstance(v.kind, Num) and not v.kind.is_array for v in values_in(op.args))
        plain = getattr(op.fn, "__module__", "") == "_operator"
        if scalars and plain:
            return (1.0 if kind.form == "py" else 2.0) * unit
        return 2.5 if scalars else DEAR
    if traits(op).view or is_read(op) and not gathers(op.args[1]):
        return 1.0
    return DEAR
