"""The tangent of a function, derived from its cotangents: they are linear in `out_bar`, so that they can be transposed.

With `x_bar` what a rule gives for `x`, the inner product of `x_bar` and `x_dot` is that of `out_bar` and `out_dot`: its
derivative by `out_bar` is the tangent.

>>> import numpy as np
>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import show
>>> from ad_compiler.kinds import Num
>>> from ad_compiler.read.lift import Lifter
>>> x, x_dot, block = Value("x", Num("float64", (3,))), Value("x_dot", Num("float64", (3,))), Block()
>>> y = block.emit(np.prod, x, hint="y", kind=Num("float64", (), "np"))
>>> derived = Derived(Templates(Lifter(block, watching=False, reverse=True)))
>>> block.results = derived.tangents(registry.lookup(np.prod), [x], {}, [y], {x: x_dot})
>>> print(show(Func("f", [x, x_dot], block)))
def f(x, x_dot):
    y = prod(x)
    t = prod_others(x, None)
    t_2 = mul(x_dot, t)
    t_3 = sum(t_2)
    return t_3
"""

from __future__ import annotations

import operator

from ad_compiler.adjoint.own import fault_of, fitting, inner, summed
from ad_compiler.adjoint.reverse import Reverser
from ad_compiler.adjoint.templates import Templates
from ad_compiler.errors import Collector
from ad_compiler.ir import Arg, Atom, Block, Const, Func, Op, Value, map_values, substitute, values_in
from ad_compiler.kinds import NotStatic, Num
from ad_compiler.ops import asks_attribute, is_constant, traits
from ad_compiler.optimise.dce import drop_dead
from ad_compiler.optimise.simplify import simplify
from ad_compiler.passes import run_passes
from ad_compiler.read.abstract import Abstract, Poison, Sequence, Tuple
from ad_compiler.read.lift import Lifter
from ad_compiler.rules import registry

Dots = dict[Value, Atom]


class NotLinear(Exception):
    """A rule has no transpose: what it gives is not linear in `out_bar`, or it is not read.  The message says so."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy or "write it with other functions, or use reverse mode: `grad`"


class HasLoops(NotStatic):
    """A rule of the user's own has loops or branches in it."""


class Derived:
    """Tangents by transposing; what was found for arguments of certain kinds is used again."""

    def __init__(self, templates: Templates) -> None:
        self.templates = templates
        self.lifter = templates.lifter

    def tangents(self, rule: registry.Rule, args: list[Abstract], kwargs: dict[str, Abstract], results: list[Value],
                 dots: Dots) -> list[Atom | None]:
        """The tangents of `results`, written into the block; None where one is zero."""
        def dots_in(thing: Abstract) -> Abstract:
            if isinstance(thing, Sequence):
                return Tuple([dots_in(item) for item in thing.items])
            return dots.get(thing, Const(None)) if isinstance(thing, Value) else Const(None)

        given = [Tuple(args), Tuple(list(results)), dots_in(Tuple(args))]
        made = self.templates.made(("tangent", rule.fn), given, kwargs,
                                   lambda: self.write(*transposed(rule, args, kwargs, results, dots)))
        return [None if isinstance(dot, Const) and dot.value is None else dot for dot in made.items]

    def write(self, block: Block, found: list[Atom]) -> Abstract:
        """Append what was derived in a block of its own, as if it were called here."""
        now: dict[Value, Arg] = {}
        for op in block.ops:
            assert isinstance(op, Op)
            args, kwargs = map_values((op.args, op.kwargs), lambda v: now.get(v, v))
            rule = registry.lookup(op.fn)
            kinds = [r.kind for r in op.results]
            made = self.lifter.emit(op.fn, args, kwargs, kinds, spelling=op.spelling) if rule is None else \
                self.lifter.emit_call(rule, args, kwargs, kinds, op.spelling)
            now.update(zip(op.results, made, strict=True))
        return Tuple([map_values(dot, lambda v: now.get(v, v)) for dot in found])


def transposed(rule: registry.Rule, args: list[Abstract], kwargs: dict[str, Abstract], results: list[Value], dots: Dots
               ) -> tuple[Block, list[Atom]]:
    """Statements that make the tangents of `results`, and these; `Const(None)` where one is zero."""
    assert rule.vjp is not None
    block = Block()
    lifter = Lifter(block, watching=False, reverse=True)
    out_bars = [Value("out_bar", r.kind) for r in results]
    several = len(results) > 1
    seeds = seeds_of(lifter, rule, args, {
        **kwargs, "out": Tuple(list(results)) if several else results[0],
        "out_bar": Tuple(list(out_bars)) if several else out_bars[0]}, dots)
    if rule.own and any(not isinstance(stmt, Op) for stmt in block.ops):
        raise HasLoops
    collector, forward = Collector(), list(block.ops)
    reverser = Reverser(block, out_bars, collector)
    for bar, dot in seeds:
        same_rank = isinstance(dot, Value) and isinstance(dot.kind, Num) and isinstance(bar.kind, Num) \
            and dot.kind.shape is not None and dot.kind.ndim == bar.kind.ndim
        reverser.accumulate(bar, reverser.cast(dot, bar) if same_rank else reverser.fit(dot, bar))
    reverser.reverse(forward)
    if collector.refusals:
        raise NotStatic("what the rule calls has no derivative")
    for value in [v for stmt in block.ops if isinstance(stmt, Op) for v in stmt.results]:
        value.hint = ""
    block.results = [reverser.bars.get(bar, Const(None)) for bar in out_bars]
    run_passes(Func("tangent", [], block), (simplify, drop_dead))
    check_linear(rule, block, out_bars)
    substitute(block, dict(zip(out_bars, results, strict=True)))        # only their shape is asked for
    return block, block.results


def seeds_of(lifter: Lifter, rule: registry.Rule, args: list[Abstract], kwargs: dict[str, Abstract], dots: Dots
             ) -> list[tuple[Value, Atom]]:
    """What a rule gives, read into the block: the cotangents of the arguments, each with the tangent of that."""
    assert rule.vjp is not None
    returned = lifter.memory.fresh(lifter.calls.inline(rule.vjp, args, kwargs))
    parts = returned.items if isinstance(returned, Tuple) else [returned]
    if isinstance(returned, Tuple) and len(args) == 1 and isinstance(args[0], Sequence):
        parts = [returned]
    if any(isinstance(part, Poison) for part in parts):
        raise NotStatic("the rule raises")
    parts = summed(lifter, rule, args, parts)
    if rule.own and (fault := fault_of(rule, args, parts)):
        raise NotLinear(fault)
    seeds: list[tuple[Value, Atom]] = []
    for arg, part in zip(args, parts, strict=False):
        pair(lifter, arg, part, dots, seeds, f"the derivative of `{rule.fn.__name__}`" if rule.own else "")
    return seeds


def pair(lifter: Lifter, arg: Abstract, part: Abstract, dots: Dots, seeds: list[tuple[Value, Atom]], own: str = ""
         ) -> None:
    """Note which cotangents and tangents belong together; of an argument that is a list, those of its items.

    `own`: which rule of the user's own they are from.
    """
    if isinstance(arg, Value):
        if arg in dots and isinstance(part, Value):
            seeds.append((fitting(lifter, part, arg, own) if own else part, dots[arg]))
    elif (pairs := inner(arg, part)) is not None:
        for each, each_part in pairs:
            pair(lifter, each, each_part, dots, seeds, own)
    elif isinstance(arg, Sequence) and isinstance(part, Value):
        for at, each in enumerate(arg.items):
            pair(lifter, each, lifter.apply(operator.getitem, [part, Const(at)]), dots, seeds, own)


def check_linear(rule: registry.Rule, block: Block, out_bars: list[Value]) -> None:
    """Raise `NotLinear` where a tangent is made of what is read of `out_bar`, but for its shape."""
    depends = set(out_bars)
    for op in block.ops:
        if not isinstance(op, Op):
            raise NotStatic("a derivative with branches or loops")
        like = traits(op).like
        read = values_in([arg for at, arg in enumerate(op.args) if at != like]) + values_in(op.kwargs)
        if depends.isdisjoint(read) or asks_attribute(op):
            continue
        if is_constant(op):
            depends.update(values_in(block.results))
        depends.update(op.results)
    if not depends.isdisjoint(values_in(block.results)):
        raise NotLinear(f"the derivative of `{rule.fn.__name__}` is not linear in `out_bar`: it has no forward mode")
