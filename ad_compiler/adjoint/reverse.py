"""The adjoint: statements in reverse, each giving cotangents to what it read.

The reverse sweep refers to values of the forward sweep wherever they stand, inside loops and arms too;
`analyse.record` decides afterwards how each of them is had there.

>>> import numpy as np
>>> from ad_compiler.ir import Func, show
>>> from ad_compiler.kinds import FLOAT
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(operator.mul, x, Const(3.0), hint="y", kind=FLOAT)
>>> z = block.emit(np.exp, y, hint="z", kind=FLOAT)
>>> bars = Reverser(block, [x], Collector()).run([(z, Const(1.0))])
>>> block.results = [bars[x]]
>>> print(show(Func("f", [x], block)))
def f(x):
    y = mul(x, 3.0)
    z = exp(y)
    y_bar = mul(1.0, z)
    x_bar = mul(y_bar, 3.0)
    return x_bar
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any

from ad_compiler import runtime
from ad_compiler.adjoint.calls import reverse_call
from ad_compiler.adjoint.control import Around, Found, ReverseControl
from ad_compiler.adjoint.own import apart, fault_of, fitting, inner, reads_the_world, summed
from ad_compiler.adjoint.templates import to_abstract
from ad_compiler.adjoint.walk import Walk
from ad_compiler.analyse.steep import Steep, cuts
from ad_compiler.errors import Collector, Refused
from ad_compiler.ir import Arg, Atom, Block, Branch, Const, Loop, Op, Value, operands, values_in
from ad_compiler.kinds import NotStatic, Num, Obj, Seq
from ad_compiler.ops import is_attribute, is_read, is_zeros, known_for
from ad_compiler.read.abstract import Abstract, Dict, List, Object, Poison, Sequence, Tuple
from ad_compiler.read.calls.recursion import Callee
from ad_compiler.read.library.builtins import only_shows
from ad_compiler.rules import registry

Bars = dict[Value, Atom]

is_exact = known_for(lambda of: of.exact)


def bar_hint(value: Value, made_by: str = "") -> str:
    """Name of a value's cotangent."""
    return f"{value.hint}_bar" if value.hint else f"~{made_by}_bar" if made_by else ""


class Reverser(ReverseControl, Walk):
    """Appends the reverse sweep of `block` to it; `alone`, where it is not to be differentiated again."""

    def __init__(self, block: Block, wrt: list[Value], collector: Collector, alone: bool = True) -> None:
        super().__init__(block, wrt, collector)
        self.alone = alone
        self.bars: Bars = {}
        self.indexing = False
        self.exact = any(map(is_exact, self.makers.values()))
        self.terms: dict[Value, tuple[Atom, list[Abstract]]] = {}       # of a cotangent, where sums are exact
        self.found: dict[Loop, Found] = {}
        self.around: list[Around] = []

    def run(self, seeds: Iterable[tuple[Atom, Atom]]) -> Bars:
        """Reverse everything, from outputs and their cotangents; gives the cotangents reached."""
        forward, seeds = list(self.block.ops), list(seeds)
        self.begun = len(forward)
        self.steep = Steep(self.block, [output for output, _ in seeds])
        for output, seed in seeds:
            if isinstance(output, Value) and output in self.active:
                before = self.bars.get(output)
                self.bars[output] = seed if before is None else self.lifter.apply(operator.add, [before, seed])
        self.reverse(forward)
        return self.bars

    def reverse(self, ops: list[Any]) -> None:
        """Reverse statements, last first."""
        for stmt in reversed(ops):
            self.lifter.fixed_origin = stmt.origin or self.lifter.fixed_origin
            if isinstance(stmt, Op):
                self.reverse_op(stmt)
            elif isinstance(stmt, Branch):
                self.reverse_branch(stmt)
            elif isinstance(stmt, Loop):
                self.reverse_loop(stmt)

    # -- one op --------------------------------------------------------------------------------------

    def reverse_op(self, op: Op) -> None:
        """Hand the cotangents of an op's results to its operands."""
        bars = [self.bars.pop(r, None) for r in op.results]
        if bars.count(None) == len(bars) or op.stopped or self.active.isdisjoint(operands(op)):
            return
        if isinstance(op.fn, Callee):
            if self.is_settled(op, op.fn):
                reverse_call(self, op, bars)
            return
        rule = registry.lookup(op.fn)
        if rule is None or rule.constant or not (rule.vjp or rule.partials) or isinstance(
                op.results[0].kind, Obj) and only_shows(op.fn):     # a number that went through text
            if rule is not None and rule.constant:
                return
            self.refuse(op, rule)
            return
        if (is_read(op) or is_attribute(op)) and isinstance(op.args[0], Value) and isinstance(op.args[0].kind, Obj) \
                and op.args[0] in self.active:      # out of an object that nothing is known of
            self.refuse(op, rule)
            return
        self.check_numbers(op)
        args, kwargs = [to_abstract(a) for a in op.args], {k: to_abstract(v) for k, v in op.kwargs.items()}
        positional, named = rule.bind(args, kwargs)
        if any(v in self.active for thing in named.values() for v in values_in(from_abstract(thing))):
            self.refuse_keyword(op, named)
            return
        mark = self.lifter.block, len(self.lifter.block.ops)
        self.indexing = is_read(op)       # then what is added is made for this operand alone
        try:
            if rule.partials or rule.slopes and any(self.steep.may_meet(op, at) for at in range(len(op.args))):
                self.elementwise(op, rule.partials or rule.slopes, positional, bars[0])
            else:
                self.by_rule(op, rule, positional, named, bars)
        except (NotStatic, Refused) as error:
            del mark[0].ops[mark[1]:]
            if isinstance(rule.vjp, registry.Written):
                self.add_refusal(op, str(error), getattr(error, "remedy", "write it in another way"), op.fn.__name__)
            else:
                self.at_run_time(op, rule, args, kwargs, bars)
        finally:
            self.indexing = False

    def elementwise(self, op: Op, partials: tuple[Any, ...], args: list[Abstract], out_bar: Any) -> None:
        """Cotangent times partial derivative, summed over broadcast axes, in the operand's dtype."""
        contributions: dict[Value, Atom] = {}
        for at, (arg, partial) in enumerate(zip(args, partials, strict=False)):
            if not isinstance(arg, Value) or arg not in self.active or partial is None:
                continue
            slope = self.slope(partial, args, op, at)
            contribution = self.fit(self.contribution(op, at, out_bar, slope), arg)
            if arg in contributions:
                contribution = self.lifter.apply(operator.add, [contributions[arg], contribution])
            contributions[arg] = contribution
        for arg, contribution in contributions.items():
            self.accumulate(arg, contribution)

    def contribution(self, op: Op, at: int, out_bar: Atom, slope: Abstract) -> Atom:
        """A cotangent times a slope: 0 where the one is exactly 0 and the other may be infinite."""
        steep = self.steep.may_meet(op, at) and not self.steep.least(op, at)
        if steep and self.only_overflows(op, slope):
            return self.product(out_bar, self.finite(slope))
        if not steep and op.result in self.steep.hot and cuts(op, at, saturating=False) and isinstance(slope, Value):
            return self.lifter.apply(runtime.exact_product, [slope, out_bar])
        return self.product(out_bar, slope, steep)

    def fit(self, bar: Atom, operand: Value) -> Atom:
        """A cotangent in the shape and dtype of its operand."""
        call = self.lifter.calls.call
        if isinstance(operand.kind, Seq) or fits(bar, operand):
            return bar
        row = self.exact and isinstance(bar, Value) and isinstance(bar.kind, Num) and bar.kind.ndim == 1
        if row and is_number(operand):
            return self.exact_sum(bar)
        return self.cast(call(Const(runtime.unbroadcast), [bar, operand], {}), operand)

    def cast(self, bar: Atom, operand: Value) -> Atom:
        """A cotangent in the dtype of its operand."""
        return self.lifter.calls.call(Const(runtime.cast_like), [bar, operand], {})

    def by_rule(self, op: Op, rule: registry.Rule, args: list[Abstract], kwargs: dict[str, Abstract],
                bars: list[Any]) -> None:
        """Inline the rule and share out what it returns."""
        assert rule.vjp is not None
        if rule.own and reads_the_world(rule.vjp):
            raise NotStatic("what the rule reads may change")
        out: Abstract = op.results[0] if len(op.results) == 1 else Tuple(list(op.results))
        given = [Const(None) if b is None else b for b in bars]
        out_bar: Abstract = given[0] if len(op.results) == 1 else Tuple(given)
        written = isinstance(rule.vjp, registry.Written)
        mine = [apart(self.lifter, arg) for arg in args] if rule.own and not written else args
        named = {**kwargs, "out": out, "out_bar": out_bar}
        if mine is not args:
            named = {key: apart(self.lifter, thing) for key, thing in named.items()}
        returned = self.templates.inline(rule.vjp, mine, named)
        parts = returned.items if isinstance(returned, Tuple) else [returned]
        if isinstance(returned, Tuple) and len(args) == 1 and isinstance(args[0], Sequence) and not written:
            parts = [returned]
        if rule.own and not written and any(isinstance(part, Poison) for part in parts):
            raise NotStatic("the rule raises")
        parts = summed(self.lifter, rule, args, parts)
        if rule.own and not written and (fault := fault_of(rule, args, parts)):
            self.add_refusal(op, fault, "one for each argument, in its shape; None where it has no derivative")
            return
        for arg, part in zip(args, parts, strict=False):
            self.share(arg, part, f"the derivative of `{rule.fn.__name__}`" if rule.own else "")

    def share(self, arg: Abstract, part: Abstract, own: str = "") -> None:
        """Hand the cotangent of an argument, which may be a container, to the values in it.

        `own`: which rule of the user's own it is from.
        """
        if isinstance(part, Poison):
            if any(v in self.active for v in values_in(from_abstract(arg))):
                raise Refused(part.message, part.remedy)
        elif isinstance(arg, Value) and arg in self.active:
            if isinstance(part, Const) and part.value is None:
                return
            if own:
                part = fitting(self.lifter, part, arg, own)
            self.accumulate(arg, part if fits(part, arg) else
                            self.lifter.calls.call(Const(runtime.cast_like), [part, arg], {}))
        elif (pairs := inner(arg, part)) is not None:
            for each, each_part in pairs:
                self.share(each, each_part, own)
        elif isinstance(arg, Sequence) and isinstance(part, Value):
            for at, each in enumerate(arg.items):
                if any(v in self.active for v in values_in(from_abstract(each))):
                    self.share(each, self.lifter.apply(operator.getitem, [part, Const(at)]), own)

    def refuse_keyword(self, op: Op, named: dict[str, Abstract]) -> None:
        """No derivative passes to what can be given by keyword alone."""
        name = next(n for n, thing in named.items() if any(v in self.active for v in values_in(from_abstract(thing))))
        message = (f"`{op.fn.__name__}` is differentiated with respect to `{name}`, which is given by keyword alone: "
                   "there is no cotangent for it")
        self.add_refusal(op, message, "let it be given by position", name)

    def at_run_time(self, op: Op, rule: registry.Rule, args: list[Abstract], kwargs: Any, bars: list[Any]) -> None:
        """The rule called as it stands, where a fact that it branches on is not known yet."""
        wanted = [a for a in op.args if isinstance(a, Value) and a in self.active]
        if any(v in self.active for a in op.args if not isinstance(a, Value) for v in values_in(a)) or \
                any(v in self.active for v in values_in(op.kwargs)):
            self.refuse(op, rule)
            return
        positions = tuple(i for i, a in enumerate(op.args) if isinstance(a, Value) and a in self.active)
        out = op.results[0] if len(op.results) == 1 else tuple(op.results)
        bar: Arg = bars[0] if len(bars) == 1 else tuple(Const(None) if b is None else b for b in bars)
        results = self.lifter.emit(registry.call_rule, (Const(rule.fn), Const(positions), tuple(op.args),
                                                        dict(op.kwargs), out, bar), {}, [a.kind for a in wanted])
        for arg, result in zip(wanted, results, strict=True):
            self.accumulate(arg, result)

    # -- cotangents ----------------------------------------------------------------------------------

    def accumulate(self, value: Value, contribution: Atom) -> None:
        """Add to the cotangent of a value."""
        if value not in self.active:
            return
        hint = bar_hint(value, self.letters.get(value, ""))
        before = self.bar_of(value)
        if before is None:
            if isinstance(contribution, Value) and (
                    not contribution.hint or contribution.hint.startswith("~") and hint and not hint.startswith("~")):
                contribution.hint = hint
            self.bars[value] = contribution
            return
        if isinstance(value.kind, Seq) and isinstance(before, Value) and isinstance(before.kind, Num):
            mark = self.lifter.block.ops[-1:]
            before = self.as_list(before)
            if mark and mark[0].results == [contribution]:      # what was contributed stays last
                self.lifter.block.ops[-2:] = self.lifter.block.ops[-1:] + mark
        if isinstance(value.kind, Seq):
            contribution = self.as_list(contribution)
        last, total = self.lifter.block.ops[-1] if self.lifter.block.ops else None, before
        adds = (runtime.index_add, runtime.list_add)
        if self.indexing and isinstance(last, Op) and last.fn in adds and last.results == [contribution] and \
                is_zero(self.lifter.block, last.args[0]):
            last.args = (before, *last.args[1:])
            total = last.result
        elif isinstance(value.kind, Seq):
            (total,) = self.lifter.emit(runtime.add_lists, (before, contribution), {}, [value.kind])
        else:
            total = self.added(value, before, contribution)
        if isinstance(total, Value):
            total.hint = hint
        self.bars[value] = total


    def added(self, value: Value, before: Atom, contribution: Atom) -> Atom:
        """The sum of what there is of a cotangent and more; of a function that adds exactly, all terms at once."""
        total = self.lifter.apply(operator.add, [before, contribution])
        if self.exact and is_number(value):
            last, terms = self.terms.get(value, (None, []))
            terms = [*(terms if last is before else [before]), contribution]
            total = self.exact_sum(List(terms)) if len(terms) > 2 else total
            self.terms[value] = total, terms
        return total

    def exact_sum(self, terms: Abstract) -> Atom:
        """The sum of numbers, rounded once."""
        return self.lifter.calls.call(Const(math.fsum), [terms], {})


def is_number(value: Value) -> bool:
    """Is this one number?"""
    return isinstance(value.kind, Num) and value.kind.shape == () and value.kind.real


def fits(bar: Abstract, operand: Value) -> bool:
    """Is a cotangent known to be of the very kind of its operand?"""
    kind = operand.kind
    return isinstance(bar, Value) and isinstance(kind, Num) and kind.shape is not None and bar.kind == kind


def is_zero(block: Block, atom: Atom) -> bool:
    """Is this a zero cotangent made in this block just now?"""
    return any(is_zeros(op) and atom in op.results for op in block.ops[-4:])


def from_abstract(thing: Abstract) -> Arg:
    """The values in something, for a search."""
    if isinstance(thing, Dict):
        return [from_abstract(t) for t in thing.items.values()]
    if isinstance(thing, Object):
        return [from_abstract(t) for t in thing.attributes.values()]
    return [from_abstract(t) for t in thing.items] if isinstance(thing, Sequence) else thing
