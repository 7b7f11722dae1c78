"""The forward walk: each statement is followed by its tangent.

A value that no tangent reaches has none: it is zero, and nothing is written for it.

>>> import numpy as np
>>> from ad_compiler.ir import Func, show
>>> from ad_compiler.kinds import FLOAT
>>> x, x_dot, block = Value("x", FLOAT), Value("x_dot", FLOAT), Block()
>>> y = block.emit(operator.mul, x, Const(3.0), hint="y", kind=FLOAT)
>>> z = block.emit(np.exp, y, hint="z", kind=FLOAT)
>>> dots = Forward(block, {x: x_dot}, Collector()).run()
>>> block.results = [(z, dots[z])]
>>> print(show(Func("f", [x, x_dot], block)))
def f(x, x_dot):
    y = mul(x, 3.0)
    y_dot = mul(x_dot, 3.0)
    z = exp(y)
    z_dot = mul(y_dot, z)
    return (z, z_dot)
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ad_compiler import runtime
from ad_compiler.adjoint.own import reads_the_world
from ad_compiler.adjoint.templates import to_abstract
from ad_compiler.adjoint.walk import Walk
from ad_compiler.errors import Collector, Refused
from ad_compiler.ir import UNDEFINED, Arg, Atom, Block, Branch, Const, Op, Stmt, Value, operands, values_in
from ad_compiler.kinds import NotStatic, Num, Obj, Seq
from ad_compiler.ops import is_constant, is_elementwise, is_product, is_store, is_zeros, makes_list, traits
from ad_compiler.optimise.results import all_python
from ad_compiler.read.abstract import Abstract, Dict, List, Tuple, kind_of
from ad_compiler.read.calls.recursion import Callee
from ad_compiler.rules import registry
from ad_compiler.tangent.control import ForwardControl
from ad_compiler.tangent.derived import Derived, HasLoops, NotLinear
from ad_compiler.tangent.own import along_loops, own_tangent, values_in_abstract

Dots = dict[Value, Atom]


class Product(NamedTuple):
    """A tangent as it is made: `sign * dot * slope`, where the slope was infinite and is cut off."""

    dot: Atom
    slope: Abstract
    sign: int = 1


class Forward(ForwardControl, Walk):
    """Writes the statements of `block` anew, with tangents; `dots` are those of what it is given."""

    def __init__(self, block: Block, dots: Mapping[Value, Atom], collector: Collector, apart: bool = False) -> None:
        super().__init__(block, dots, collector)
        self.steep.spread()
        self.apart = apart      # what a call of a function that calls itself gives is wanted without its tangent too
        self.dots: Dots = dict(dots)
        self.missing: dict[Value, tuple[Op, str, str]] = {}      # what has a tangent that nothing is known of, and why
        self.products: dict[Value, Product] = {}        # tangents that are known as products, of finite numbers
        self.derived = Derived(self.templates)
        self.python = all_python(block) and all(getattr(kind_of(d), "form", "py") == "py" for d in dots.values())

    def run(self) -> Dots:
        """The tangents of the values of the block itself."""
        self.lifter.block = Block()
        self.statements(self.block.ops)
        self.block.ops = self.lifter.block.ops
        return self.dots

    def statements(self, stmts: list[Stmt]) -> None:
        """Append statements, each with its tangent."""
        for stmt in stmts:
            self.lifter.fixed_origin = stmt.origin or self.lifter.fixed_origin
            if isinstance(stmt, Branch):
                self.branch(stmt)
            elif isinstance(stmt, Op):
                self.lifter.block.ops.append(stmt)
                self.op(stmt)
            else:
                self.loop(stmt)

    # -- tangents of values --------------------------------------------------------------------------

    def dot_of(self, atom: Arg) -> Atom | None:
        """The tangent of a value; None where it is zero."""
        return self.dots.get(atom) if isinstance(atom, Value) else None

    def filled(self, atom: Atom) -> Atom:
        """The tangent of a value, zero or not."""
        dot = self.dot_of(atom)
        if dot is not None or atom is UNDEFINED:
            return atom if dot is None else dot
        return self.zero(atom) if isinstance(atom, Value) else Const(0.0)

    def zero(self, like: Value) -> Atom:
        """A zero tangent; of zeros, and of an empty list, one made in the same way."""
        made = self.makers.get(like)
        empty = makes_list(made) and not any(made.args)
        if made is None or made.results != [like] or not (empty or is_zeros(made)):
            return super().zero(like)
        return self.lifter.emit(made.fn, made.args, dict(made.kwargs), [like.kind], spelling=made.spelling)[0]

    def missing_in(self, atoms: list[Any]) -> tuple[Op, str, str] | None:
        """Is something read here whose tangent is not known?"""
        return next((self.missing[a] for a in atoms if isinstance(a, Value) and a in self.missing), None)

    def demand(self, atoms: list[Atom]) -> list[Atom | None]:
        """The tangents of what is handed out; refuses where one is not known."""
        fault = self.missing_in(atoms)
        if fault is not None:
            op, message, remedy = fault
            if message:
                self.add_refusal(op, message, remedy)
            else:
                self.refuse(op, registry.lookup(op.fn))
        self.collector.raise_if_any()
        return [self.dot_of(atom) for atom in atoms]

    def name(self, value: Value, dot: Atom) -> None:
        """A tangent is called after its value, where it has no name of its own."""
        letter = self.letters.get(value, "")
        hint = f"{value.hint}_dot" if value.hint else f"~{letter}_dot" if letter else ""
        if isinstance(dot, Value) and (not dot.hint or dot.hint.startswith("~") and not hint.startswith("~")):
            dot.hint = hint

    # -- one op --------------------------------------------------------------------------------------

    def op(self, op: Op) -> None:
        """The tangents of an op's results."""
        if op.stopped or is_constant(op) or not any(r in self.active for r in op.results):
            return
        fault = self.missing_in(operands(op))
        if fault is not None:
            self.miss(op, *fault)
            return
        if isinstance(op.fn, Callee) and not self.is_settled(op, op.fn):        # what is saved has no tangent
            self.collector.raise_if_any()
        if not any(v in self.dots for v in operands(op)):
            if any(v in self.active and isinstance(v.kind, Obj) for v in operands(op)):
                self.miss(op, op, "", "")       # out of an object that nothing is known of
            return
        if isinstance(op.fn, Callee):
            self.call(op, op.fn)
            return
        self.check_numbers(op)
        rule, fault_text, remedy = registry.lookup(op.fn), "", "write it as a loop"
        mark = len(self.lifter.block.ops)
        try:
            dots = None if rule is None else self.by_rule(op, rule)
        except NotLinear as error:
            dots, fault_text, remedy = None, str(error), error.remedy
        except (NotStatic, Refused):
            dots = None
        if dots is None:
            del self.lifter.block.ops[mark:]
            self.miss(op, op, fault_text, remedy)
            return
        for result, dot in zip(op.results, dots, strict=True):
            if dot is not None and result in self.active:
                self.dots[result] = dot = self.fit(dot, result)
                self.name(result, dot)

    def call(self, op: Op, callee: Callee) -> None:
        """A call of a function that calls itself is one of the function that gives tangents too.

        Of `x_bar = g_pulled(x, y_bar)`, that is the reverse of the tangent of `g`: see `adjoint.calls`.
        """
        assert callee.of is not None
        pair, tangent = callee.of, callee.of.tangent
        args, seeds = op.args[:len(pair.names)], op.args[len(pair.names):]
        self.lifter.block.ops.pop()     # what is made for it stands before it
        along = [self.filled(args[at]) for at in pair.real]
        outs = op.results[:-1] if callee is pair.forward else op.results
        dots = [self.tangent_value(out) for out in outs]
        if self.apart:
            self.lifter.block.ops.append(op)
            op = replace(op, results=[Value(v.hint, v.kind) for v in op.results])
        if callee is pair.forward:
            op.fn, op.args = tangent.forward, (*args, *along)
            op.results = [*op.results[:-1], *dots, op.results[-1]]
        else:
            op.fn, op.results = tangent.pulled, [*dots, *op.results]
            op.args = (*args, *along, *[self.dot_of(seed) or self.zeros(seed) for seed in seeds], *seeds)
        self.lifter.block.ops.append(op)
        self.dots.update((out, dot) for out, dot in zip(outs, dots, strict=True) if out in self.active)

    def miss(self, op: Op, cause: Op, message: str, remedy: str) -> None:
        """Note that nothing is known of the tangents of these results, which may be needed or not."""
        self.missing.update((r, (cause, message, remedy)) for r in op.results if r in self.active)

    def by_rule(self, op: Op, rule: registry.Rule) -> list[Atom | None]:
        """By partial derivatives, as the function itself is linear, as it is written, or as it is derived."""
        args, kwargs = [to_abstract(a) for a in op.args], {k: to_abstract(v) for k, v in op.kwargs.items()}
        signs = traits(op).signs
        self.hand_on(op, signs)
        if rule.forward == "itself":
            return self.linear(op, rule, args, kwargs)
        args, kwargs = rule.bind(args, kwargs)
        if rule.forward == "written" and (rule.own or isinstance(rule.tangent, registry.Written)):
            return [own_tangent(self, op, rule, args, kwargs)]
        if any(v in self.dots for thing in kwargs.values() for v in values_in_abstract(thing)):
            raise NotLinear(f"`{rule.fn.__name__}` is differentiated with respect to what is given by keyword alone",
                            "let it be given by position")
        steep = self.steep
        if rule.slopes and any(steep.may_meet(op, at) or steep.cut_short(op, at) for at in range(len(op.args))):
            return [self.total(self.terms(op, args, self.slopes(op, rule.slopes, args)))]
        if rule.forward == "written":
            return self.written(op, rule, args, kwargs)
        if rule.forward == "partials":
            slopes = [Const(sign) for sign in signs] if signs else self.slopes(op, rule.partials, args)
            return [self.total(self.terms(op, args, slopes))]
        if rule.own and (rule.vjp is None or reads_the_world(rule.vjp)):
            raise NotLinear(f"the derivative of `{rule.fn.__name__}` reads names of its own, or has no source: "
                            "it has no forward mode")
        try:
            return self.derived.tangents(rule, args, kwargs, op.results, self.dots)
        except HasLoops:
            return [along_loops(self, op, rule, args, kwargs)]
        except NotStatic as error:
            if not rule.own:
                raise
            raise NotLinear(f"the derivative of `{rule.fn.__name__}` cannot be transposed: {error}",
                            "give it a tangent (`defjvp`), or use reverse mode: `grad`") from None

    def slopes(self, op: Op, partials: tuple[Any, ...], args: list[Abstract]) -> list[Abstract | None]:
        """The partial derivatives in the operands that have a tangent."""
        return [partial and self.slope(partial, args, op, at) if self.dot_of(arg) else None
                for at, (arg, partial) in enumerate(zip(args, partials, strict=False))]

    def terms(self, op: Op, args: list[Abstract], slopes: Sequence[Abstract | None]
              ) -> list[tuple[Atom, Abstract, bool]]:
        """The tangents with their slopes, and whether these may be infinite."""
        found: list[tuple[Atom, Abstract, bool]] = []
        for at, (arg, slope) in enumerate(zip(args, slopes, strict=False)):
            dot = self.dot_of(arg)
            if slope is None or dot is None:
                continue
            steep = self.steep.may_meet(op, at)
            product = self.products.get(op.args[at]) if isinstance(arg, Value) else None
            if product is not None and isinstance(slope, Value) and not steep and self.holds_back(op, at):
                dot = product.dot if product.sign > 0 else self.lifter.apply(operator.neg, [product.dot])
                slope = self.lifter.apply(operator.mul, [slope, product.slope])
            elif isinstance(slope, Value) and self.steep.cut_short(op, at):
                factor = self.lifter.apply(operator.ne, [slope, Const(0)]) if steep else slope
                dot = self.lifter.apply(runtime.exact_product, [factor, dot])
                slope = slope if steep else Const(1)
            if steep and self.only_overflows(op, slope):
                slope, steep = self.finite(slope), False
                if len(op.args) == 1 and arg not in self.steep.runaway:
                    self.products[op.result] = Product(dot, slope)
            found.append((dot, slope, steep))
        return found

    def hand_on(self, op: Op, signs: tuple[int, ...]) -> None:
        """A sum of one thing that has a tangent has the same, but for the sign: a product, where that is one."""
        places = [at for at, arg in enumerate(op.args) if self.dot_of(arg) is not None]
        product = self.products.get(op.args[places[0]]) if signs and len(places) == 1 else None
        if product is not None:
            self.products[op.result] = product._replace(sign=product.sign * signs[places[0]])

    def holds_back(self, op: Op, at: int) -> bool:
        """Does a function go to a limit where an operand goes to infinity?  Its slope falls faster than that grows.

        So the slope times one that is the largest number at most is finite, and 0 at infinity, whatever the tangent.
        """
        known = traits(op)
        return at in known.saturates and not known.power and self.steep.cut_short(op, at)

    def written(self, op: Op, rule: registry.Rule, args: list[Abstract], kwargs: dict[str, Abstract]
                ) -> list[Atom | None]:
        """As the rule's own tangent says."""
        assert rule.tangent is not None
        dots: dict[str, Abstract] = {f"{name}_dot": Const(None) for name in rule.signature.parameters}
        dots |= {f"{name}_dot": self.dot_of(arg) or Const(None)
                 for name, arg in zip(rule.signature.parameters, args, strict=False)}
        out: Abstract = op.results[0] if len(op.results) == 1 else Tuple(list(op.results))
        given = {name: dots[name] for name in rule.dot_names}
        made = self.templates.inline(rule.tangent, args, {**kwargs, "out": out, **given})
        parts = made.items if isinstance(made, Tuple) else [made]
        return [None if isinstance(part, Const) and part.value is None else part for part in parts]

    def total(self, terms: list[tuple[Atom, Abstract, bool]]) -> Atom | None:
        """The sum of tangents times slopes; None where there is none."""
        found: Atom | None = None
        for dot, slope, steep in terms:
            if isinstance(slope, Const) and isinstance(slope.value, (int, float)) and slope.value == 0:
                continue
            if found is not None and isinstance(slope, Const) and slope.value == -1:
                found = self.lifter.apply(operator.sub, [found, dot])
                continue
            term = self.product(dot, slope, steep)
            found = term if found is None else self.lifter.apply(operator.add, [found, term])
        return found

    def linear(self, op: Op, rule: registry.Rule, args: list[Abstract], kwargs: dict[str, Abstract]
               ) -> list[Atom | None]:
        """The function itself, of tangents in place of arguments."""
        known = traits(op)
        if any(v in self.dots for v in values_in(op.kwargs)):       # then by position
            args, kwargs = rule.bind(args, kwargs)

        def has_dot(at: int) -> bool:
            return any(v in self.dots for v in values_in_abstract(args[at]))

        def apply(places: list[int]) -> Abstract:
            given = [self.dotted(arg, is_elementwise(op) or is_store(op) and at > 0) if at in places else arg
                     for at, arg in enumerate(args)]
            return self.lifter.apply(op.fn, given, kwargs, spelling=op.spelling)

        if known.linear:
            made = apply([at for at in known.linear if at < len(args)])
            return list(made.items) if len(op.results) > 1 else [made]
        if is_product(op) and any(self.steep.cut_short(op, at) and has_dot(at) for at in known.multilinear):
            return [self.total(self.terms(op, args, list(args[::-1])))]
        terms = [(apply([at]), Const(1), False) for at in known.multilinear if at < len(args) and has_dot(at)]
        return [self.total(terms)]

    def dotted(self, thing: Abstract, stretches: bool) -> Abstract:
        """The tangent of an argument, which may be a list; where it is `stretched`, the number 0.0 will do for zero."""
        if isinstance(thing, Tuple):
            return Tuple([self.dotted(item, stretches) for item in thing.items], thing.cls)
        if isinstance(thing, List):
            return List([self.dotted(item, stretches) for item in thing.items])
        if isinstance(thing, Dict):
            return Dict({key: self.dotted(item, stretches) for key, item in thing.items.items()})
        if isinstance(thing, Value) and self.dot_of(thing) is None and stretches and isinstance(thing.kind, Num):
            return Const(0.0)
        if isinstance(thing, Value) and isinstance(thing.kind, Num) and not thing.kind.real and thing.kind.shape == ():
            return Const(0.0)
        return self.filled(thing) if isinstance(thing, (Value, Const)) else thing

    def fit(self, dot: Atom, out: Value) -> Atom:
        """A tangent in the shape and dtype of its value."""
        kind, made = out.kind, kind_of(dot)
        if isinstance(kind, Seq) or not isinstance(kind, Num) or not isinstance(made, Num) or made == kind:
            return dot
        last = self.lifter.block.ops[-1] if self.lifter.block.ops else None
        op = last if isinstance(last, Op) and dot in last.results else None
        if made.shape != kind.shape and op is not None and not is_elementwise(op) and made.shape is not None \
                and kind.shape is not None and len(made.shape) == len(kind.shape):
            op.results[0].kind = made = replace(made, shape=kind.shape)     # the same lengths, found out anew
        if made.shape != kind.shape:
            dot = self.lifter.calls.call(Const(runtime.broadcast_like), [dot, out], {})
        return self.lifter.calls.call(Const(runtime.cast_like), [dot, out], {})
