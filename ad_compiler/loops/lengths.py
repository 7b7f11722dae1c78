"""Lengths as statements: how many iterations a loop has at most, how long an axis is, told before the loop.

>>> from ad_compiler.ir import Block, Const, Value, show, Func
>>> from ad_compiler.kinds import Num, Sym
>>> x = Value("x", Num("float64", (Sym("n"), 3)))
>>> known, block = Known([x]), Block()
>>> known.length(Sym(("minus", Sym("n"), 1)), block).kind.length, known.length(3, block)
(Sym(('minus', Sym(n), 1)), Const(value=3, text=None))
>>> [op.fn.__name__ for op in block.ops]
['getattr', 'getitem', 'sub']
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import replace

from ad_compiler.analyse.bound import Bound
from ad_compiler.ir import Atom, Block, Const, Loop, Op, Value
from ad_compiler.kinds import INT, Dim, Num, Shape, Sym
from ad_compiler.ops import is_addition, is_sum


class Known:
    """The arrays that may be asked for their lengths at one place, and the lengths that stand under a name there.

    `bound` tells which values an arm, or a loop that does not run, may leave unbound: those are not asked.
    """

    def __init__(self, values: Iterable[Value] = (), outer: Known | None = None, bound: Bound | None = None) -> None:
        self.outer = outer
        self.bound: Bound | None = bound if outer is None else outer.bound
        self.sources: dict[Dim, tuple[Value, int]] = {}
        self.names: dict[Dim, Atom] = {}
        for value in values:
            self.add(value)

    def inside(self) -> Known:
        """For a block within: what is found there is not known outside."""
        return Known(outer=self)

    def add(self, value: Value) -> None:
        """A value that is defined from here on."""
        kind = value.kind
        if not isinstance(kind, Num) or self.bound is not None and self.bound.may_be_unbound(value):
            return
        if kind.length is not None and kind.shape == () and isinstance(kind.length, Sym):
            self.names.setdefault(kind.length, value)
        for axis, dim in enumerate(kind.shape or ()):
            if isinstance(dim, Sym):
                self.sources.setdefault(dim, (value, axis))

    def written(self, old: Atom, new: Value) -> None:
        """A store into `old`, which is not asked any longer: it is `new`."""
        for axis, dim in enumerate(new.kind.shape or () if isinstance(new.kind, Num) else ()):
            if isinstance(dim, Sym) and self.sources.get(dim) == (old, axis):
                self.sources[dim] = new, axis

    def has(self, dim: Dim) -> bool:
        """Would `length` find it?"""
        if isinstance(dim, int):
            return True
        scope: Known | None = self
        while scope is not None:
            if dim in scope.names or dim in scope.sources:
                return True
            scope = scope.outer
        return isinstance(dim.key, tuple) and len(dim.key) == 3 and dim.key[0] == "minus" \
            and isinstance(dim.key[2], int) and self.has(dim.key[1])

    def length(self, dim: Dim, block: Block) -> Atom | None:
        """The length as an atom, computed in `block` where it has no name yet; None where nothing here has it."""
        if isinstance(dim, int):
            return Const(dim)
        scope: Known | None = self
        while scope is not None:
            if dim in scope.names:
                return scope.names[dim]
            scope = scope.outer
        scope = self
        while scope is not None:
            if dim in scope.sources:
                value, axis = scope.sources[dim]
                assert isinstance(value.kind, Num)
                shape = block.emit(getattr, value, Const("shape"), kind=Shape(value.kind.shape or ()))
                size = block.emit(operator.getitem, shape, Const(axis), kind=replace(INT, length=dim), hint="n")
                self.names[dim] = size
                return size
            scope = scope.outer
        if isinstance(dim.key, tuple) and len(dim.key) == 3 and dim.key[0] == "minus" and isinstance(dim.key[2], int):
            whole = self.length(dim.key[1], block)
            if whole is None:
                return None
            size = block.emit(operator.sub, whole, Const(dim.key[2]), kind=replace(INT, length=dim))
            self.names[dim] = size
            return size
        return None


def has_elements(dim: Dim) -> bool:
    """Is an axis known not to be empty: one of the caller's arrays, whose empty axes are part of the key?"""
    return dim > 0 if isinstance(dim, int) else isinstance(dim.key, str) and "." in dim.key


def not_negative(dim: Dim) -> bool:
    """Is what is computed for a length certain to be one?  `n - k` is, where n is of a caller's array: at least 2."""
    if isinstance(dim, int) or isinstance(dim.key, str):
        return isinstance(dim, int) or "." in dim.key
    if dim.key[0] == "minus":
        return has_elements(dim.key[1]) and isinstance(dim.key[2], int) and dim.key[2] <= 2
    return dim.key[0] in ("plus", "times") and all(map(not_negative, dim.key[1])) and dim.key[2] >= 0


class Bounds:
    """The least and the greatest that an integer of a loop's body can be, as statements before the loop."""

    def __init__(self, block: Block, loops: list[Loop]) -> None:
        self.block = block
        self.loops = {loop.index: loop for loop in loops}
        self.makers: dict[Value, Op] = {}
        self.inside: set[Value] = set()
        for loop in loops:
            self.inside.update(loop.body.params)
            if loop.index is not None:
                self.inside.add(loop.index)
            for stmt in loop.body.ops:
                self.inside.update(stmt.results)
                if isinstance(stmt, Op):
                    self.makers.update(dict.fromkeys(stmt.results, stmt))

    def bound(self, atom: Atom, most: bool) -> Atom | None:
        """The greatest that this can be (the least where not `most`); None where it cannot be told."""
        if not isinstance(atom, Value) or atom not in self.inside:
            return atom
        loop = self.loops.get(atom)
        if loop is not None:
            if not isinstance(loop.step, Const) or loop.step.value != 1:
                return None
            end = self.bound(loop.stop if most else loop.start, most)
            return self.sub(end, Const(1)) if most and end is not None else end
        op = self.makers.get(atom)
        if not is_sum(op):
            return None
        adds = is_addition(op)
        left, right = self.bound(op.args[0], most), self.bound(op.args[1], most is adds)
        if left is None or right is None:
            return None
        return self.add(left, right) if adds else self.sub(left, right)

    def trips(self, loop: Loop) -> Atom | None:
        """How many iterations a counted loop of step 1 has at most."""
        if not isinstance(loop.step, Const) or loop.step.value != 1:
            return None
        stop, start = self.bound(loop.stop, True), self.bound(loop.start, False)
        return None if stop is None or start is None else self.sub(stop, start)

    def sub(self, a: Atom, b: Atom) -> Atom:
        """`a - b`, computed now where it can be."""
        if isinstance(b, Const) and b.value == 0:
            return a
        if isinstance(a, Const) and isinstance(b, Const):
            return Const(a.value - b.value)
        op = next((o for o in self.block.ops if isinstance(o, Op) and a in o.results), None)
        if is_addition(op) and isinstance(b, Const) and isinstance(op.args[1], Const) and op.args[1].value == b.value:
            return op.args[0]       # type: ignore[no-any-return]
        return self.block.emit(operator.sub, a, b, kind=INT)

    def add(self, a: Atom, b: Atom) -> Atom:
        """`a + b`, likewise."""
        if isinstance(b, Const) and b.value == 0:
            return a
        if isinstance(a, Const) and isinstance(b, Const):
            return Const(a.value + b.value)
        return self.block.emit(operator.add, a, b, kind=INT)
