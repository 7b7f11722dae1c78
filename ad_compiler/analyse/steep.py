"""Where a cotangent that is exactly 0 may meet a slope that is infinite: their product has to be 0, not NaN.

A cotangent is 0 where what it belongs to has no part in the result: `np.where` took the other arm, it was cut off, or
what follows saturates (the exponential of -inf has no slope).

>>> import operator
>>> from ad_compiler.kinds import Num
>>> x, block = Value("x", Num("float64", (3,))), Block()
>>> square = block.emit(operator.mul, x, x, kind=x.kind)
>>> more = block.emit(operator.add, square, Const(1.0), kind=x.kind)
>>> roots = [block.emit(np.sqrt, v, kind=x.kind) for v in (x, square, more)]
>>> steep = Steep(block, roots)
>>> steep.range(square), steep.range(more)
((0.0, inf), (1.0, inf))
>>> [steep.may_meet(op, 0) for op in block.ops[2:]]
[True, True, False]
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.indices import gathers, same_arg, takes_all
from ad_compiler.ir import (
    Arg,
    Atom,
    Block,
    Branch,
    Const,
    Loop,
    Op,
    Stmt,
    Value,
    blocks_of,
    definitions,
    operands,
    values_in,
    walk,
)
from ad_compiler.kinds import Num
from ad_compiler.ops import (
    is_access,
    is_addition,
    is_difference,
    is_matrix_product,
    is_negation,
    is_overwrite,
    is_product,
    is_quotient,
    is_read,
    is_store,
    is_total,
    known_for,
    names_infinity,
    traits,
    works_on_numbers,
)
from ad_compiler.rules.traits import Interval

may_be_steep = known_for(lambda of: of.steep_inside is not None or of.steep_outside is not None)

FULL = (-math.inf, math.inf)
DEPTH, POLES = 8, 3
"""How far back an operand is followed, and how far a pole before a product."""


class Steep:
    """Asked of the statements of a block, as they are before its derivative."""

    def __init__(self, block: Block, outputs: Iterable[Atom] | None) -> None:
        self.block = block
        self.ranges: dict[Value, Interval] = {}
        self.runaway: set[Value] = set()        # of which the tangents may be infinite
        self.hot: set[Value] = set()
        self.whole: set[Value] | None = None
        self.taken: set[Value] | None = None
        self.level = False      # is no slope infinite, so that nothing more is asked?
        if outputs is not None:
            self.level = self.note_steep()
        if outputs is not None and not self.level:
            self.reached_by_infinite()
            flow, ends = Flow(block, self.makers), list(outputs)
            self.whole, self.taken = flow.whole(ends), flow.whole(ends, saturating=False)

    @cached_property
    def stmts(self) -> list[Stmt]:
        return walk(self.block)

    @cached_property
    def makers(self) -> dict[Value, Op]:
        return {v: stmt for stmt in self.stmts if isinstance(stmt, Op) for v in stmt.results}

    @cached_property
    def joined(self) -> set[Value]:
        return {v for stmt in self.stmts if isinstance(stmt, Branch) for v in stmt.results}

    def may_meet(self, op: Op, at: int) -> bool:
        """May the cotangent of a result be exactly 0 where the slope in operand `at` is infinite?"""
        if self.level:
            return False
        known = traits(op)
        operands = [self.range(arg) for arg in op.args]
        if known.steep_inside is not None and known.steep_inside(*operands):
            return True
        if self.whole is not None and op.result in self.whole:
            return False        # it is infinite itself then, and has its part in the result
        chosen = self.taken is None or op.result not in self.taken      # else it is cut off where something saturates
        if is_product(op):
            return self.infinite(op.args[1 - at], POLES if chosen and self.taken is not None else 0)
        return known.steep_outside is not None and (not works_on_numbers(op) and (chosen or known.overflows) and
                                                    self.is_outside(op) or any(map(self.infinite, op.args)))

    def least(self, op: Op, at: int) -> bool:
        """Is a slope infinite where the operand is 0, its least, and has no slope of its own: the root of a square?"""
        inside = traits(op).steep_inside
        rest = [self.range(arg) for arg in op.args[1:]]
        return at == 0 and inside is not None and inside((0.0, 0.0), *rest) and not inside((1.0, 1.0), *rest) \
            and inside(self.range(op.args[0]), *rest) and self.touches_zero(op.args[0])

    def touches_zero(self, arg: Arg, depth: int = DEPTH) -> bool:
        """Is it 0 where what it is made of has no slope: squares, absolute values, and sums of such?"""
        op = self.makers.get(arg) if isinstance(arg, Value) and depth else None
        if op is None or self.range(arg)[0] < 0.0:
            return False
        known = traits(op)
        if is_product(op) and op.args[0] is op.args[1] or is_matrix_product(op) or known.touches_zero:
            return True
        if known.power:
            return self.range(op.args[1]) == (2.0, 2.0)
        if is_product(op) or is_quotient(op):
            return any(self.touches_zero(a, depth - 1) and isinstance(b, Const)
                       for a, b in (op.args[:2], op.args[:2][::-1]))
        if is_addition(op):
            return all(self.touches_zero(a, depth - 1) for a in op.args)
        passes = known.reduction is not None or known.view or is_read(op) or known.linear == (0,)
        return bool(passes) and self.touches_zero(op.args[0], depth - 1)

    def chosen(self, arg: Arg, depth: int = DEPTH) -> bool:
        """Is a number the one of two that was taken, or made of such a one?"""
        made = self.makers.get(arg) if depth and isinstance(arg, Value) else None
        return isinstance(arg, Value) and arg in self.joined or made is not None and (
            traits(made).selects or any(self.chosen(a, depth - 1) for a in operands(made)))

    def note_steep(self) -> bool:
        """Note what goes where a slope may be infinite; is there no such place, and nothing that is infinite itself?"""
        level = True
        for stmt in self.stmts:
            if not isinstance(stmt, Op):
                continue
            if not may_be_steep(stmt):
                level = level and not any(names_infinity(arg) for arg in stmt.args if type(arg) is not Value)
                continue
            known = traits(stmt)
            operands = [] if stmt.stopped else [self.range(arg) for arg in stmt.args]
            inside = not stmt.stopped and known.steep_inside is not None and known.steep_inside(*operands)
            if inside:
                self.hot.update(values_in(stmt.args))
            if inside or stmt.stopped or known.steep_outside is not None and known.steep_outside(*operands) \
                    or any(map(names_infinity, stmt.args)):
                level = False
        return level

    def reached_by_infinite(self) -> None:
        """Note the values whose cotangents may be infinite: such a slope stands between them and the result."""
        found = self.hot
        while found:
            before = len(found)
            for stmt in self.stmts:
                if isinstance(stmt, Op):
                    if not found.isdisjoint(stmt.results):
                        found.update(values_in(stmt.args))
                elif isinstance(stmt, Branch):
                    found.update(v for result, *handed in zip(stmt.results, *(a.results for a in blocks_of(stmt)),
                                                              strict=False) if result in found for v in handed
                                 if isinstance(v, Value))
                else:
                    found.update(v for init, param, handed, result in zip(
                        stmt.inits, stmt.body.params, stmt.body.results, stmt.results, strict=True)
                        if param in found or result in found for v in (init, handed) if isinstance(v, Value))
            if len(found) == before:
                break

    def is_steep(self, op: Op) -> bool:
        """Can a slope be infinite for such operands?"""
        if not may_be_steep(op):
            return False
        known = traits(op)
        operands = [self.range(arg) for arg in op.args]
        if op.results and works_on_numbers(op) and known.steep_inside is None and not any(map(self.infinite, op.args)):
            return False
        return known.steep_inside is not None and known.steep_inside(*operands) or self.is_outside(op)

    def is_outside(self, op: Op) -> bool:
        """Can it where it is infinite itself?  One of at most 1 is not known where operands are infinite."""
        known = traits(op)
        if known.largest and known.saturates:
            return any(self.infinite(arg, POLES) for arg in op.args)
        return known.steep_outside is not None and known.steep_outside(*map(self.range, op.args))

    def spread(self) -> None:
        """Forwards: note what is made of the results of functions whose slope may be infinite."""
        self.runaway.update(v for stmt in self.stmts if isinstance(stmt, Op) and self.is_steep(stmt)
                            for v in stmt.results)
        while self.runaway:
            before = len(self.runaway)
            for stmt in self.stmts:
                if isinstance(stmt, Op):
                    if any(not self.runaway.isdisjoint(values_in(arg)) and at not in traits(stmt).saturates
                           for at, arg in enumerate(stmt.args)):        # what saturates is where it is held back
                        self.runaway.update(stmt.results)
                    continue
                rows = zip(stmt.results, *(arm.results for arm in blocks_of(stmt)), strict=False) if isinstance(
                    stmt, Branch) else zip(stmt.results, stmt.body.params, stmt.inits, stmt.body.results, strict=True)
                for result, *handed in rows:
                    if not self.runaway.isdisjoint(v for v in handed if isinstance(v, Value)):
                        self.runaway.update([result, *handed[:1]] if isinstance(stmt, Loop) else [result])
            if len(self.runaway) == before:
                return

    def cut_short(self, op: Op, at: int) -> bool:
        """May an infinite tangent of operand `at` meet a slope that is exactly 0?"""
        arg = op.args[at]
        return arg in self.runaway and (cuts(op, at) or is_product(op) and isinstance(arg, Value)
                                        and arg in self.makers and self.is_steep(self.makers[arg]))

    # -- where values lie ----------------------------------------------------------------------------

    def range(self, arg: Arg, depth: int = DEPTH) -> Interval:
        """The bounds between which all elements lie."""
        if isinstance(arg, Const):
            value = arg.value
            return (float(value), float(value)) if isinstance(value, (bool, int, float)) else FULL
        if not isinstance(arg, Value):
            return FULL
        if arg not in self.ranges:
            if depth == 0:
                return FULL
            self.ranges[arg] = self._range(arg, depth - 1)
        return self.ranges[arg]

    def _range(self, value: Value, depth: int) -> Interval:
        op, kind = self.makers.get(value), value.kind
        if isinstance(kind, Num) and kind.dtype == "bool":
            return 0.0, 1.0
        if op is None or len(op.results) > 1:
            return FULL
        known = traits(op)
        if is_read(op) or known.view or known.makes == "copy":
            return self.range(op.args[0], depth)
        same = op.args[0] if len(op.args) == 2 and op.args[0] is op.args[1] else None
        if isinstance(same, Value) and (is_product(op) or is_matrix_product(op)):
            inner = same.kind
            if is_product(op) or isinstance(inner, Num) and inner.ndim == 1:
                return 0.0, math.inf
        if is_difference(op) and (self.is_largest(op.args[1], op.args[0]) or self.is_no_less(op.args[1], op.args[0])):
            return -math.inf, 0.0
        if is_total(op) and self.has_one(op):
            return 1.0, math.inf
        if is_store(op) and len(op.args) > 2:
            (a, b), (c, d) = self.range(op.args[0], depth), self.range(op.args[2], depth)
            return min(a, c), max(b, d)
        if callable(known.range):
            found = known.range(*(self.range(arg, depth) for arg in op.args[:3] if isinstance(arg, (Value, Const))))
            return FULL if math.isnan(found[0]) or math.isnan(found[1]) else found
        return known.range or FULL

    def has_one(self, op: Op) -> bool:
        """Is this a sum of exponentials of which the largest is 1?"""
        inner = self.makers.get(op.args[0]) if isinstance(op.args[0], Value) else None
        apart = self.makers.get(inner.args[0]) if inner is not None and traits(inner).overflows else None
        if apart is None or not is_difference(apart) or not self.is_largest(apart.args[1], apart.args[0]):
            return False
        top = apart.args[1]
        while traits(self.makers[top]).reduction is None:
            top = self.makers[top].args[0]
        axes = [(*o.args[1:2], o.kwargs.get("axis")) for o in (op, self.makers[top])]
        return all(map(same_arg, *axes)) if len(axes[0]) == len(axes[1]) else False

    def is_no_less(self, value: Arg, than: Arg) -> bool:
        """Is this made of the other as a maximum is?"""
        op = self.makers.get(value) if isinstance(value, Value) else None
        return op is not None and traits(op).largest and any(arg is than for arg in op.args)

    def is_largest(self, value: Arg, of: Arg) -> bool:
        """Is this the largest element of a row, or of all?"""
        while isinstance(value, Value) and value in self.makers:
            op = self.makers[value]
            reduction = traits(op).reduction
            if reduction is not None:
                return reduction[0] == -math.inf and op.args[0] is of
            if not (is_read(op) or traits(op).view):
                break
            value = op.args[0]
        return False

    def infinite(self, arg: Arg, poles: int = 0, depth: int = DEPTH) -> bool:
        """Is there an element that may be infinite, as one is that the program has, or a pole of a few calls before?"""
        if isinstance(arg, (tuple, list)):
            return any(self.infinite(a, poles, depth) for a in arg)
        if isinstance(arg, Const):
            return isinstance(arg.value, float) and math.isinf(arg.value)
        if not isinstance(arg, Value) or arg not in self.makers or depth == 0:
            return False
        op = self.makers[arg]
        known = traits(op)
        if all(map(math.isfinite, self.range(arg))):
            return False
        if poles and known.steep_outside is not None and known.steep_outside(*map(self.range, op.args)):
            return True
        return any(self.infinite(a, max(poles - 1, 0), depth - 1) for at, a in enumerate(op.args)
                   if at not in known.saturates)


def cuts(op: Op, at: int, saturating: bool = True) -> bool:
    """May the cotangent of operand `at` be exactly 0 though that of the result is not?"""
    known = traits(op)
    if at in known.saturates and (saturating or op.fn is runtime.exact_product):    # which is 0 whatever the slope
        return True
    if is_access(op):
        return at == 0 and (is_overwrite(op) or is_read(op) and gathers(op.args[1]))
    if is_product(op):
        other = op.args[1 - at]
        return isinstance(other, Value) and isinstance(other.kind, Num) and other.kind.dtype == "bool"
    return known.selects


class Flow:
    """Which values have their part in the outputs on one way at least: nothing there may cut them off.

    An array that is filled by stores keeps what they have stored; of an array the elements that are read are all that
    count, but where it has just been made by a function that has poles.  The same goes for what saturates.
    """

    def __init__(self, block: Block, makers: dict[Value, Op]) -> None:
        self.block, self.makers = block, makers
        self.handed: dict[Op, tuple[list[Value], list[Value]]] = {}     # what passes, and what does but for saturating

    def whole(self, outputs: Iterable[Atom], saturating: bool = True) -> set[Value]:
        """Those values; `saturating`: what saturates cuts off too."""
        found = {v for v in outputs if isinstance(v, Value)}
        while True:
            before = len(found)
            loops = self.visit(self.block, found, not saturating)
            if not loops or len(found) == before:       # without a loop all is told from the end on
                return found

    def visit(self, block: Block, found: set[Value], way: int) -> bool:
        """Note what has its part in what was found; is there a loop?"""
        loops = False
        for stmt in reversed(block.ops):
            if isinstance(stmt, Op):
                if not found.isdisjoint(stmt.results):
                    found.update((self.handed.get(stmt) or self.hand(stmt))[way])
            elif isinstance(stmt, Branch):
                loops |= self.branch(stmt, found, way)
            else:
                self.loop(stmt, found, way)
                loops = True
        return loops

    def hand(self, op: Op) -> tuple[list[Value], list[Value]]:
        """The operands that an op does not cut off, and those that it may by saturating alone."""
        known = traits(op)
        if not (known.saturates or known.selects or is_access(op) or is_product(op)):
            made = operands(op)
            self.handed[op] = made, made
            return made, made
        named = values_in(op.kwargs) if op.kwargs else []
        passed, mostly = list(named), list(named)
        for at, arg in enumerate(op.args):
            inside = values_in(arg)
            if inside and self.passes(op, at):
                mostly += inside
                if at not in known.saturates:
                    passed += inside
        self.handed[op] = passed, mostly
        return passed, mostly

    def passes(self, op: Op, at: int) -> bool:
        """Has an operand its part in the result, but for what saturates?"""
        arg = op.args[at]
        made = self.makers.get(arg) if isinstance(arg, Value) else None
        if is_store(op) and at == 0 and (made is None or is_store(made)):
            return True
        if made is not None and (at in traits(op).saturates or is_read(op) and not takes_all(op.args[1])):
            source = made.args[0] if is_negation(made) else None
            known = traits(self.makers.get(source, made) if isinstance(source, Value) else made)
            if known.steep_outside is not None and not known.overflows:     # it has a pole
                return False
        return not cuts(op, at, saturating=False)

    def branch(self, branch: Branch, found: set[Value], way: int) -> bool:
        before, loops = set(found), False
        for arm in blocks_of(branch):
            found.update(handed for result, handed in zip(branch.results, arm.results, strict=False)
                         if result in found and isinstance(handed, Value))
            loops |= self.visit(arm, found, way)
        if branch.way == "if":      # what stands before it has its part only where the arm is taken
            inside: set[Any] = {v for arm in blocks_of(branch) for stmt in walk(arm) for v in definitions(stmt)}
            found.difference_update([v for v in found if v not in before and v not in inside])
        return loops

    def loop(self, loop: Loop, found: set[Value], way: int) -> None:
        for init, param, handed, result in zip(loop.inits, loop.body.params, loop.body.results, loop.results,
                                               strict=True):
            if result in found or param in found:
                found.update(v for v in (init, handed) if isinstance(v, Value))
        found.update(inner for inner, trail in loop.trails if trail in found and isinstance(inner, Value))
        self.visit(loop.body, found, way)


def nonzero(atom: Atom) -> bool:
    """Is this a number that is not 0?"""
    return isinstance(atom, Const) and isinstance(atom.value, (int, float, np.floating)) and atom.value != 0
