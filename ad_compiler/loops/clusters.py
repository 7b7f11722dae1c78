"""The statements of a block in order, with clusters of array statements among them.

Ops are gone through in order.  A map (`x * y`, element by element) that one other op reads is computed where it is
read; views and constant arrays likewise.  What is left, maps that several read, stores and sums, joins the last cluster
of the same axes that everything it reads allows.

>>> from ad_compiler.kinds import Sym
>>> kind = Num("float64", (Sym("x.0", True),))
>>> x, block = Value("x", kind), Block()
>>> y = block.emit(np.sin, x, kind=kind, hint="y")
>>> z = block.emit(operator.mul, y, y, kind=kind, hint="z")
>>> s = block.emit(np.sum, z, kind=Num("float64", (), "np"), hint="s")
>>> found = Clusters(Counter({x: 1, y: 2, z: 1, s: 1}), block, {}, set(), [s], Known([x])).run()
>>> [[member.op.fn.__name__ for member in cluster.members] for cluster in found]
[['sin', 'sum']]
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.indices import same_arg
from ad_compiler.ir import Block, Const, Loop, Op, Stmt, Value, blocks_of, definitions, free_values, operands
from ad_compiler.kinds import Dim, Num
from ad_compiler.loops.elements import is_fill, is_map, is_spread, is_test, operands_of
from ad_compiler.loops.lengths import Known
from ad_compiler.loops.nests import Cluster, Member, has_identity
from ad_compiler.loops.reads import Path, after_check, leaves_of, reads_of, reads_of_index, same_or_sure
from ad_compiler.loops.views import axes_of, dtype_of, index_parts, is_basic, rank, region, shape_of, view_of
from ad_compiler.ops import (
    asks_attribute,
    is_increment,
    is_matrix_product,
    is_overwrite,
    is_read,
    is_reduction,
    is_store,
    is_stretched,
    is_zeros,
    makes_copy,
    traits,
)
from ad_compiler.optimise.memory import holds_memory, is_view
from ad_compiler.rules.traits import LIGHT

Item = Stmt | Cluster


def is_virtual(item: Item, virtual: dict[Value, Op]) -> bool:
    """Is this an op whose array need not exist?"""
    return isinstance(item, Op) and len(item.results) == 1 and item.result in virtual


def role_of(op: Op) -> str:
    """What an op is in a nest."""
    return "store" if is_store(op) else "reduce" if is_reduction(op) else "map"


def is_in_step(path: Path, store: Op) -> bool:
    """Is what is read, through these views, what stands at the very place where a store writes?"""
    return path is not None and len(path) == 1 and is_read(path[0]) \
        and same_arg(path[0].args[1], store.args[1]) and is_basic(store.args[1], store.args[0])


class Clusters:
    """Puts the statements of one block in order, with clusters among them."""

    def __init__(self, uses: Counter[Value], block: Block, virtual: dict[Value, Op], mine: set[Value],
                 handed: list[Value], known: Known) -> None:
        self.uses, self.block, self.virtual, self.mine = uses, block, virtual, mine
        self.items: list[Item] = []
        self.known = known
        self.made: dict[Value, Item] = {}
        self.readers: dict[Value, list[Stmt]] = {}
        for stmt in block.ops:
            for value in {*operands(stmt), *(v for inner in blocks_of(stmt) for v in free_values(inner, stmt))}:
                self.readers.setdefault(value, []).append(stmt)
        self.at = {stmt: n for n, stmt in enumerate(block.ops)}
        self.handed = Counter(handed)

    def run(self) -> list[Item]:
        """The items."""
        for stmt in self.block.ops:
            dims = self.axes(stmt) if isinstance(stmt, Op) else None
            if not isinstance(stmt, Op) or dims is None or not all(map(self.known.has, dims)):
                for part in self.as_numpy_adds(stmt):
                    self.plain(part)
            elif self.is_virtual(stmt):
                self.virtual[stmt.result] = stmt
                if not is_map(stmt):
                    self.plain(stmt)
            else:
                if is_store(stmt):
                    self.copy_first(stmt, dims)
                self.place(self.member(stmt), dims)
        return self.items

    def copy_first(self, store: Op, dims: tuple[Dim, ...]) -> None:
        """Copy what is stored, where that is seen in the array that is stored into, at another place."""
        value = store.args[2]
        if isinstance(value, Value) and any(
                found is store.args[0] and not is_in_step(path, store)
                for found, path in reads_of(Member(store, "store"), Cluster(dims), self.virtual)):
            made = self.virtual.get(value)
            if made is not None and is_map(made):
                del self.virtual[value]
                self.place(self.member(made), shape_of(value))
                return
            copied = Op(np.copy, (value,), {}, [Value(value.hint, value.kind)], store.origin, "method",
                        reverse=store.reverse)
            self.plain(copied)
            store.args = (*store.args[:2], copied.result)

    def as_numpy_adds(self, stmt: Stmt) -> list[Stmt]:
        """Numba's `a[i:] += v` asks neither for the length of `v`, nor whether it is seen in `a`; `a[i:] = a[i:] + v`
        does.
        """
        if not is_increment(stmt) or not rank(stmt.args[2]) \
                or not isinstance(stmt.args[0], Value) or not is_basic(stmt.args[1], stmt.args[0]):
            return [stmt]
        base, index, value = stmt.args
        seen = {found for found, _ in leaves_of(value, False, (), self.virtual)}
        if region(stmt) == shape_of(value) and base not in seen:
            return [stmt]
        own = region(stmt)
        kind = Num(dtype_of(base), own)
        old, total = Value("", kind), Value("", kind)
        flags: dict[str, Any] = {"origin": stmt.origin, "reverse": stmt.reverse}
        return [Op(operator.getitem, (base, index), {}, [old], **flags),
                Op(operator.add, (old, value), {}, [total], **flags),
                Op(runtime.index_set, (base, index, total), {}, stmt.results, **flags)]

    def plain(self, stmt: Stmt) -> None:
        """A statement that stays as it is; numbers are computed before the last cluster where they can be."""
        at = len(self.items)
        if isinstance(stmt, Op) and not stmt.effect and stmt.results and (
                is_virtual(stmt, self.virtual) or all(rank(r) == 0 for r in stmt.results)
                and not any(rank(v) for v in operands(stmt))):
            at = max((self.items.index(self.made[v]) + 1 for v in operands(stmt) if v in self.made), default=0)
            while at < len(self.items) and not isinstance(self.items[at], Cluster):
                at += 1
        self.items.insert(at, stmt)
        for value in definitions(stmt):
            self.known.add(value)
        self.made.update(dict.fromkeys(definitions(stmt), stmt))

    # -- what becomes of an op -----------------------------------------------------------------------

    def axes(self, op: Op) -> tuple[Dim, ...] | None:
        """The axes of the loops that an op becomes; None where it stays as it is."""
        if op.effect or len(op.results) != 1 or op.spelling == "out":
            return None
        if is_store(op):
            dims = self.store(op)
        elif is_reduction(op):
            dims = self.reduction(op)
        elif is_map(op) or is_fill(op) or view_of(op) is not None:
            kind = op.result.kind
            assert isinstance(kind, Num)
            dims = kind.shape
            if not dims or not is_map(op):
                return dims or None
        else:
            return None
        if dims is None or not all(map(self.known.has, dims)):
            return None
        read = [value for value, _ in reads_of(Member(op, role_of(op)), Cluster(dims), self.virtual)]
        return dims if all(self.known.has(d) for v in read for d in shape_of(v)) else None

    def is_virtual(self, op: Op) -> bool:
        """Is an op computed where it is read, with no array of its own?"""
        if is_store(op) or is_reduction(op):
            return False
        if is_fill(op) or view_of(op) is not None and (not is_stretched(op) or self.is_only_read_here(op)):
            return True
        if is_test(op, self.virtual) and self.frees(op):
            return False
        return self.is_inlined(op) or (is_spread(op) or is_test(op, self.virtual)) and self.is_read_in_loops(op)

    def frees(self, test: Op) -> bool:
        """Does a comparison for the reverse sweep alone read an array of the forward sweep for the last time?"""
        return not test.reverse and all(r.reverse for r in self.readers.get(test.result, ())) and any(
            isinstance(a, Value) and shape_of(a) == shape_of(test.result) and self.is_free(a, test) for a in test.args)

    def member(self, op: Op) -> Member:
        """An op as part of a nest."""
        role = role_of(op)
        axes = axes_of(op) if role == "reduce" else ()
        return Member(op, role, axes or (), self.onto(op) if role == "map" else None)

    def is_only_read_here(self, op: Op) -> bool:
        """Is an array read by statements of this block alone, which become loops?"""
        return not self.handed[op.result] and all(
            isinstance(s, Op) and (is_map(s) or is_reduction(s) or is_store(s) and s.args[0] is not op.result)
            and self.axes(s) is not None for s in self.readers.get(op.result, ()))

    def store(self, op: Op) -> tuple[Dim, ...] | None:
        """The axes of a store by numbers and slices."""
        if not isinstance(op.args[0], Value) or not rank(op.args[0]) or index_parts(op.args[0], op.args[1]) is None:
            return None
        shape = region(op)
        value = op.args[2]
        if shape is None or not shape or rank(value) is None or rank(value) > len(shape):      # type: ignore[operator]
            return None
        own = shape_of(value)
        if isinstance(value, Const) and np.ndim(value.value):
            return None
        if len(own) == len(shape) and all(a == b or a != 1 for a, b in zip(own, shape, strict=True)):
            return own if same_or_sure(own, shape) and all(map(self.known.has, shape)) else None
        return shape if same_or_sure(own, shape[len(shape) - len(own):]) else None

    def reduction(self, op: Op) -> tuple[Dim, ...] | None:
        """The axes of a sum, a product or an extreme."""
        axes = axes_of(op)
        kind, of = op.result.kind, op.args[0].kind if op.args and isinstance(op.args[0], Value) else None
        if axes is None or not axes or not isinstance(kind, Num) or not isinstance(of, Num) or not of.shape:
            return None
        if not kind.dtype.startswith("float") and not has_identity(op):
            return None
        return None if kind.shape and len(axes) == len(of.shape) else of.shape

    def onto(self, op: Op) -> Value | None:
        """An array that a map reads in step and nothing reads after it: the map may be written over it."""
        cluster = Cluster(shape_of(op.result))
        read = list(reads_of(Member(op, "map"), cluster, self.virtual))
        elsewhere = {value for value, path in read if path is not None}      # `u + u.T` needs the neighbours still
        for value, path in read:
            if path is None and value not in elsewhere and rank(value) and shape_of(value) == shape_of(op.result) \
                    and dtype_of(value) == dtype_of(op.result) and self.is_free(value, op):
                return value
        return None

    def is_free(self, value: Value, op: Op) -> bool:
        """Is the memory of an array this block's own, and is an op the last to read it?"""
        made = self.made.get(value)
        own = value in self.mine or isinstance(made, (Cluster, Loop)) or is_matrix_product(made) or makes_copy(made)
        return own and self.last_read(value) <= self.at[op]

    def last_read(self, value: Value) -> float:
        """Where a value, or a view of it, is read for the last time in this block; never, where it is handed on."""
        last = float("inf") if self.handed[value] else -1.0
        for reader in self.readers.get(value, ()):
            computed = isinstance(reader, Op) and len(reader.results) == 1 and reader.result in self.virtual
            through = computed or not isinstance(reader, Op) or is_view(reader)     # what comes out may be the array
            seen = [self.last_read(v) for v in reader.results if through and (computed or holds_memory(v))]
            last = max([last, *seen] if computed else [last, self.at[reader], *seen])
        return last

    def is_inlined(self, op: Op) -> bool:
        """Is a map computed where it is read: by one op here that becomes loops, and no more often than it must?"""
        value = op.result
        readers = self.readers.get(value, [])
        if self.handed[value] or len(readers) != 1 or not isinstance(readers[0], Op) or readers[0].effect:
            return False
        reader = readers[0]
        if operands(reader).count(value) != 1 and traits(op).cost != LIGHT:
            return False
        between = self.block.ops[self.at[op] + 1:self.at[reader] + 1]
        stores = [s for s in between if is_store(s)]
        read = dict(self.tree(op))
        for store in stores:
            if store.args[0] not in read:
                continue
            if store is not reader or not self.reads_in_step(store, value):
                return False
        if view_of(reader) is not None:
            return False
        dims = self.axes(reader)
        if dims is None or is_store(reader) and (
                reader.args[2] is not value or reader.args[0] is value or dims != shape_of(value)):
            return False
        if not is_map(reader):
            return is_store(reader) or is_reduction(reader)
        same = any(arg is value and shape_of(value) == shape == shape_of(reader.result)
                   for arg, shape in operands_of(reader))
        small = traits(op).cost == LIGHT and len(operands(op)) < 3
        return same or small and all(rank(a) == 0 or a in self.virtual for a in op.args)

    def is_read_in_loops(self, op: Op) -> bool:
        """Do all that read an array of this block become loops, before any of what it is made of is stored into?"""
        value, last = op.result, 0
        for reader in self.readers.get(value, ()):
            if asks_attribute(reader):       # its shape
                continue
            if not isinstance(reader, Op) or reader.effect or view_of(reader) is not None or self.axes(reader) is None \
                    or is_store(reader) and (reader.args[2] is not value or reader.args[0] is value):
                return False
            last = max(last, self.at[reader])
        read, between = dict(self.tree(op)), self.block.ops[self.at[op] + 1:last + 1]
        return not self.handed[value] and not any(
            is_store(s) and s.args[0] in read for s in between)

    def tree(self, op: Op) -> Iterator[tuple[Value, Path]]:
        """What the element of an op is made of."""
        for arg, shape in operands_of(op):
            yield from leaves_of(arg, shape_of(arg) == shape, (), self.virtual)

    def reads_in_step(self, store: Op, value: Value) -> bool:
        """Does what is stored read the stored array at the very place where it is stored?"""
        op = next((s for s in self.block.ops if isinstance(s, Op) and value in s.results), None)
        assert op is not None
        for found, path in self.tree(op):
            if found is not store.args[0]:
                continue
            if not is_in_step(path, store):
                return False
        return True

    # -- where it goes -------------------------------------------------------------------------------

    def place(self, member: Member, dims: tuple[Dim, ...]) -> None:
        """Let an op join the last cluster of its axes that may take it, or begin one."""
        trial = Cluster(dims, [member])
        low = 0
        reads = list(reads_of(member, trial, self.virtual))
        op = member.op
        if member.role == "store":
            self.as_sum(op)
            low = max(low, self.after_store(op, dims))
            reads += reads_of_index(op, dims)
            if any(v is op.args[0] for v, _ in reads):      # what is read in step with the store is read before it
                low = max(low, self.past(op.args[0]))
        for value, path in reads:
            item = self.made.get(value)
            if item is None:
                continue
            at = self.items.index(item)
            joins = isinstance(item, Cluster) and path is None and item.dims == dims and rank(value) \
                and any(m.role == "map" and m.op.result is value for m in item.members)
            low = max(low, at if joins else at + 1, after_check(self.items, value))
        place = next((n for n in range(len(self.items) - 1, low - 1, -1)
                      if isinstance(self.items[n], Cluster) and self.items[n].dims == dims), None)    # type: ignore[union-attr]
        if place is not None and member.onto is not None and (
                self.made.get(member.onto) is self.items[place] or self.after_reads(member.onto, dims) > place):
            member.onto = None      # to be computed with what makes it is worth more than its memory
        if place is None:
            self.items.append(trial)
            self.made[op.result] = trial
            return
        cluster = self.items[place]
        assert isinstance(cluster, Cluster)
        cluster.members.append(member)
        self.made[op.result] = cluster

    def as_sum(self, op: Op) -> None:
        """A store into zeros to which something is added next is a sum: sums may be done in any order."""
        zeros = self.virtual.get(op.args[0])
        readers = self.readers.get(op.result, [])
        if is_overwrite(op) and is_basic(op.args[1], op.args[0]) and is_zeros(zeros) \
                and self.uses[op.args[0]] == 1 and len(readers) == 1 \
                and is_increment(readers[0]) and readers[0].args[0] is op.result:
            op.fn = runtime.index_add

    def past(self, value: Value) -> int:
        """The first place behind all that makes or reads a value."""
        low = 0
        for n, item in enumerate(self.items):
            if item is self.made.get(value) or self.reads(item, value):
                low = n + 1
        return low

    def after_reads(self, value: Value, dims: tuple[Dim, ...]) -> int:
        """The first place where an array may be written over: behind what reads it, unless that is done in step."""
        low = 0
        for n, item in enumerate(self.items):
            if isinstance(item, Cluster) and item.dims == dims:
                if any(v is value and path is not None for m in item.members
                       for v, path in reads_of(m, item, self.virtual)):
                    low = n + 1
                elif self.reads(item, value):
                    low = max(low, n)
            elif item is self.made.get(value) or self.reads(item, value):
                low = n + 1
        return low

    def after_store(self, op: Op, dims: tuple[Dim, ...]) -> int:
        """The first place where a store may stand: behind what reads the array as it was, and earlier stores."""
        base = op.args[0]
        low = 0
        for n, item in enumerate(self.items):
            mine = item is self.made.get(base)
            if not mine and (not self.reads(item, base) or isinstance(item, Cluster) and item.dims == dims
                             and self.in_step(item, op)):
                continue
            joins = mine and isinstance(item, Cluster) and item.dims == dims and self.commutes(item, op)
            low = n if joins else n + 1
        return low

    def in_step(self, cluster: Cluster, store: Op) -> bool:
        """Does a cluster read an array only at the very place where a store in it would overwrite it?"""
        return all(value is not store.args[0] or is_in_step(path, store)
                   for member in cluster.members for value, path in reads_of(member, cluster, self.virtual))

    def commutes(self, cluster: Cluster, op: Op) -> bool:
        """Do a store and those of a cluster into the same array come to the same in any order?"""
        stores = [m.op for m in cluster.members if m.role == "store" and m.op.result is op.args[0]]
        if not stores or not is_increment(op) or self.uses[op.args[0]] != 1:
            return False
        last = stores[0]
        while True:
            if not is_increment(last):
                return False
            before = next((m.op for m in cluster.members if m.role == "store" and m.op.result is last.args[0]), None)
            if before is None:
                return True
            last = before

    def reads(self, item: Item, value: Value) -> bool:
        """Does an item read an array as it is under this name?"""
        if isinstance(item, Cluster):
            return any(v is value for m in item.members for v, _ in reads_of(m, item, self.virtual))
        if is_virtual(item, self.virtual):
            return False
        return item in self.readers.get(value, ())
