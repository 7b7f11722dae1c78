"""Products that are 0 where a cotangent is, written plainly: what would be infinite there is never computed.

>>> from ad_compiler import grad
>>> def f(x):
...     return np.sum(np.sqrt(x) * x)
>>> g = grad(f)
>>> _ = g(np.ones(3))
>>> print(g.source)
"""

from __future__ import annotations

import operator

import numpy as np

from ad_compiler import runtime
from ad_compiler.analyse.steep import Steep, nonzero
from ad_compiler.ir import Arg, Atom, Block, Const, Func, Op, Stmt, Value, blocks_in, walk
from ad_compiler.kinds import Num
from ad_compiler.ops import is_negation, is_product, is_quotient, is_stretched, traits
from ad_compiler.optimise.facts import count_uses, kind, num, number
from ad_compiler.rules import registry


def exact_products(func: Func) -> Func:
    """Write each product that has to be exact as one of NumPy's own."""
    if any(isinstance(stmt, Op) and stmt.fn is runtime.exact_product for stmt in walk(func.body)):
        writer = _Writer(func)
        writer.block(func.body)
        func.edits += 1
    return func


class _Writer:
    def __init__(self, func: Func) -> None:
        self.steep = Steep(func.body, None)
        self.makers, self.uses = self.steep.makers, count_uses(func.body)
        self.out: list[Stmt] = []
        self.like: Op = Op(operator.mul, ())

    def block(self, block: Block) -> None:
        for inner in blocks_in(block.ops):
            self.block(inner)
        outer, self.out = self.out, []
        for stmt in block.ops:
            if isinstance(stmt, Op) and stmt.fn is runtime.exact_product:
                self.like = stmt
                self.write(stmt)
            self.out.append(stmt)
        block.ops, self.out = self.out, outer

    def write(self, op: Op) -> None:
        """Put another call in place of an exact product, with what it needs in front."""
        bar, slope = op.args
        found = num(op.result)
        if found is None or found.shape is None:
            return      # at run time
        if nonzero(self.small(bar)) or isinstance(slope, Const):
            op.fn = operator.mul
            return
        made = self.quotient(bar, slope)
        if made is not None:
            op.fn, op.args = made
        elif (of := num(bar)) is not None and of.dtype == "bool":
            op.fn, op.args = self.choice(bar, Const(0.0), slope, found)
        else:
            op.fn, op.args = operator.mul, (bar, self.away(bar, slope))

    def small(self, bar: Arg) -> Atom:
        """What a cotangent is made of that is the same for each element."""
        while isinstance(bar, Value) and is_stretched(self.makers.get(bar)):
            bar = self.makers[bar].args[0]
        assert isinstance(bar, (Value, Const))
        return bar

    def quotient(self, bar: Atom, slope: Atom) -> tuple[object, tuple[Arg, ...]] | None:
        """`bar * slope` where that divides by something, or takes a power of it: that is 1 where `bar` is 0."""
        made = self.makers.get(slope) if isinstance(slope, Value) and self.uses[slope] == 1 else None
        if made is None or made.kwargs or made.inplace:
            return None
        if is_quotient(made):
            above, below = made.args
            if self.steep.infinite(above) or isinstance(below, Const):
                return None
            part = bar if number(above) == 1 else self.emit(operator.mul, (above, bar))
            return operator.truediv, (part, self.away(bar, below))
        if traits(made).power and traits(made).elementwise and isinstance(made.args[0], Value):
            base = self.away(bar, made.args[0])
            return operator.mul, (bar, self.emit(made.fn, (base, *made.args[1:]), made.result.kind))
        if is_negation(made):
            inner = self.quotient(bar, made.args[0])
            return inner and (operator.neg, (self.emit(*inner),))
        if is_product(made):
            for factor, other in (made.args, made.args[::-1]):
                if not self.steep.infinite(other) and (inner := self.quotient(bar, factor)) is not None:
                    return operator.mul, (other, self.emit(*inner))
        return None

    def away(self, bar: Atom, x: Atom) -> Value:
        """`x`, but 1 where a cotangent is 0."""
        found = num(x)
        assert found is not None
        fn, args = self.choice(bar, Const(1.0), x, found)
        return self.emit(fn, args)

    def choice(self, bar: Atom, zero: Atom, x: Atom, found: Num) -> tuple[object, tuple[Arg, ...]]:
        """One thing where a cotangent is 0, another elsewhere."""
        of = num(bar)
        assert of is not None
        if of.shape == () and found.shape == ():
            return runtime.either, (x, bar, zero)
        if of.dtype == "bool":
            return np.where, (bar, x, zero)
        return np.where, (self.emit(operator.eq, (bar, Const(0.0))), zero, x)

    def emit(self, fn: object, args: tuple[Arg, ...], found: object = None) -> Value:
        """A call in front."""
        if found is None:
            rule = registry.lookup(fn)
            assert rule is not None
            found = rule.kind(*(kind(a) if isinstance(a, Value) else a.value for a in args))    # type: ignore[union-attr]
        value = Value("", found)        # type: ignore[arg-type]
        op = Op(fn, args, {}, [value], self.like.origin, reverse=self.like.reverse, stopped=self.like.stopped)   # type: ignore[arg-type]
        self.makers[value] = op
        self.uses[value] = 1
        self.out.append(op)
        return value
