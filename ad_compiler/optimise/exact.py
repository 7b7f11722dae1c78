"""Products that are 0 where a cotangent is, written plainly: what would be infinite there is never computed.

>>> from ad_compiler import grad
>>> def f(x, y):
...     return np.sum(np.sqrt(x) * y)
>>> g = grad(f)
>>> _ = g(np.ones(3), np.ones(3))
>>> print(g.source.splitlines()[-2].partition("  #")[0].strip())
x_bar = 0.5 * y / np.where(y == 0.0, 1.0, np.sqrt(x))
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.analyse.steep import DEPTH, Steep, nonzero
from ad_compiler.ir import Arg, Atom, Block, Const, Func, Op, Stmt, Value, blocks_in, walk
from ad_compiler.kinds import Kind, Num
from ad_compiler.ops import is_negation, is_product, is_quotient, is_stretched, names_infinity, traits
from ad_compiler.optimise.dce import drop_dead
from ad_compiler.optimise.facts import count_uses, kind, num, number
from ad_compiler.optimise.simplify import simplify
from ad_compiler.passes import run_passes
from ad_compiler.rules import registry


def exact_products(func: Func) -> Func:
    """Write each product that has to be exact as one of NumPy's own."""
    if [stmt for stmt in walk(func.body) if type(stmt) is Op and stmt.fn is runtime.exact_product]:
        writer = _Writer(func)
        writer.block(func.body)
        func.edits += 1
        func = run_passes(func, (simplify, drop_dead))
    return func


def is_reciprocal(op: Op) -> bool:
    """Is this `1.0 / x`, which is as cheap to compute once more?"""
    return is_quotient(op) and number(op.args[0]) == 1


class _Writer:
    def __init__(self, func: Func) -> None:
        self.steep = Steep(func.body, None)
        self.makers, self.uses = self.steep.makers, count_uses(func.body)
        self.out: list[Stmt] = []
        self.shared: dict[tuple[Any, ...], Value] = {}      # what this block has in front of other products already
        self.like: Op = Op(operator.mul, ())

    def block(self, block: Block) -> None:
        for inner in blocks_in(block.ops):
            self.block(inner)
        outer, self.out = self.out, []
        self.shared.clear()
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
        if nonzero(self.small(bar)) or isinstance(slope, Const) and not names_infinity(slope):
            op.fn = operator.mul
            return
        if isinstance(slope, Const) and found.shape != ():      # an array of it has its dtype
            slope = Const(np.dtype(found.dtype).type(slope.value))
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

    def quotient(self, bar: Atom, slope: Atom) -> tuple[Callable[..., Any], tuple[Arg, ...]] | None:
        """`bar * slope` where that divides by something, or takes a power of it: that is 1 where `bar` is 0."""
        made = self.makers.get(slope) if isinstance(slope, Value) else None
        if made is None or made.kwargs or made.inplace or self.uses[made.result] != 1 and not is_reciprocal(made):
            return None
        if is_quotient(made):
            above, below = made.args
            if self.steep.infinite(above, DEPTH) or isinstance(below, Const):
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
                if not self.steep.infinite(other, DEPTH) and (inner := self.quotient(bar, factor)) is not None:
                    return operator.mul, (other, self.emit(*inner))
        return None

    def away(self, bar: Atom, x: Atom) -> Value:
        """`x`, but 1 where a cotangent is 0."""
        found = num(x)
        assert found is not None
        key = (bar, x)
        if key not in self.shared:
            fn, args = self.choice(bar, Const(1.0), x, found)
            self.shared[key] = self.emit(fn, args)
        return self.shared[key]

    def choice(self, bar: Atom, zero: Atom, x: Atom, found: Num) -> tuple[Callable[..., Any], tuple[Arg, ...]]:
        """One thing where a cotangent is 0, another elsewhere."""
        of = num(bar)
        assert of is not None
        if of.shape == () and found.shape == ():
            return runtime.either, (x, bar, zero)
        if of.dtype == "bool":
            return np.where, (bar, x, zero)
        if (bar,) not in self.shared:
            self.shared[bar,] = self.emit(operator.eq, (bar, Const(0.0)))
        return np.where, (self.shared[bar,], zero, x)

    def emit(self, fn: Callable[..., Any], args: tuple[Arg, ...], found: Kind | None = None) -> Value:
        """A call in front."""
        if found is None:
            rule = registry.lookup(fn)
            assert rule is not None
            atoms = [a for a in args if isinstance(a, (Value, Const))]
            found = rule.kind(*(kind(a) if isinstance(a, Value) else a.value for a in atoms))
        assert isinstance(found, Num)
        value = Value("", found)
        op = Op(fn, args, {}, [value], self.like.origin, reverse=self.like.reverse, stopped=self.like.stopped)
        self.makers[value] = op
        self.uses[value] = 1
        self.out.append(op)
        return value
