"""Which values are needed at the same time, and so cannot share a name.

Sets of values are the bits of an integer, which makes the fixed points of loops cheap.  A loop's results
are its parameters: one variable, that each iteration sets.
"""

from __future__ import annotations

from collections.abc import Iterable

from ad_compiler import runtime
from ad_compiler.emit.nest import Nesting
from ad_compiler.emit.steps import (
    Begin,
    Break,
    Copy,
    Count,
    For,
    Hold,
    If,
    Keep,
    Put,
    Region,
    Return,
    Step,
    While,
)
from ad_compiler.emit.survey import has_length
from ad_compiler.ir import UNDEFINED, Arg, Func, Loop, Op, Value


class Liveness:
    """`clash[i]`: the variables that are live where variable number `i` is set."""

    def __init__(self, func: Func, nesting: Nesting, steps: list[Step]) -> None:
        self.nesting, self.func = nesting, func
        self.same = {r: p for s in nesting.survey.stmts if isinstance(s, Loop)
                     for r, p in zip(s.results, s.body.params, strict=True)}
        self.numbers: dict[Value, int] = {}
        self.order: list[Value] = []
        self.clash: list[int] = []
        self.exits: list[int] = []
        self.raised = [0]       # what is read where something is raised: by the `finally` around it
        for value in func.params:
            self.number(value)
        self._number_all(steps)
        entry = self._block(steps, 0)
        params = self.bits(func.params)
        for value in func.params:
            self._set(value, entry | params)

    def variable(self, value: Value) -> Value:
        """The value whose variable a value is in."""
        while value in self.same:
            value = self.same[value]
        return value

    def number(self, value: Value) -> int:
        """The number of a value's variable, in the order in which they are first set."""
        found = self.numbers.get(value)
        if found is None:
            variable = self.variable(value)
            if variable not in self.numbers:
                self.numbers[variable] = len(self.order)
                self.order.append(variable)
                self.clash.append(0)
            found = self.numbers[value] = self.numbers[variable]
        return found

    def bits(self, values: Iterable[Value]) -> int:
        """A set of variables; globals of the user's are none."""
        found = 0
        for value in values:
            if value not in self.func.refs:
                found |= 1 << self.number(value)
        return found

    def reads(self, arg: Arg) -> int:
        """The variables that an argument reads when it is printed."""
        return self.bits(self.nesting.reads(arg))

    def _number_all(self, steps: list[Step]) -> None:
        """Number variables in the order of the text."""
        for step in steps:
            if isinstance(step, Put):
                self.bits(step.results)
            elif isinstance(step, Copy):
                self.bits(v for v, _ in step.pairs)
            elif isinstance(step, Begin):
                self.number(step.value)
            elif isinstance(step, If):
                self._number_all(step.then)
                self._number_all(step.orelse)
            elif isinstance(step, Region):
                self.bits(step.branch.then.params)
                self._number_all(step.body)
                self._number_all(step.last)
            elif isinstance(step, For):
                assert step.loop.index is not None
                self.number(step.loop.index)
                self._number_all(step.body)
            elif isinstance(step, While):
                self._number_all(step.head)
                self._number_all(step.body)

    # -- backwards -----------------------------------------------------------------------------------

    def _set(self, value: Value, live: int) -> int:
        """A variable is set; returns what is live before."""
        number = self.number(value)
        rest = live & ~(1 << number)
        self.clash[number] |= rest
        return rest

    def _block(self, steps: list[Step], live: int) -> int:
        for step in reversed(steps):
            live = self._step(step, live)
        return live

    def _step(self, step: Step, live: int) -> int:
        if isinstance(step, Put):
            return self._put(step, live)
        if isinstance(step, Copy):
            return self._copy(step, live)
        if isinstance(step, Begin):
            live = self._set(step.value, live)
            loop = step.loop
            known = step.value is not loop.trips and has_length(loop)
            return live | self.reads((loop.start, loop.stop, loop.step) if known else ())
        if isinstance(step, Keep):
            index = self.reads((step.loop.index, step.loop.start, step.loop.step)) if has_length(step.loop) else 0
            return live | self.bits([step.trail]) | self.reads(step.entry) | index
        if isinstance(step, Count):
            return live | self.bits([step.value])
        if isinstance(step, Hold):
            return live | self.bits(step.values)
        if isinstance(step, If):
            return self._block(step.then, live) | self._block(step.orelse, live) | self.reads(step.cond)
        if isinstance(step, Region):
            step.live = live
            self.raised.append(self._block(step.last, self.raised[-1]))
            before = self._block(step.body, self._block(step.last, live))
            self.raised.pop()
            for value in step.branch.then.params:
                before = self._set(value, before)
            return before | self.reads(step.branch.cond)
        if isinstance(step, Break):
            return self.exits[-1]
        if isinstance(step, Return):
            return self.reads(step.value)
        return self._loop(step, live)

    def _put(self, step: Put, live: int) -> int:
        if isinstance(step.stmt, Op) and step.stmt.fn is runtime.raise_:
            live = self.raised[-1]
        together = self.bits(step.results)
        for value in step.results:
            self._set(value, live | together)
        live &= ~together
        if isinstance(step.stmt, Op) and step.stmt.inplace:
            live |= self.reads(step.stmt.args[0])
        return live | self.bits(self.nesting.reads_of(step.stmt))

    def _copy(self, step: Copy, live: int) -> int:
        """All at once: a variable may take the name of one that is read, not of one that is set."""
        read = 0
        pairs = [(v, atom) for v, atom in step.pairs if atom is not UNDEFINED]
        step.live = {v for v, _ in step.pairs if live >> self.number(v) & 1}
        together = self.bits(v for v, _ in pairs if v in step.live)
        for value, atom in pairs:
            if value in step.live:
                source = self.bits([atom]) if isinstance(atom, Value) and atom not in self.nesting.nested else 0
                self._set(value, (live | together) & ~(source & ~together))
                read |= self.reads(atom)
        return live & ~together | read

    def _loop(self, step: For | While, live: int) -> int:
        loop = step.loop
        self.exits.append(live)
        head = live
        while True:
            before = self._block(step.body, head)
            if isinstance(step, For):
                assert loop.index is not None
                before = self._set(loop.index, before)
                new = head | live | before
            else:
                new = head | self._block(step.head, before | live | self.reads(step.cond))
            if new == head:
                break
            head = new
        self.exits.pop()
        return head | (self.reads((loop.start, loop.stop, loop.step)) if isinstance(step, For) else 0)
