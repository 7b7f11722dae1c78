"""The derivative of a function whose tangent alone is given: that is linear in the tangents, so it is transposed.

So is the derivative of one whose cotangents are made by a loop: forward mode is what `grad` gives, by `out_bar`, of the
inner product of these and the tangents of the arguments.

The cotangents of the arguments are what `vjp` of the tangent gives, as a function of the tangents of the arguments.
Where it is linear, these do not matter: nothing stands for them, and where one is read it is no tangent.

>>> from ad_compiler import custom_jvp, grad
>>> @custom_jvp
... def product(x, y):
...     return x * y
>>> @product.defjvp
... def product_jvp(x, y, *, out, x_dot, y_dot):
...     return x_dot * y + x * y_dot
>>> def f(x):
...     return product(x, 3.0) ** 2
>>> print(grad(f).source_for(2.0), end="")
def f_grad(x):
    # -- reverse sweep --
    x_bar = 6.0 * product(x, 3.0)           # line 2: return product(x, 3.0) ** 2
    return x_bar
"""

from __future__ import annotations

import inspect
import operator
from typing import TYPE_CHECKING, Any

import numpy as np

from ad_compiler.errors import Refused
from ad_compiler.function import compiler
from ad_compiler.ir import (
    Atom,
    Block,
    Branch,
    Const,
    Func,
    Op,
    Stmt,
    Value,
    block_definitions,
    definitions,
    free_values,
    operands,
    substitute,
    values_in,
    walk,
)
from ad_compiler.kinds import FLOAT, NotStatic
from ad_compiler.passes import run_passes
from ad_compiler.rules import registry
from ad_compiler.spec import VjpSpec

if TYPE_CHECKING:
    from ad_compiler.own import CustomFunction
    from ad_compiler.read.abstract import Abstract


def positional(count: int) -> inspect.Signature:
    """The signature of a function of so many arguments."""
    kind = inspect.Parameter.POSITIONAL_ONLY
    return inspect.Signature([inspect.Parameter(f"x{n}", kind) for n in range(count)])


class Transposed(registry.Written):
    """The cotangents of a custom function's arguments, of its tangent."""

    def __init__(self, of: CustomFunction) -> None:
        self.of = of

    def write(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        from ad_compiler.adjoint.own import RETURN_ONE, fitting, misfit, reads_the_world
        from ad_compiler.optimise.dce import drop_dead

        rule, name = self.of._rule, self.of.__name__
        assert rule is not None
        assert rule.tangent is not None
        if reads_the_world(rule.tangent):
            raise Refused(f"the tangent of `{name}` reads names of its own, or has no source: it has no reverse mode",
                          f"give it a derivative: `@{name}.defvjp`")
        named = {k: v for k, v in kwargs.items() if k not in ("out", "out_bar")}
        out, out_bar = kwargs["out"], kwargs["out_bar"]
        holes = _Holes(rule, args, named)

        def tangent(inner: Any, dots: list[Abstract], _: Any) -> Abstract:
            try:
                found = inner.memory.fresh(
                    inner.calls.inline(rule.tangent, args, {**named, "out": out, **holes.dots(inner, dots)}))
            except NotStatic as error:
                raise Refused(f"the tangent of `{name}` cannot be transposed: {error}",
                              f"give it a derivative: `@{name}.defvjp`") from None
            if isinstance(found, Const) and found.value is None:
                raise Refused(f"the tangent of `{name}` returns None", RETURN_ONE)
            fault = misfit(out, found, "a tangent")
            if fault:
                raise Refused(f"the rule of `{name}` gives {fault}", RETURN_ONE)
            return fitting(inner, found, out, f"the tangent of `{name}`")
        if not holes.atoms:
            return holes.parts(args, [])
        count = len(holes.atoms)
        spec = VjpSpec(compiler().Special(tangent, self.of, positional(count)), count, pulled=True)
        mark = len(lifter.block.ops)
        made = compiler().transform_inside(lifter, spec, [*holes.atoms, out_bar], {})
        block = Block([], lifter.block.ops[mark:], list(made.items))
        run_passes(Func("transposed", [], block), (drop_dead,))         # what the tangent is does not count
        if not depending(block, set(holes.atoms)).isdisjoint(values_in(block.results)):
            raise Refused(f"the tangent of `{name}` is not linear in the tangents that it is given",
                          f"let it be, or give it a derivative: `@{name}.defvjp`")
        substitute(block, dict(zip(holes.atoms, holes.primals, strict=True)))      # only their shape is asked for
        lifter.block.ops[mark:] = block.ops
        return holes.parts(args, block.results)


class _Holes:
    """What stands for the tangents of a call's arguments: a value for each that a rule takes."""

    def __init__(self, rule: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> None:
        from ad_compiler.read.abstract import flatten, is_real
        from ad_compiler.tangent.own import as_abstract

        self.rule = rule
        bound = rule.signature.bind(*args, **kwargs).arguments
        self.bound = {name: as_abstract(thing) for name, thing in bound.items()}
        self.taken = {name: thing for name, thing in self.bound.items() if f"{name}_dot" in rule.dot_names}
        self.primals: list[Atom] = [a for thing in self.taken.values() for a in flatten(thing)[0] if is_real(a)]
        self.atoms = [Value(a.hint, a.kind) if isinstance(a, Value) else Value("", FLOAT)
                      for a in self.primals]

    def dots(self, lifter: Any, given: list[Abstract]) -> dict[str, Abstract]:
        """The tangents that the rule takes, in the structures of the arguments."""
        from ad_compiler.read.abstract import flatten, is_real
        from ad_compiler.tangent.own import defaults, zero_of

        rest = iter(given)
        found = defaults(self.rule, {f"{name}_dot" for name in self.taken})
        for name, thing in self.taken.items():
            atoms, build = flatten(thing)
            found[f"{name}_dot"] = build([next(rest) if is_real(a) else zero_of(lifter, a) for a in atoms])
        return found

    def parts(self, args: list[Abstract], bars: list[Any]) -> Abstract:
        """The cotangents of the arguments; of one whose tangent the rule does not take, why there is none."""
        from ad_compiler.read.abstract import Poison, Tuple, flatten, is_real
        from ad_compiler.tangent.own import untaken

        params = list(self.rule.signature.parameters.values())
        names = [p.name for p in params if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        names += [p.name for p in params if p.kind is p.VAR_POSITIONAL] * max(0, len(args) - len(names))
        rest = iter(bars)
        found: list[Abstract] = []
        for name, thing in zip(names, args, strict=False):
            atoms, build = flatten(thing)
            if not any(map(is_real, atoms)):
                found.append(Const(None))
            elif name in self.taken:
                found.append(build([next(rest) if is_real(a) else Const(None) for a in atoms]))
            else:
                found.append(Poison(untaken(self.rule, name), "let it take that"))
        return Tuple(found)


class Along(registry.Written):
    """The tangent of what a custom function returns, of its cotangents, whatever statements these are made by."""

    def __init__(self, of: CustomFunction) -> None:
        self.of = of

    def write(self, lifter: Any, args: list[Abstract], kwargs: dict[str, Abstract]) -> Abstract:
        from ad_compiler.optimise.dce import drop_dead
        from ad_compiler.tangent.derived import NotLinear, seeds_of

        rule, name = self.of._rule, self.of.__name__
        assert rule is not None
        named = {k: v for k, v in kwargs.items() if k not in ("out", "dots")}
        out: Any = kwargs["out"]
        dots: Any = kwargs["dots"]
        hole = Value(out.hint, out.kind)

        def product(inner: Any, bars: list[Abstract], _: Any) -> Abstract:
            total: Abstract = Const(0.0)
            for bar, dot in seeds_of(inner, rule, args, {**named, "out": out, "out_bar": bars[0]}, dots):
                each = inner.calls.call(Const(np.sum), [inner.apply(operator.mul, [bar, dot])], {})
                total = inner.apply(operator.add, [total, each])
            return total
        spec = VjpSpec(compiler().Special(product, self.of, positional(1)), 1, pulled=True)
        mark = len(lifter.block.ops)
        made = compiler().transform_inside(lifter, spec, [hole, Const(1.0)], {})
        block = Block([], lifter.block.ops[mark:], list(made.items))
        run_passes(Func("transposed", [], block), (drop_dead,))         # what the product is does not count
        if not depending(block, {hole}).isdisjoint(values_in(block.results)):
            raise NotLinear(f"the derivative of `{name}` is not linear in `out_bar`: it has no forward mode")
        substitute(block, {hole: out})      # only its shape is asked for
        lifter.block.ops[mark:] = block.ops
        (dot,) = block.results
        return dot


def check_world(lifter: Any, stmts: list[Stmt], name: str) -> None:
    """Refuse a call of what reads something of the world that the program has written into: it runs as it stands."""
    from ad_compiler.watch import is_argument

    for value in free_values(Block([], stmts)):
        written = lifter.memory.foreign_written.get(lifter.memory.cell_of(value))
        if written is not None and not is_argument(written.get):
            raise Refused(f"`{name}` reads `{written.value.hint}`, which is written into before it is called",
                          "give it that as an argument")


def depending(block: Block, values: set[Value]) -> set[Value]:
    """What is made of some values, and not of their shapes alone."""
    found, before = set(values), 0
    while len(found) > before:      # what a loop hands on, it reads
        before = len(found)
        for stmt in walk(block):
            for read, made in flows(stmt):
                if not found.isdisjoint(read):
                    found.update(made)
    return found


def flows(stmt: Stmt) -> list[tuple[list[Value], list[Value]]]:
    """What a statement itself makes of what."""
    if isinstance(stmt, Op):
        return [(told(stmt), stmt.results)]
    if isinstance(stmt, Branch):
        sides = zip(stmt.then.results, stmt.orelse.results, strict=True)
        return [(operands(stmt), stmt.results),
                *((values_in(each), [result]) for each, result in zip(sides, stmt.results, strict=True))]
    body, ends = stmt.body, values_in((stmt.leave, () if stmt.cond is None else stmt.cond.results))
    bounds = values_in((stmt.start, stmt.stop, stmt.step, stmt.snapshots))
    return [(bounds + ends, [*block_definitions(body, stmt), *definitions(stmt)]),
            *((values_in((init, handed)), [param, result]) for init, handed, param, result in zip(
                stmt.inits, body.results, body.params, stmt.results, strict=True)),
            *((values_in(inner), [trail]) for inner, trail in stmt.trails)]


def told(op: Op) -> list[Value]:
    """The values that an op reads, but for what it asks the shape of alone."""
    from ad_compiler.ops import asks_attribute, traits

    if asks_attribute(op):
        return []
    like = traits(op).like
    return values_in([a for at, a in enumerate(op.args) if at != like]) + values_in(op.kwargs)
