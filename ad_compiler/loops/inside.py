"""An index that is not known to be inside its axis is checked: what Numba compiles would read past the end.

Where the index is a sum of loop indices the check is of its least and its greatest, once, before the loop.

>>> from ad_compiler.ir import show
>>> from ad_compiler.kinds import FLOAT
>>> x, n, i = Value("x", Num("float64", (Sym("x.0", True),))), Value("n", INT), Value("i", INT)
>>> s, body = Value("s", FLOAT), Block()
>>> body.params = [s]
>>> k = body.emit(operator.add, i, Const(1), kind=INT)
>>> body.results = [body.emit(operator.add, s, body.emit(operator.getitem, x, k, kind=FLOAT), kind=FLOAT)]
>>> loop = Loop([Const(0.0)], body, [Value("s", FLOAT)], i, stop=n)
>>> print(show(check_indices(Func("f", [x, n], Block([], [loop], list(loop.results))))))
def f(x, n):
    t = getattr(x, 'shape')
    n_2 = getitem(t, 0)
    check_indices(1, n, n_2)!
    for i in 0, n, 1 [s = 0.0]: -> s_2
        t_2 = add(i, 1)
        t_3 = getitem(x, t_2)
        t_4 = add(s, t_3)
        hand on t_4
    return s_2
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np

from ad_compiler import runtime
from ad_compiler.analyse.affine import ZERO, Form, Instance, Length, Prover, length, loops_of
from ad_compiler.analyse.bound import Bound
from ad_compiler.analyse.chains import Chains
from ad_compiler.analyse.points import places
from ad_compiler.indices import is_mask
from ad_compiler.ir import (
    Arg,
    Atom,
    Block,
    Branch,
    Const,
    Func,
    Loop,
    Op,
    Origin,
    Slice,
    Stmt,
    Value,
    blocks_of,
    definitions,
    walk,
)
from ad_compiler.kinds import BOOL, INT, Dim, Num, Sym
from ad_compiler.loops.lengths import Known
from ad_compiler.loops.spans import Span, before, form_key, maybe_empty, not_empty, shows_empty
from ad_compiler.loops.views import items_of, rank, shape_of
from ad_compiler.ops import has_effect, is_access, traits


def check_indices(func: Func) -> Func:
    """Put checks before what the forward sweep reads and stores; the reverse sweep goes to the same places."""
    chains = Chains(func)
    checker = _Checker(chains)
    checker.block(func.body, Frame(None, Known([*func.params, *func.refs], bound=Bound(func.body)), False))
    return func


@dataclass
class Frame:
    """A block that is being gone through: its statement, what is known in it, what of it is done, what was checked.

    `passes`: is it a loop before which a check of what it does in every iteration may stand?
    """

    owner: Stmt | None
    known: Known
    passes: bool
    out: Block = field(default_factory=Block)
    checked: set[Hashable] = field(default_factory=set)
    pending: dict[Hashable, list[Pending]] = field(default_factory=dict)
    atoms: dict[Hashable, Atom] = field(default_factory=dict)


@dataclass
class Pending:
    """A check that is to be written before a loop, and whether it is; it may grow until then.

    `empty`: none of these is below 0 where the loops run.  `asks`: the check is made only there; a span that has not
    grown may say so itself.
    """

    span: Span
    dim: Dim
    empty: list[Form]
    asks: bool
    origin: Origin | None
    done: bool = False

    def same_loops(self, empty: list[Form]) -> bool:
        """Is this made where what may be empty is `empty`?"""
        return list(map(form_key, self.empty)) == list(map(form_key, empty))

    def holds(self, span: Span, empty: list[Form]) -> bool:
        """Is what a span needs checked already?"""
        inside = self.span.low.constant <= span.low.constant and span.high.constant <= self.span.high.constant
        return inside and (not self.asks or self.same_loops(empty))

    def grow(self, span: Span) -> None:
        """Check what this span needs too: then the greatest may be above the least where nothing runs."""
        wider = self.span.with_(span)
        self.asks = self.asks or wider != self.span and bool(self.empty)
        self.span = wider


class _Checker:
    """Works on one function."""

    def __init__(self, chains: Chains) -> None:
        self.chains = chains
        self.frames: list[Frame] = []

    def block(self, block: Block, frame: Frame) -> None:
        """Go through a block."""
        self.frames.append(frame)
        whole = frame.owner.body if isinstance(frame.owner, Loop) else block    # what a `while` asks reads these
        for value in whole.params:
            frame.known.add(value)
        for stmt in block.ops:
            if is_access(stmt) and not stmt.reverse:
                self._op(stmt)
            for inner in blocks_of(stmt):
                passes = isinstance(stmt, Loop) and _runs_through(stmt)
                self.block(inner, Frame(stmt, frame.known.inside(), passes))
            self._flush(frame)
            frame.out.ops.append(stmt)
            for value in definitions(stmt):
                frame.known.add(value)
        block.ops = frame.out.ops
        self.frames.pop()

    def _op(self, op: Op) -> None:
        array, index = op.args[0], op.args[1]
        if not isinstance(array, Value) or not rank(array) or not isinstance(array.kind, Num):
            return
        around = loops_of(self.chains.place[op])
        prover = Prover(self.chains, around, len(around), array)
        for part, dim in _parts(index, array):
            if is_mask(part):
                self._mask(part, dim, op.origin)
            elif rank(part):
                self._array(part, dim, op.origin)
            elif not _is_constant_inside(part, dim):
                form = prover.form(part, "")
                if form is not None and prover.at_least(form + length(dim), 0) \
                        and prover.at_least(length(dim) - form, 1):
                    continue
                self._number(part, form, dim, prover, op.origin)

    # -- a number ------------------------------------------------------------------------------------

    def _number(self, part: Atom, form: Form | None, dim: Dim, prover: Prover, origin: Origin | None) -> None:
        """Check an index as far out as its least and greatest are known."""
        if any((part, dim) in frame.checked for frame in self.frames):
            return
        at, span = len(self.frames) - 1, Span(form, form) if form is not None else None
        listed = self._listed(part)
        if listed is not None:
            at, span = listed
            if span is None:
                return
        told = span is not None and (listed is None or self._can_be_told(span, dim, at, prover))
        best = (at, span) if span is not None and told else None
        while span is not None and self.frames[at].passes:
            span = before(span, self.frames[at].owner, prover)
            at -= 1
            if span is not None and self._can_be_told(span, dim, at, prover):
                best = at, span
        self.frames[-1].checked.add((part, dim))
        if best is None or not best[1].moved and best[0] == len(self.frames) - 1:
            self._emit(self.frames[-1], runtime.check_index, (part,), dim, origin)
            return
        at, span = best
        empty = maybe_empty(span, prover)
        asks = bool(empty) and not shows_empty(span, empty)
        key = (dim, *(frozenset(form.terms.items()) for form in (span.low, span.high)))
        if any(known.holds(span, empty) for outer in self.frames[:at + 1] for known in outer.pending.get(key, ())):
            return
        mine = self.frames[at].pending.setdefault(key, [])
        known = next((other for other in mine if not other.done and other.same_loops(empty)), None)
        if known is None:
            mine.append(Pending(span, dim, empty, asks, origin))
        else:
            known.grow(span)

    def _flush(self, frame: Frame) -> None:
        """Write the checks that stand before what comes next in a block; those of one condition together."""
        checks: dict[Hashable, tuple[list[Atom], Block]] = {}
        for pending in chain(*frame.pending.values()):
            if pending.done:
                continue
            pending.done = True
            low, high = self._atom(pending.span.low, frame), self._atom(pending.span.high, frame)
            size = frame.known.length(pending.dim, frame.out)
            assert size is not None
            empty = pending.empty if pending.asks else []
            condition = tuple(map(form_key, empty))
            if condition not in checks:
                checks[condition] = [self._atom(length, frame) for length in empty], Block()
            one = not pending.span.moved and pending.span.low.constant == pending.span.high.constant
            check, args = (runtime.check_index, (low,)) if one else (runtime.check_indices, (low, high))
            checks[condition][1].ops.append(Op(check, (*args, size), origin=pending.origin, effect=True))
        for runs, block in checks.values():
            for last in reversed(runs):
                around = Block()
                some = around.emit(operator.ge, last, Const(0), kind=BOOL)
                around.ops.append(Branch(some, block, Block()))
                block = around
            frame.out.ops += block.ops

    def _listed(self, part: Atom) -> tuple[int, Span | None] | None:
        """What an index spans that is made of loop indices by more than sums, where all of their ranges are known.

        With the frame outside of these loops; no span where they run zero times.
        """
        if not isinstance(part, Value) or part in self.chains.index_of:
            return None
        at = len(self.frames) - 1
        while self.frames[at].passes:
            at -= 1
        loops = [frame.owner for frame in self.frames[at + 1:] if isinstance(frame.owner, Loop)]
        found = places(part, loops, self.chains)
        if found is None:
            return None
        values, first = found
        if not values:
            return at, None
        return at + first, Span(Form(min(values), {}), Form(max(values), {}), moved=(ZERO, ZERO))

    def _emit(self, frame: Frame, check: Any, args: tuple[Atom, ...], dim: Dim, origin: Origin | None) -> None:
        size = frame.known.length(dim, frame.out)
        assert size is not None
        frame.out.ops.append(Op(check, (*args, size), origin=origin, effect=True))

    def _can_be_told(self, span: Span, dim: Dim, at: int, prover: Prover) -> bool:
        """Are the parts of a span, and the length, there before the block of a frame goes on?"""
        frame = self.frames[at]
        symbols = [symbol for form in (span.low, span.high, *maybe_empty(span, prover)) for symbol in form.terms]
        for symbol in symbols:
            if isinstance(symbol, Instance):
                if len(self.chains.home.get(symbol.value, ())) > at:
                    return False
            elif not isinstance(symbol, Length) or not frame.known.has(Sym(symbol.key)):
                return False
        return frame.known.has(dim)

    def _atom(self, form: Form, frame: Frame) -> Atom:
        """A form as a value."""
        if form_key(form) not in frame.atoms:
            frame.atoms[form_key(form)] = self._written(form, frame)
        return frame.atoms[form_key(form)]

    def _written(self, form: Form, frame: Frame) -> Atom:
        total: Atom | None = None
        for symbol, by in sorted(form.terms.items(), key=lambda item: item[1] < 0):
            if isinstance(symbol, Instance):
                value: Atom = symbol.value
            else:
                assert isinstance(symbol, Length)
                found = frame.known.length(Sym(symbol.key), frame.out)
                assert found is not None
                value = found
            if abs(by) != 1:
                value = frame.out.emit(operator.mul, Const(abs(by)), value, kind=INT)
            if total is None:
                total = value if by > 0 else frame.out.emit(operator.neg, value, kind=INT)
            else:
                total = frame.out.emit(operator.add if by > 0 else operator.sub, total, value, kind=INT)
        if total is None:
            return Const(form.constant)
        if not form.constant:
            return total
        fn = operator.add if form.constant > 0 else operator.sub
        return frame.out.emit(fn, total, Const(abs(form.constant)), kind=INT)

    # -- arrays of integers, masks ------------------------------------------------------------------------

    def _array(self, places: Value | Const, dim: Dim, origin: Origin | None) -> None:
        """Check all numbers of an array, where it is made."""
        made = self.chains.maker.get(places) if isinstance(places, Value) else None
        if isinstance(made, Op) and made.fn is np.nonzero and shape_of(made.args[0])[made.results.index(places)] == dim:    # type: ignore[arg-type]
            return
        numbers = made.args[0] if isinstance(made, Op) and traits(made).makes == "array" else None
        if isinstance(numbers, list) and all(isinstance(n, Const) for n in numbers):
            places = Const([n.value for n in numbers])
        if isinstance(places, Const):
            known = np.asarray(places.value, int)
            ends = (int(known.min()), int(known.max())) if known.size else (0, -1)
            if ends[0] <= ends[1] and not any((ends, dim) in frame.checked for frame in self.frames) \
                    and not all(_is_constant_inside(Const(end), dim) for end in ends):
                self.frames[-1].checked.add((ends, dim))
                self._emit(self.frames[-1], runtime.check_indices, tuple(map(Const, ends)), dim, origin)
            return
        if any((places, dim) in frame.checked for frame in self.frames):
            return
        at = len(self.frames) - 1
        while self.frames[at].passes and len(self.chains.home.get(places, ())) < at \
                and self.frames[at - 1].known.has(dim) and not_empty(self.frames[at].owner, self.chains, places):
            at -= 1
        self.frames[at].checked.add((places, dim))
        self._emit(self.frames[at], runtime.check_all_indices, (places,), dim, origin)

    def _mask(self, mask: Value, dim: Dim, origin: Origin | None) -> None:
        """Check that the axis of a mask is as long as the one that it picks from."""
        own = shape_of(mask)
        frame = self.frames[-1]
        if len(own) != 1 or own[0] == dim or any((own[0], dim) in f.checked for f in self.frames):
            return
        frame.checked.add((own[0], dim))
        found = frame.known.length(own[0], frame.out)
        assert found is not None
        self._emit(frame, runtime.check_mask, (found,), dim, origin)


def _parts(index: Arg, array: Value) -> Iterator[tuple[Any, Dim]]:
    """The numbers, arrays of integers and masks of an index, each with the length of its (first) axis."""
    shape = shape_of(array)
    items = items_of(index, array)
    if items is None:       # a mask among them
        items = list(index) if isinstance(index, tuple) else [index]
    axis = 0
    for at, item in enumerate(items):
        if isinstance(item, Const) and item.value is Ellipsis:
            axis = len(shape) - sum(map(_axes, items[at + 1:]))
            continue
        if isinstance(item, Const) and item.value is None:
            continue
        kind = item.kind if isinstance(item, Value) else None
        whole = isinstance(item, Const) and np.asarray(item.value).dtype.kind in "iu"
        if axis < len(shape) and not isinstance(item, (Slice, list)) and (isinstance(kind, Num) or whole):
            yield item, shape[axis]
        axis += _axes(item)


def _axes(item: Any) -> int:
    """Of how many axes a part of an index says something."""
    return len(shape_of(item)) if is_mask(item) else 0 if isinstance(item, Const) and item.value is None else 1


def _is_constant_inside(part: Atom, dim: Dim) -> bool:
    """Is a number known now inside of the shortest that an axis can be?"""
    shortest = dim if isinstance(dim, int) else 2 if dim.not_one and _is_of_caller(dim) else 0
    return isinstance(part, Const) and -shortest <= part.value < shortest


def _is_of_caller(dim: Sym) -> bool:
    return isinstance(dim.key, str) and "." in dim.key


def _runs_through(loop: Loop) -> bool:
    """Does a loop do the same in each iteration of a range, with nothing before it that could be seen?"""
    return loop.index is not None and loop.leave is None and isinstance(loop.step, Const) \
        and loop.step.value in (1, -1) and not any(isinstance(s, Op) and has_effect(s) for s in walk(loop.body))
