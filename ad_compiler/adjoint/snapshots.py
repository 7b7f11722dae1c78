"""A loop of which few states are kept: its reverse goes on from the last one once more, and keeps others on the way.

Which states are kept when is the binomial schedule, which needs the fewest steps for so many snapshots: Griewank and
Walther, "Revolve", ACM TOMS 26 (2000), 19-45.  `runtime.steps_ahead` says how far to go before the next is kept.

>>> import math
>>> import ad_compiler.rules.load
>>> from ad_compiler.ir import Func, show
>>> from ad_compiler.kinds import FLOAT
>>> n, x, y, z = Value("n", INT), Value("x", FLOAT), Value("y", FLOAT), Value("y_bar", FLOAT)
>>> forward, reverse = Block([y]), Block([z])
>>> forward.results = [forward.emit(math.sin, y, hint="y", kind=FLOAT)]
>>> reverse.results = [reverse.emit(operator.mul, z, reverse.emit(math.cos, y, kind=FLOAT), hint="y_bar", kind=FLOAT)]
>>> first = Loop([x], forward, [Value("y", FLOAT)], Value("i", INT), stop=n, snapshots=Const(3))
>>> second = Loop([Const(1.0)], reverse, [Value("y_bar", FLOAT)], Value("i", INT), stop=n, reverse=True, mirror=first,
...               backward=True)
>>> func = Func("f", [x, n], Block([], [first, second], list(second.results)))
>>> keep_few(func.body, print)
True
>>> print(show(func))
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

from ad_compiler import runtime
from ad_compiler.copies import copied
from ad_compiler.ir import (
    UNDEFINED,
    Atom,
    Block,
    Branch,
    Const,
    Loop,
    Op,
    Stmt,
    Value,
    block_outputs,
    blocks_of,
    map_values,
    operands,
    substitute,
    values_in,
    walk,
)
from ad_compiler.kinds import BOOL, INT, Seq
from ad_compiler.read.lift import Lifter
from ad_compiler.read.regions import PUT_BACK

Refuse = Callable[[Op, str, str], None]
"""Reports a line, a message and a remedy."""


def keep_few(block: Block, refuse: Refuse) -> bool:
    """Rewrite each loop that is to keep few snapshots, and its reverse, those inside others first; were there any?"""
    found = [s for s in walk(block) if isinstance(s, Loop) and s.mirror is not None and s.mirror.snapshots is not None]
    for reverse in reversed(found):
        _Schedule(block, reverse, refuse).write()
    return bool(found)


class _Schedule:
    """A loop and its reverse, and what is written in their stead."""

    def __init__(self, block: Block, reverse: Loop, refuse: Refuse) -> None:
        loop = reverse.mirror
        assert loop is not None and loop.snapshots is not None
        self.loop, self.reverse, self.refuse, self.snapshots = loop, reverse, refuse, loop.snapshots
        self.around, self.back = holder_of(block, loop), holder_of(block, reverse)
        self.counted = loop.index is not None and loop.leave is None and not loop.trails and isinstance(loop.step, Const)
        self.from_0 = loop.index is None or is_number(loop.start, 0) and is_number(loop.step, 1)
        self.plain = self.from_0 and not loop.backward
        self.state = [*loop.body.params, Value("at", INT)]

    def write(self) -> None:
        """Forwards too, where the number of steps is known before; else the reverse begins with the first state."""
        loop, lifter = self.loop, self.lifter(not self.counted)
        inits: list[Atom] = [*loop.inits, Const(0)]
        stacks = {}
        for at, (init, like) in enumerate(zip(inits, self.state, strict=True)):
            if init is not UNDEFINED:
                first = [] if self.counted else [init]      # forwards each state is put there when it is reached
                (stack,) = lifter.emit(runtime.make_list, (first,), {}, [Seq(like.kind)])
                stacks[at] = named(stack, f"{like.hint or 'state'}_kept")
        if self.counted:
            step = Step(loop.index, Block(loop.body.params, list(loop.body.ops), list(loop.body.results)))
            going = self.going(lifter, self.trips(lifter), inits, stacks, step)
            going.results[:len(loop.results)] = loop.results
            stacks = dict(zip(stacks, going.results[len(inits):], strict=True))
            put(self.around, loop, [*lifter.block.ops, going])
        else:
            put(self.back, self.reverse, [*lifter.block.ops, self.reverse])
        self.backwards(stacks)

    def lifter(self, reverse: bool) -> Lifter:
        made = Lifter(Block(), watching=False, reverse=reverse)
        made.fixed_origin = self.loop.origin
        return made

    def going(self, lifter: Lifter, target: Atom, states: list[Atom], stacks: dict[int, Value], step: Step) -> Loop:
        """Until the state is that before step number `target`: keep it, and go on as far as the schedule says."""
        params = [Value(p.hint, p.kind) for p in self.state]
        tops = {at: Value(stack.hint, stack.kind) for at, stack in stacks.items()}
        inside = self.lifter(lifter.reverse)
        inside.block.params = [*params, *tops.values()]
        grown = [named(inside.emit(runtime.list_append, (top, params[at]), {}, [top.kind])[0], top.hint)
                 for at, top in tops.items()]
        free = inside.apply(operator.sub, [self.snapshots, inside.apply(len, [grown[-1]])])
        left = inside.apply(operator.sub, [target, params[-1]])
        (steps,) = inside.emit(runtime.steps_ahead, (left, free), {}, [INT])
        stop = named(inside.apply(operator.add, [params[-1], steps]), "ahead")
        number, inner = self.counting(step)
        on = Loop(list(params[:-1]), inner, [Value(p.hint, p.kind) for p in params[:-1]], number, params[-1], stop,
                  origin=self.loop.origin, reverse=lifter.reverse, snapshots=self.snapshots)
        inside.block.ops.append(on)
        inside.block.results = [*on.results, stop, *grown]
        cond = Block()
        cond.results = [cond.emit(operator.lt, params[-1], target, kind=BOOL)]
        return Loop([*states, *stacks.values()], inside.block, [Value(p.hint, p.kind) for p in inside.block.params],
                    cond=cond, origin=self.loop.origin, reverse=lifter.reverse)

    def counting(self, step: Step) -> tuple[Value, Block]:
        """A step for its number, counted from 0."""
        if step.index is None:
            return Value("k", INT), step.block
        if self.plain:
            return step.index, step.block
        number = Value("k", INT)
        return number, Block(step.block.params, [*self.indexed(number, step.index), *step.block.ops],
                             step.block.results)

    def indexed(self, number: Atom, index: Value) -> list[Stmt]:
        """`index = start + number * step`; in a loop that runs backward the last number is that of the start."""
        inside, value = self.lifter(False), number
        if self.loop.backward:
            value = self.mirrored(inside, number)
        block = inside.block
        if not is_number(self.loop.step, 1):
            value = block.emit(operator.mul, value, self.loop.step, kind=INT)
        return [*block.ops, Op(operator.add, (self.loop.start, value), {}, [index], self.loop.origin)]

    def trips(self, lifter: Lifter) -> Atom:
        """How many steps there are; none where this is below 0."""
        if self.from_0:
            return self.loop.stop
        step = self.loop.step
        assert isinstance(step, Const)
        span = lifter.apply(operator.sub, [self.loop.stop, self.loop.start])
        if step.value == 1:
            return span     # type: ignore[no-any-return]
        more = lifter.apply(operator.add, [span, Const(step.value - (1 if step.value > 0 else -1))])
        return lifter.apply(operator.floordiv, [more, step])    # type: ignore[no-any-return]

    def backwards(self, stacks: dict[int, Value]) -> None:
        """The reverse loop takes the last state, goes on from there, does one step once more, and reverses that."""
        loop, reverse, lifter = self.loop, self.reverse, self.lifter(True)
        assert reverse.index is not None
        carried = {at: Value(stack.hint, stack.kind) for at, stack in stacks.items()}
        states: list[Atom] = [UNDEFINED] * len(self.state)
        rest = {}
        for at, stack in carried.items():
            popped = lifter.emit(runtime.list_pop, (stack,), {}, [stack.kind, self.state[at].kind])
            rest[at], states[at] = named(popped[0], stack.hint), named(popped[1], self.state[at].hint)
        going = self.going(lifter, self.number(lifter), states, rest, self.once_more())
        reached: list[Atom] = [UNDEFINED if init is UNDEFINED else result
                               for init, result in zip(loop.inits, going.results, strict=False)]
        now: dict[Value, Atom] = dict(zip(loop.body.params, reached, strict=True))
        index: list[Stmt] = []
        if loop.index is not None and self.counted:
            now[loop.index] = reverse.index
        elif loop.index is not None:
            here = Value(loop.index.hint, loop.index.kind)
            now[loop.index], index = here, self.indexed(reverse.index, here)
        step = again(loop.body.ops, now, self.refuse, reverse.body)
        substitute(reverse.body, now)
        reverse.body.ops[:0] = [*lifter.block.ops, going, *index, *step]
        reverse.mirror, reverse.snapshots = None, self.snapshots
        reverse.inits += stacks.values()
        reverse.body.params += carried.values()
        reverse.body.results += going.results[len(self.state):]
        reverse.results += [Value(v.hint, v.kind) for v in carried.values()]

    def number(self, lifter: Lifter) -> Atom:
        """The number of the step that is reversed, counted from 0."""
        number: Atom = self.reverse.index       # type: ignore[assignment]
        if self.counted and not is_number(self.loop.start, 0):
            number = lifter.apply(operator.sub, [number, self.loop.start])
        if self.counted and not is_number(self.loop.step, 1):
            number = lifter.apply(operator.floordiv, [number, self.loop.step])
        return self.mirrored(lifter, number) if self.loop.backward else number

    def mirrored(self, lifter: Lifter, number: Atom) -> Atom:
        """The number of a step counted from the other end."""
        last = lifter.apply(operator.sub, [self.trips(lifter), Const(1)])
        return lifter.apply(operator.sub, [last, number])       # type: ignore[no-any-return]

    def once_more(self) -> Step:
        """One step, with values of its own."""
        body = self.loop.body
        params = [Value(p.hint, p.kind) for p in body.params]
        now: dict[Value, Atom] = dict(zip(body.params, params, strict=True))
        index = None
        if self.loop.index is not None:
            now[self.loop.index] = index = Value(self.loop.index.hint, self.loop.index.kind)
        ops = again(body.ops, now, self.refuse, Block([], [], body.results))
        return Step(index, Block(params, ops, map_values(body.results, lambda v: now.get(v, v))))


class Step(NamedTuple):
    """What a loop does in one iteration: the state before it are the block's parameters, that after it its results."""

    index: Value | None
    block: Block


def again(stmts: list[Stmt], now: dict[Value, Atom], refuse: Refuse, after: Block) -> list[Stmt]:
    """Statements once more, `now` as for `copied`; what only shows something, or may raise, has done so.

    `after` is what reads them; what is reversed there are these from now on.
    """
    made = copied(stmts, now)
    twins = dict(zip(walk(Block([], stmts)), walk(Block([], made)), strict=True))
    read = set(values_in(after.results))
    for stmt in (*twins, *walk(after)):
        read.update(operands(stmt))
        read.update(v for block in blocks_of(stmt) for v in block_outputs(block, stmt))
    shown: set[Stmt] = set()
    for old, new in twins.items():
        new.reverse = True
        if not isinstance(old, Op) or not old.effect:
            continue
        if read.isdisjoint(old.results):
            shown.add(new)
        elif old.fn not in PUT_BACK:
            refuse(old, f"`{getattr(old.fn, '__name__', 'this')}` may give something else when it is done once more",
                   "do it before, where few states are kept")
    for block in (b for stmt in twins.values() for b in blocks_of(stmt)):
        block.ops = [s for s in block.ops if s not in shown]
    for stmt in walk(after):
        if isinstance(stmt, (Loop, Branch)) and stmt.mirror in twins:
            stmt.mirror = twins[stmt.mirror]        # type: ignore[assignment]
    return [s for s in made if s not in shown]


def holder_of(block: Block, stmt: Stmt) -> Block:
    """The block in which a statement stands."""
    return next(b for b in (block, *(b for s in walk(block) for b in blocks_of(s))) if any(s is stmt for s in b.ops))


def put(block: Block, stmt: Stmt, instead: list[Stmt]) -> None:
    """Put statements in the place of one."""
    at = next(i for i, s in enumerate(block.ops) if s is stmt)
    block.ops[at:at + 1] = instead


def named(value: Any, hint: str) -> Any:
    """A value, called so."""
    if isinstance(value, Value):
        value.hint = hint
    return value


def is_number(atom: Atom, number: int) -> bool:
    return isinstance(atom, Const) and atom.value == number
