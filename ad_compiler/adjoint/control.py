"""The reverse of branches and loops.

A branch's reverse takes the same arm; a loop's runs the iterations backwards and carries the cotangents of
what the loop carried, and of what its body read from outside.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ad_compiler import runtime
from ad_compiler.adjoint.again import again, defined_by
from ad_compiler.ir import (
    UNDEFINED,
    Atom,
    Block,
    Branch,
    Const,
    Loop,
    Op,
    Value,
    blocks_of,
    definitions,
    free_values,
    operands,
    substitute,
    walk,
)
from ad_compiler.kinds import INT, Num, Seq
from ad_compiler.rules.dims import unknown
from ad_compiler.rules.lists import as_seq

if TYPE_CHECKING:
    from ad_compiler.read.lift import Lifter


class ReverseControl:
    """Part of the reverser: structured statements."""

    if TYPE_CHECKING:
        bars: dict[Value, Atom]
        active: set[Value]
        lifter: Lifter
        letters: dict[Value, str]
        found: dict[Loop, Found]
        around: list[Around]

        def reverse(self, ops: list[Any]) -> None: ...
        def accumulate(self, value: Value, contribution: Atom) -> None: ...
        def fit(self, bar: Atom, operand: Value) -> Atom: ...
        def zero(self, like: Value) -> Atom: ...
        def add_refusal(self, op: Op, message: str, remedy: str, name: str = "") -> None: ...
        def refuse_given(self, region: Branch) -> None: ...

    def reverse_branch(self, branch: Branch) -> None:
        """The same arm, backwards; of a region, what is in it."""
        if branch.way != "if":
            for result, handed in zip(branch.results, branch.then.results, strict=True):
                bar = self.bars.pop(result, None)
                if bar is not None and isinstance(handed, Value):
                    self.accumulate(handed, bar)
            if branch.way == "checkpoint":
                self.once_more(branch)
            else:
                self.reverse(list(branch.then.ops))
            if any(self.bars.pop(given, None) is not None for given in branch.then.params):
                self.refuse_given(branch)
            return
        seeds = [(self.bars.pop(r, None), a, b)
                 for r, a, b in zip(branch.results, branch.then.results, branch.orelse.results, strict=True)]
        outer, before = self.lifter.block, self.bars
        arms: list[tuple[Block, dict[Value, Atom]]] = []
        for forward, side in ((branch.then, 0), (branch.orelse, 1)):
            self.lifter.block, self.bars = Block(), dict(before)
            for result, (bar, *handed) in zip(branch.results, seeds, strict=True):
                to = handed[side]
                if bar is not None and isinstance(to, Value):
                    self.accumulate(to, self.narrowed(bar, result, to))
            self.reverse(list(forward.ops))
            inside = {v for stmt in forward.ops for v in definitions(stmt)}
            arms.append((self.lifter.block, {v: b for v, b in self.bars.items() if v not in inside}))
        self.lifter.block, self.bars = outer, before
        (then, then_bars), (orelse, else_bars) = arms
        reverse = Branch(branch.cond, then, orelse, [], branch.origin, reverse=True, mirror=branch)
        for value in dict.fromkeys([*then_bars, *else_bars]):
            handed = []
            for block, bars in ((then, then_bars), (orelse, else_bars)):
                if value not in bars:
                    carried = self.around[-1].params.get(value) if self.around else None
                    self.lifter.block = block
                    bars[value] = self.zero(value) if carried is None else carried
                handed.append(bars[value])
            self.lifter.block = outer
            if handed[0] is handed[1]:
                self.bars[value] = handed[0]
                continue
            result = self.cotangent_of(value)
            result.kind = form_of(result.kind, handed)
            reverse.results.append(result)
            then.results.append(handed[0])
            orelse.results.append(handed[1])
            self.bars[value] = result
        if then.ops or orelse.ops or reverse.results:
            outer.ops.append(reverse)

    def once_more(self, branch: Branch) -> None:
        """The statements of a region again, and their reverse, in a region that hands on cotangents."""
        outer, before = self.lifter.block, dict(self.bars)
        region = Branch(Const(True), Block(), Block(), [], branch.origin, reverse=True, way="checkpoint")
        self.lifter.block = region.then
        self.reverse(list(branch.then.ops))
        now: dict[Value, Atom] = {}
        made = again(branch.then.ops, now, self.add_refusal, region.then)
        substitute(region.then, now)
        region.then.ops[:0] = made
        self.lifter.block = outer
        inside = defined_by(branch)
        for value, bar in list(self.bars.items()):
            if value in inside:
                del self.bars[value]
            elif before.get(value) is not bar and isinstance(bar, Value):
                self.bars[value] = result = Value(bar.hint, bar.kind)
                region.results.append(result)
                region.then.results.append(bar)
                region.orelse.results.append(UNDEFINED)
        outer.ops.append(region)

    def narrowed(self, bar: Atom, joined: Value, to: Value) -> Atom:
        """The cotangent of what is joined, in the precision of what is handed on there."""
        one, other = joined.kind, to.kind
        if isinstance(one, Num) and isinstance(other, Num) and one.dtype != other.dtype and to in self.active:
            return self.lifter.calls.call(Const(runtime.cast_like), [bar, to], {})
        return bar

    def cotangent_of(self, value: Value, like: Atom | None = None) -> Value:
        """A new value that stands for a cotangent; its lengths are those of something else."""
        name = value.hint or "~" + self.letters.get(value, "t")
        return Value(f"{name}_bar", value.kind if like is None else with_lengths(value.kind, like))

    def reverse_loop(self, loop: Loop) -> None:
        """The iterations, last first."""
        wanted = [i for i, r in enumerate(loop.results) if r in self.bars]
        trails = [(inner, t) for inner, t in loop.trails if t in self.bars]
        if not wanted and not trails:
            return
        outside = {v for v in free_values(loop.body, loop) if v in self.active}
        outside |= {v for v in loop.body.results if isinstance(v, Value) and v in self.active
                    and v not in inside_of(loop)}
        known = self.found.get(loop)        # what was found when the loop around it was tried has only become more
        touched = [v for v in known.touched if v in outside] if known is not None else []
        wanted = sorted({*wanted, *known.wanted}) if known is not None else wanted
        forms = known.forms if known is not None else {}
        mark = len(self.lifter.block.ops)
        while True:
            del self.lifter.block.ops[mark:]
            reverse, reached, touched = self._attempt(loop, wanted, touched, trails, outside, forms)
            changed = self._forms_changed(reverse, [*wanted, *touched], forms)
            more = [i for i, p in enumerate(loop.body.params) if p in reached and i not in wanted]
            if not changed and not more:
                break
            wanted = sorted([*wanted, *more])
        self.found[loop] = Found(wanted, touched, forms)
        self.lifter.block.ops.append(reverse)
        self.lifter.fixed_origin = loop.origin
        results = iter(reverse.results)
        for i in wanted:
            self.bars.pop(loop.results[i], None)
        for _, trail in trails:
            self.bars.pop(trail, None)
        finals = [(loop.inits[i], next(results), i) for i in wanted]
        for value in touched:
            self.bars[value] = next(results)
        for init, result, i in finals:
            if isinstance(init, Value) and init in self.active:
                bar: Atom = self.spread(result, init) if replaced(loop, i) else result
                self.accumulate(init, self.fit(bar, init))

    def spread(self, bar: Value, like: Value) -> Value:
        """A cotangent of which a zero may have an element alone."""
        found: Value = self.lifter.calls.call(Const(runtime.broadcast_like), [bar, like], {})
        return found

    def _attempt(self, loop: Loop, wanted: list[int], touched: list[Value], trails: list[tuple[Atom, Value]],
                 outside: set[Value], forms: dict[Any, str]) -> tuple[Loop, set[Value], list[Value]]:
        """Reverse the body, given which carried and outer cotangents there are.

        Gives the loop, what has a cotangent at the beginning of the body, and which of it comes from outside.
        """
        outer, before = self.lifter.block, self.bars
        plain = loop.index is not None and loop.leave is None
        if not plain and loop.trips is None:
            line = loop.origin.line if loop.origin is not None else 0
            rel = loop.origin.rel if loop.origin is not None else line
            loop.trips = Value(f"trips_L{rel}", INT)
        index = Value(loop.index.hint if loop.index is not None else "k", loop.index.kind if loop.index else INT)
        reverse = Loop([], Block(), [], index, origin=loop.origin, reverse=True, mirror=loop,
                       backward=not loop.backward)
        around = Around(reverse, outer, before, outside, forms, {})
        params = [self._carry(around, loop.results[i], i, self.cotangent_of(loop.body.params[i], loop.body.results[i]))
                  for i in wanted]
        for i, param in zip(wanted, params, strict=True):
            if replaced(loop, i):
                param.kind = replace(num_of(param), shape=tuple(unknown() for _ in num_of(param).shape or ()))
        for value in touched:
            self._carry_outer(around, value)
        self.around.append(around)
        self.lifter.block, self.bars = reverse.body, dict(around.params)
        for i, param in zip(wanted, params, strict=True):
            handed = loop.body.results[i]
            if isinstance(handed, Value) and handed in self.active:
                bar = self.spread(param, handed) if replaced(loop, i) else param
                self.accumulate(handed, self.narrowed(bar, param, handed))
        for inner, trail in trails:
            if isinstance(inner, Value) and inner in self.active:
                place = self.position(loop, index) if plain else index
                self.accumulate(inner, self.lifter.apply(operator.getitem, [before[trail], place]))
        self.reverse(list(loop.body.ops))
        self.around.pop()
        reached, self.bars = self.bars, before
        results = reverse.body.results
        for i, param in zip(wanted, params, strict=True):
            inner = loop.body.params[i]
            if replaced(loop, i):
                zero = [Const(num_of(param).ndim), Const(num_of(param).dtype)]
                results.append(self.lifter.calls.call(Const(one_zero), zero, {}))
            else:
                results.append(reached[inner] if inner in reached else self.zero(param))
        results += [reached.get(v, param) for v, param in around.params.items()]
        self.lifter.block = outer
        reverse.results = [Value(p.hint, p.kind) for p in reverse.body.params]
        for at, i in enumerate(wanted):
            if not replaced(loop, i):
                reverse.results[at].kind = with_lengths(reverse.results[at].kind, loop.inits[i])
        if plain:
            reverse.start, reverse.stop, reverse.step = loop.start, loop.stop, loop.step
        else:
            assert loop.trips is not None
            reverse.stop = loop.trips
        return reverse, set(reached), list(around.params)

    def _carry(self, around: Around, value: Value, key: Any, param: Value) -> Value:
        """A cotangent that a reverse loop carries: `param` in its body, at the beginning that of `value` there is."""
        init = self.bar_of(value)
        if init is None:
            init = self.zero(value)
        if key in around.forms and isinstance(param.kind, Num):
            param.kind = replace(param.kind, form=around.forms[key])
        around.loop.inits.append(self.as_list(init) if isinstance(value.kind, Seq) else init)
        around.loop.body.params.append(param)
        return param

    def _carry_outer(self, around: Around, value: Value) -> Value:
        """That of a value from outside the loop."""
        around.params[value] = self._carry(around, value, value, self.cotangent_of(value))
        return around.params[value]

    def bar_of(self, value: Value) -> Atom | None:
        """The cotangent that a value has so far; in a loop, one from outside is carried from the first time on."""
        bar = self.bars.get(value)
        if bar is not None or not self.around or value not in self.around[-1].outside:
            return bar
        around = self.around[-1]
        if value in around.params:
            return around.params[value]
        self.around.pop()
        inner = self.lifter.block, self.bars, self.lifter.fixed_origin
        self.lifter.block, self.bars, self.lifter.fixed_origin = around.block, around.bars, around.loop.origin
        param = self._carry_outer(around, value)
        self.lifter.block, self.bars, self.lifter.fixed_origin = inner
        self.around.append(around)
        return param

    def as_list(self, bar: Atom) -> Atom:
        """The cotangent of a list as a list: that of `np.stack` is an array."""
        if not isinstance(bar, Value) or not isinstance(bar.kind, Num):
            return bar
        (rows,) = self.lifter.emit(runtime.list_copy, (bar,), {}, [as_seq(bar.kind)])
        rows.hint = bar.hint
        return rows

    def _forms_changed(self, loop: Loop, keys: list[Any], forms: dict[Any, str]) -> bool:
        """Does a number that was taken for Python's turn out to be NumPy's?"""
        changed = False
        for key, param, init, handed in zip(keys, loop.body.params, loop.inits, loop.body.results, strict=True):
            kind = form_of(param.kind, [init, handed])
            if isinstance(kind, Num) and isinstance(param.kind, Num) and kind.form != param.kind.form:
                forms[key], changed = kind.form, True
        return changed

    def position(self, loop: Loop, index: Value) -> Atom:
        """Number of the iteration, from 0, for an index of a counted loop."""
        place: Any = index
        if isinstance(loop.start, Value) or loop.start.value != 0:
            place = self.lifter.apply(operator.sub, [place, loop.start])
        if isinstance(loop.step, Value) or loop.step.value != 1:
            place = self.lifter.apply(operator.floordiv, [place, loop.step])
        return place


class Found(NamedTuple):
    """Which cotangents the reverse of a loop carries: of its carried values, by place, and of values outside."""

    wanted: list[int]
    touched: list[Value]
    forms: dict[Any, str]


class Around(NamedTuple):
    """A reverse loop that is being written, where it stands, and the cotangents of values outside that it carries."""

    loop: Loop
    block: Block
    bars: dict[Value, Atom]
    outside: set[Value]
    forms: dict[Any, str]
    params: dict[Value, Value]


def num_of(value: Value) -> Num:
    """The kind of a number or an array."""
    assert isinstance(value.kind, Num)
    return value.kind


def one_zero(ndim: int, dtype: str) -> Any:
    """A zero that stretches to any shape of so many axes."""
    return np.zeros((1,) * ndim, dtype)


def replaced(loop: Loop, i: int) -> bool:
    """Is an array of a loop another one after each iteration, with lengths of its own, whatever it was before?"""
    param, handed, left = loop.body.params[i], loop.body.results[i], loop.results[i].kind
    if not isinstance(handed, Value) or not isinstance(handed.kind, Num) or not isinstance(left, Num) \
            or not handed.kind.shape or handed.kind.shape == left.shape:
        return False
    return all(param not in operands(stmt) for stmt in walk(loop.body)) and all(
        param not in inner.results for inner in (loop.body, *(b for stmt in walk(loop.body) for b in blocks_of(stmt))))


def with_lengths(kind: Any, like: Atom) -> Any:
    """A kind, with the lengths of a value of as many axes."""
    other = like.kind if isinstance(like, Value) else None
    if not isinstance(kind, Num) or not isinstance(other, Num) or kind.shape is None or other.shape is None \
            or len(kind.shape) != len(other.shape):
        return kind
    return replace(kind, shape=other.shape)


def form_of(kind: Any, handed: list[Atom]) -> Any:
    """A number is Python's where all that it may be is; else NumPy's."""
    if isinstance(kind, Num) and kind.form == "py" and any(
            isinstance(a, Value) and isinstance(a.kind, Num) and a.kind.form != "py" for a in handed):
        return replace(kind, form="np")
    return kind


def inside_of(loop: Loop) -> set[Value]:
    """What the body of a loop defines at its own level."""
    return {*loop.body.params, *(v for stmt in loop.body.ops for v in definitions(stmt))}
