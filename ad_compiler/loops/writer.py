"""What spells out one op: statements in its place, and lengths and checks that they need."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ad_compiler import runtime
from ad_compiler.ir import Arg, Atom, Block, Const, Op, Value
from ad_compiler.kinds import INT, Dim, Kind, Shape
from ad_compiler.loops.views import shape_of

Makers = dict[Value, Op]


class Writer:
    """Emits in place of one op."""

    def __init__(self, op: Op, makers: Makers) -> None:
        self.op, self.makers, self.block = op, makers, Block()

    def __call__(self, fn: Callable[..., Any], *args: Arg, kind: Kind, **kwargs: Arg) -> Value:
        op = self.op
        value = Value("", kind)
        self.block.ops.append(Op(fn, args, kwargs, [value], op.origin, "", op.stopped, reverse=op.reverse))
        return value

    def last(self, fn: Callable[..., Any], *args: Arg, **kwargs: Arg) -> bool:
        """The op that gives the result itself."""
        op = self.op
        self.block.ops.append(Op(fn, args, kwargs, op.results, op.origin, "", op.stopped, reverse=op.reverse))
        return True

    def length(self, of: Value, axis: int) -> Atom:
        """The length of an axis."""
        dims = of.kind.shape        # type: ignore[union-attr]
        dim = dims[axis]        # type: ignore[index]
        if isinstance(dim, int):
            return Const(dim)
        shape = self(getattr, of, Const("shape"), kind=Shape(dims))      # type: ignore[arg-type]
        return self(operator.getitem, shape, Const(axis), kind=replace(INT, length=dim))

    def check(self, fn: Callable[..., Any], *args: Atom) -> None:
        """A check: something that may raise."""
        self.block.ops.append(Op(fn, args, origin=self.op.origin, reverse=self.op.reverse, effect=True))

    def checked(self, value: Value, shape: tuple[Dim, ...], sizes: tuple[Atom, ...]) -> None:
        """Check that an array can be stretched to a shape, where that is not known."""
        own = shape_of(value)
        for at, (dim, wanted, size) in enumerate(zip(own[::-1], shape[::-1], sizes[::-1], strict=False)):
            if dim not in (1, wanted):
                self.check(runtime.check_stretch, self.length(value, len(own) - 1 - at), size)

    def count(self, of: Value, axes: tuple[int, ...]) -> Atom:
        """How many elements there are along some axes."""
        total: Atom = Const(1)
        for axis in axes:
            size = self.length(of, axis)
            total = size if isinstance(total, Const) and total.value == 1 else self(operator.mul, total, size, kind=INT)
        return total
