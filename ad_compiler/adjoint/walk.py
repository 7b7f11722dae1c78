"""What walks over statements share, forwards and backwards: what is active, zeros, names, refusals.

>>> import numpy as np
>>> from ad_compiler.kinds import FLOAT
>>> x, block = Value("x", FLOAT), Block()
>>> y = block.emit(np.exp, x, kind=FLOAT)
>>> walk = Walk(block, [x], Collector())
>>> sorted(v.hint for v in walk.active), walk.letters[y], walk.zero(x)
(['', 'x'], 'e', Const(value=0.0, text=None))
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.adjoint.templates import Templates
from ad_compiler.analyse.activity import of_any_class, varied
from ad_compiler.analyse.bound import Bound
from ad_compiler.analyse.steep import Steep, nonzero
from ad_compiler.errors import Collector, Refusal
from ad_compiler.ir import Atom, Block, Branch, Const, Op, Value, operands, values_in, walk
from ad_compiler.kinds import Num, Obj
from ad_compiler.ops import (
    has_partials,
    is_attribute,
    is_comparison,
    is_constant,
    is_elementwise,
    is_read,
    names_infinity,
    traits,
)
from ad_compiler.read.abstract import Abstract
from ad_compiler.read.calls.recursion import Callee
from ad_compiler.read.lift import Lifter
from ad_compiler.rules import registry
from ad_compiler.rules.traits import Function

REMEDY = "write it as a loop, or let an integer argument decide its depth"


class Walk:
    """A walk over the statements of `block`, of which some depend on `wrt`."""

    def __init__(self, block: Block, wrt: Iterable[Value], collector: Collector) -> None:
        self.steep = Steep(block, None)
        self.block = block
        self.active = varied(block, wrt)
        self.collector = collector
        self.lifter = Lifter(block, watching=False, reverse=True)
        self.templates = Templates(self.lifter)
        self.letters = letters_of(block)
        self.bound = Bound(block)
        self.begun: int | None = None       # where in the block the reverse sweep begins
        self.checked: set[Value] = set()
        self.makers = {v: stmt for stmt in walk(block) if type(stmt) is Op for v in stmt.results}
        self.refuse_what_is_lost()

    def refuse_what_is_lost(self) -> None:
        """Complex numbers, objects, numbers in another byte order: nothing goes through them, and zero is not right."""
        for result, op in self.makers.items():
            kind = result.kind
            if type(kind) is Num and not kind.real and np.dtype(kind.dtype).kind not in "biu" and not (
                    op.stopped or is_constant(op) or self.active.isdisjoint(operands(op))):
                self.add_refusal(op, f"what is differentiated becomes {kind.dtype}, through which no derivative "
                                 "passes", "compute with real numbers of float64")

    def only_overflows(self, op: Op, slope: Abstract) -> bool:
        """Is a slope infinite where a number is too large alone?  Then it may be taken for the largest one there is."""
        known = traits(op)
        return bool(known.overflows and known.touches_zero) and isinstance(slope, Value) \
            and isinstance(slope.kind, Num) and slope.kind.form != "py"

    def finite(self, slope: Any) -> Abstract:
        """Such a slope, at one pass."""
        return self.lifter.apply(np.minimum, [slope, Const(float(np.finfo(slope.kind.dtype).max))])

    def product(self, bar: Atom, slope: Abstract, steep: bool = False) -> Atom:
        """A cotangent or tangent times a slope, where either may be a known number; where it is `steep`, 0 stays 0."""
        if steep and (isinstance(slope, Value) or names_infinity(slope)) and not nonzero(bar):
            return self.lifter.apply(runtime.exact_product, [bar, slope])
        if isinstance(slope, Const) and isinstance(slope.value, (int, float)):
            if slope.value == 1:
                return bar
            if slope.value == -1:
                return self.lifter.apply(operator.neg, [bar]) if isinstance(bar, Value) else Const(-bar.value)
        return self.lifter.apply(operator.mul, [bar, slope])

    def slope(self, partial: Function, args: list[Abstract], op: Op, at: int) -> Abstract:
        """A partial derivative, in numbers of the result's dtype where it would be computed in a smaller one."""
        block, out = self.lifter.block, op.result
        given, of_out = self.away_from_zero(op, at, args)
        mark = len(block.ops)
        found = self.templates.inline(partial, given, {"out": of_out})
        if len(block.ops) > mark and any(is_smaller(stmt, out) for stmt in block.ops[mark:]):
            del block.ops[mark:]
            wide = [self.widened(arg, out) for arg in given]
            found = self.templates.inline(partial, wide, {"out": of_out})
        if self.of_one_of_two(op, at):
            self.divide_by_no_zero(mark)
        return found

    def of_one_of_two(self, op: Op, at: int) -> bool:
        """Is a slope of Python's infinite where the operand is one of two: the other may have been taken?"""
        kind = op.result.kind
        return traits(op).steep_inside is not None and isinstance(kind, Num) and kind.form == "py" \
            and self.steep.chosen(op.args[at])

    def divide_by_no_zero(self, mark: int) -> None:
        """What has been written since divides by the least number in place of 0: that is infinite, and no error."""
        ops = self.lifter.block.ops
        for stmt in ops[mark:]:
            if isinstance(stmt, Op) and stmt.fn is operator.truediv and isinstance(stmt.args[1], Value):
                small: Any = self.lifter.apply(runtime.either, [stmt.args[1], stmt.args[1], Const(5e-324)])
                ops.insert(ops.index(stmt), ops.pop())
                stmt.args = stmt.args[0], small

    def widened(self, arg: Abstract, out: Value) -> Abstract:
        """An operand in the dtype of the result, where that holds more."""
        assert isinstance(out.kind, Num)
        dtype = np.dtype(out.kind.dtype)
        if isinstance(arg, Const) and isinstance(arg.value, np.generic):
            return Const(dtype.type(arg.value)) if np.result_type(arg.value, dtype) == dtype else arg
        if not isinstance(arg, Value) or not holds_less(arg, out):
            return arg
        assert isinstance(arg.kind, Num)
        if arg.kind.shape == () and dtype.type in (np.float32, np.float64):
            return self.lifter.calls.call(Const(dtype.type), [arg], {})
        return self.lifter.calls.call(Const(runtime.astype), [arg, Const(dtype)], {})

    def away_from_zero(self, op: Op, at: int, args: list[Abstract]) -> tuple[list[Abstract], Abstract]:
        """The arguments and the result that a slope is made of, away from 0 where that is the end of a flat piece."""
        if traits(op).steep_inside is None:
            return args, op.result

        def shifted(x: Any) -> Abstract:
            return self.lifter.apply(operator.add, [x, self.lifter.apply(operator.eq, [x, Const(0)])])

        def tiny(x: Any) -> Abstract:
            return self.lifter.apply(runtime.either, [x, x, Const(1e-150)])     # of its slopes, too, there is a power

        if self.steep.least(op, at):
            return [shifted(args[0]), *args[1:]], shifted(op.result)
        if at == 0 and len(op.args) > 1 and self.of_one_of_two(op, at):     # of a power
            return [tiny(args[0]), *args[1:]], tiny(op.result)
        return args, op.result

    def zero(self, like: Value) -> Atom:
        """A zero cotangent or tangent for a value."""
        number = isinstance(like.kind, Num) and like.kind.shape == ()
        if self.bound.may_be_unbound(like) and not number:
            (zero,) = self.lifter.emit(runtime.zeros_if_bound, (like,), {}, [like.kind])
            return zero
        return self.lifter.calls.call(Const(runtime.zeros_like), [like], {})

    def zeros(self, like: Atom) -> Atom:
        """A zero cotangent or tangent like another one."""
        return self.zero(like) if isinstance(like, Value) else Const(0.0)

    def is_settled(self, op: Op, callee: Callee) -> bool:
        """Can a call of a function that calls itself be differentiated?  Refuses it where not."""
        pair = callee.of
        assert pair is not None
        if not all(each.settled for each in pair.reached()):
            self.add_refusal(op, f"`{pair.name}` calls itself and, in itself, a derivative of itself: "
                                 "that has no derivative", REMEDY)
        elif callee is pair.backward:
            self.add_refusal(op, f"`{pair.name}` calls itself, and shows or draws something: "
                                 "its derivative, which would do so again, has no derivative", REMEDY)
        else:
            return True
        return False

    def refuse_given(self, region: Branch) -> None:
        """What a context manager gives that is not read has no derivative."""
        maker = self.makers.get(region.cond) if isinstance(region.cond, Value) else None
        if maker is not None:
            self.refuse(maker, registry.lookup(maker.fn))

    def check_numbers(self, op: Op) -> None:
        """Of what a rule is to hold for, what is read out of the world when the program runs is looked at there.

        Not of a rule of the user's own, or of a solver, which knows what it is given.
        """
        rule = registry.lookup(op.fn)
        own = rule is not None and rule.own or isinstance(op.fn, registry.WithRule)
        if not own and not is_read(op) and not is_attribute(op):
            for number in dict.fromkeys(of_any_class(op, self.makers, self.active)):
                if number in self.checked:
                    continue
                self.lifter.emit(runtime.check_number, (number,), {}, [], effect=True)
                if self.begun is not None and self.lifter.block is self.block:
                    self.block.ops.insert(self.begun, self.block.ops.pop())     # before a slope is computed with it
                    self.checked.add(number)

    def refuse(self, op: Op, rule: registry.Rule | None) -> None:
        """No derivative passes here, though one is asked for."""
        while True:     # an unknown object is the fault of the call that made it
            cause = next((self.makers[v] for v in operands(op) if isinstance(v.kind, Obj) and v in self.active
                          and v in self.makers), None)
            if cause is None or cause is op:
                break
            op, rule = cause, registry.lookup(cause.fn)
        name = getattr(op.fn, "__name__", str(op.fn))
        if name == "call_object":
            name = op.args[0].hint
        message = f"`{name}` has no derivative rule and its source cannot be read, but its argument is differentiated"
        if rule is not None:
            message = f"`{name}` cannot be differentiated in this form: a shape or an argument is not known"
        if op.fn in (registry.call_rule, registry.call_tangent):
            name = op.args[0].value.__name__
            form = "tangent" if op.fn is registry.call_tangent else "derivative"
            message = f"the {form} of `{name}` reads names of its own, or has no source: it has none itself"
        self.add_refusal(op, message, "give it a derivative with custom_vjp, or stop it: `with no_grad():`", name)

    def add_refusal(self, op: Op, message: str, remedy: str, name: str = "") -> None:
        """Report a line, with the caret under `name`."""
        where = op.origin or self.lifter.fixed_origin
        text = where.text if where else ""
        self.collector.add(Refusal(message, where.file if where else "", where.line if where else 0, text,
                                   max(0, text.find(name)), remedy))


def holds_less(value: Value, out: Value) -> bool:
    """Is this a number or array of NumPy's whose dtype does not hold all that a real result holds?"""
    kind, made = value.kind, out.kind
    return isinstance(kind, Num) and isinstance(made, Num) and made.real and kind.form != "py" \
        and kind.dtype != made.dtype and np.result_type(kind.dtype, made.dtype) != kind.dtype


def is_smaller(stmt: object, out: Value) -> bool:
    """Is this arithmetic of which the result holds less than `out` does?  Truth values are what they are."""
    return isinstance(stmt, Op) and is_elementwise(stmt) and not is_comparison(stmt) and not traits(stmt).truths \
        and holds_less(stmt.result, out)


def letters_of(block: Block) -> dict[Value, str]:
    """Letters for values that the user gave no name: `u` inside tanh(u), `s` a sum, `p` a product, …"""
    letters: dict[Value, str] = {}
    _note_letters(block, letters)
    return letters


LETTERS = {"add": "s", "sub": "s", "mul": "p", "truediv": "q", "matmul": "m", "dot": "m", "pow": "w", "getitem": "e",
           "neg": "n"}


def _note_letters(block: Block, letters: dict[Value, str]) -> None:
    for stmt in block.ops:
        if isinstance(stmt, Op):
            name = getattr(stmt.fn, "__name__", "t")
            for result in stmt.results:
                if not result.hint:
                    letters[result] = LETTERS.get(name, name[0])
            if len(stmt.args) == 1 and name not in LETTERS and has_partials(stmt):
                for value in values_in(stmt.args):
                    if not value.hint:
                        letters[value] = "u"
        elif isinstance(stmt, Branch):
            _note_letters(stmt.then, letters)
            _note_letters(stmt.orelse, letters)
        else:
            _note_letters(stmt.body, letters)
