"""The reverse of branches and loops.

A branch's reverse takes the same arm; a loop's runs the iterations backwards and carries the cotangents of
what the loop carried, and of what its body read from outside.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ad_compiler import runtime
from ad_compiler.ir import Atom, Block, Branch, Const, Loop, Value, definitions, free_values
from ad_compiler.kinds import INT, Num, Seq
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

        def reverse(self, ops: list[Any]) -> None: ...
        def accumulate(self, value: Value, contribution: Atom) -> None: ...
        def fit(self, bar: Atom, operand: Value) -> Atom: ...
        def zero(self, like: Value) -> Atom: ...

    def reverse_branch(self, branch: Branch) -> None:
        """The same arm, backwards; of a region, what is in it."""
        if branch.way != "if":
            for result, handed in zip(branch.results, branch.then.results, strict=True):
                bar = self.bars.pop(result, None)
                if bar is not None and isinstance(handed, Value):
                    self.accumulate(handed, bar)
            self.reverse(list(branch.then.ops))
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
                    self.lifter.block = block
                    bars[value] = self.zero(value)
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

    def narrowed(self, bar: Atom, joined: Value, to: Value) -> Atom:
        """The cotangent of what is joined, in the precision of what is handed on there."""
        one, other = joined.kind, to.kind
        if isinstance(one, Num) and isinstance(other, Num) and one.dtype != other.dtype and to in self.active:
            return self.lifter.call(Const(runtime.cast_like), [bar, to], {})
        return bar

    def cotangent_of(self, value: Value) -> Value:
        """A new value that stands for a cotangent."""
        name = value.hint or "~" + self.letters.get(value, "t")
        return Value(f"{name}_bar", value.kind)

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
            attempt = self._attempt(loop, wanted, touched, trails, outside, forms)
            changed = self._forms_changed(attempt.loop, [*wanted, *touched], forms)
            more = [i for i in range(len(loop.results)) if i in attempt.params and i not in wanted]
            new = [v for v in attempt.touched if v not in touched]
            if not changed and not more and not new:
                break
            wanted, touched = sorted([*wanted, *more]), [*touched, *new]
        self.found[loop] = Found(wanted, touched, forms)
        self.lifter.block.ops.append(attempt.loop)
        self.lifter.fixed_origin = loop.origin
        results = iter(attempt.loop.results)
        for i in wanted:
            self.bars.pop(loop.results[i], None)
        for _, trail in trails:
            self.bars.pop(trail, None)
        finals = [(loop.inits[i], next(results)) for i in wanted]
        for value in touched:
            self.bars[value] = next(results)
        for init, result in finals:
            if isinstance(init, Value) and init in self.active:
                self.accumulate(init, self.fit(result, init))

    def _attempt(self, loop: Loop, wanted: list[int], touched: list[Value], trails: list[tuple[Atom, Value]],
                 outside: set[Value], forms: dict[Any, str]) -> _Attempt:
        """Reverse the body, given which carried and outer cotangents there are."""
        outer, before = self.lifter.block, self.bars
        inits = [before[loop.results[i]] if loop.results[i] in before else self.zero(loop.results[i])
                 for i in wanted]
        inits += [before[v] if v in before else self.zero(v) for v in touched]
        carried = [*(loop.results[i] for i in wanted), *touched]
        inits = [self.as_list(init) if isinstance(v.kind, Seq) else init
                 for v, init in zip(carried, inits, strict=True)]
        body = Block()
        params = [self.cotangent_of(loop.body.params[i]) for i in wanted]
        outer_params = [self.cotangent_of(v) for v in touched]
        body.params = [*params, *outer_params]
        for key, param in zip([*wanted, *touched], body.params, strict=True):
            if key in forms and isinstance(param.kind, Num):
                param.kind = replace(param.kind, form=forms[key])
        plain = loop.index is not None and loop.leave is None
        if not plain and loop.trips is None:
            line = loop.origin.line if loop.origin is not None else 0
            rel = loop.origin.rel if loop.origin is not None else line
            loop.trips = Value(f"trips_L{rel}", INT)
        index = Value(loop.index.hint if loop.index is not None else "k", loop.index.kind if loop.index else INT)
        self.lifter.block, self.bars = body, dict(zip(touched, outer_params, strict=True))
        for i, param in zip(wanted, params, strict=True):
            handed = loop.body.results[i]
            if isinstance(handed, Value) and handed in self.active:
                self.accumulate(handed, self.narrowed(param, param, handed))
        for inner, trail in trails:
            if isinstance(inner, Value) and inner in self.active:
                place = self.position(loop, index) if plain else index
                self.accumulate(inner, self.lifter.apply(operator.getitem, [before[trail], place]))
        self.reverse(list(loop.body.ops))
        reached, self.bars = self.bars, before
        results: list[Atom] = []
        for i, param in zip(wanted, params, strict=True):
            inner = loop.body.params[i]
            results.append(reached[inner] if inner in reached else self.zero(param))
        results += [reached[v] for v in touched]
        body.results = results
        self.lifter.block = outer
        reverse = Loop(inits, body, [Value(p.hint, p.kind) for p in body.params], index, origin=loop.origin,
                       reverse=True, mirror=loop, backward=not loop.backward)
        if plain:
            reverse.start, reverse.stop, reverse.step = loop.start, loop.stop, loop.step
        else:
            assert loop.trips is not None
            reverse.stop = loop.trips
        return _Attempt(reverse, {i for i, p in enumerate(loop.body.params) if p in reached},
                        [v for v in reached if v in outside])

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


class _Attempt(NamedTuple):
    """A reverse loop as far as it goes, the carried values that have a cotangent, and the outer ones."""

    loop: Loop
    params: set[int]
    touched: list[Value]


def form_of(kind: Any, handed: list[Atom]) -> Any:
    """A number is Python's where all that it may be is; else NumPy's."""
    if isinstance(kind, Num) and kind.form == "py" and any(
            isinstance(a, Value) and isinstance(a.kind, Num) and a.kind.form != "py" for a in handed):
        return replace(kind, form="np")
    return kind


def inside_of(loop: Loop) -> set[Value]:
    """What the body of a loop defines at its own level."""
    return {*loop.body.params, *(v for stmt in loop.body.ops for v in definitions(stmt))}
